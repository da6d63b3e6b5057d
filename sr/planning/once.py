"""Answers that an object gives more than once."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


def once(method: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """A method that an object computes once for the same arguments, and forgets when it goes.

    Callers share the value and must not change it.
    """
    name = f"_known_{method.__name__}"

    @wraps(method)
    def computed_once(*arguments: Arguments.args, **named: Arguments.kwargs) -> Value:
        owner, *others = arguments
        known: dict[Any, Value] = vars(owner).setdefault(name, {})
        key = (*others, *named.items())
        if key not in known:
            known[key] = method(*arguments, **named)
        return known[key]

    return computed_once
