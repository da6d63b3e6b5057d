"""Arithmetic written as text, such as `26 * (100*9 + 14*9)`: numbers, + - * / **, brackets, nothing else."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException

from sr.errors import InputError

OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def evaluate(text: str) -> Decimal:
    """The value of an arithmetic expression in decimal numbers (0.1 is exactly 0.1).

    Raises InputError for anything that is not arithmetic on literal numbers.
    """
    try:
        return _value(ast.parse(text.strip(), mode="eval").body, text.strip())
    except (SyntaxError, TypeError, KeyError, DecimalException) as error:
        raise InputError(
            f"'{text}' is not arithmetic on numbers; use digits, + - * / ** and brackets."
        ) from error


def _value(node: ast.expr, text: str) -> Decimal:
    if isinstance(node, ast.BinOp):
        return OPERATIONS[type(node.op)](_value(node.left, text), _value(node.right, text))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, text)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Decimal(str(ast.get_source_segment(text, node)))
    raise TypeError(f"{type(node).__name__} is not allowed")
