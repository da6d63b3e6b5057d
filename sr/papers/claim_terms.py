"""One evaluator of the comparison language: single comparisons, and the values of their sides.

Printed numbers are evaluated exactly, as decimals; measured means as arrays, one value for each draw.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np

from sr.papers.arithmetic import evaluate
from sr.papers.claim_language import Comparison, Place, PrintedNumbers, Term, symbol
from sr.papers.published import Cell

Form = Literal["method", "number", "expression", "best", "gap", "lead", "better_than"]


class Subject(NamedTuple):
    """What is measured: a method (of a table, or a recipe where item is empty) on a dataset."""

    item: str
    dataset: str
    method: str


@dataclass(frozen=True)
class Quantity:
    """One side: a form over subjects. sign: 1 where higher is better, -1 where lower is."""

    name: str
    form: Form
    subjects: tuple[Subject, ...]
    sign: int = 1
    number: Decimal = Decimal(0)

    def of(self, values: Mapping[Subject, Any], real: Callable[[Decimal], Any] = float) -> Any:
        """The side's value where each subject has the given one: decimals, floats or arrays of draws.

        real: makes a literal number of the values' kind.
        """
        found = [values[subject] for subject in self.subjects]
        if self.form in ("number", "expression"):
            return real(self.number)
        if self.form == "method":
            return found[0]
        if self.form == "best":
            return _best(found, self.sign)
        if self.form == "gap":
            return abs(found[0] - found[1])
        if self.form == "lead":
            return self.sign * (found[0] - _best(found[1:], self.sign))
        # How many of the others are better than the first.
        return sum(1 * (self.sign * value > self.sign * found[0]) for value in found[1:])

    def coefficients(self, means: Mapping[Subject, float]) -> dict[Subject, float] | None:
        """Weights with which the side is a sum of its subjects at these means; None for a count.

        The best of several is the one that is best here, a gap has the sign it has here.
        """
        values = [means[subject] for subject in self.subjects]
        if self.form in ("number", "expression"):
            return {}
        if self.form == "method":
            return {self.subjects[0]: 1.0}
        if self.form == "best":
            return {self.subjects[int(np.argmax(self.sign * np.array(values)))]: 1.0}
        if self.form == "gap":
            sign = 1.0 if values[0] >= values[1] else -1.0
            return {self.subjects[0]: sign, self.subjects[1]: -sign}
        if self.form == "lead":
            best = self.subjects[1 + int(np.argmax(self.sign * np.array(values[1:])))]
            return {self.subjects[0]: float(self.sign), best: -float(self.sign)}
        return None


@dataclass(frozen=True)
class Single:
    """One single comparison: left RELATION right on a metric; the relation is one of < > <= >= = ~.

    The metric is empty where bare numbers are compared.
    """

    metric: str
    dataset: str
    left: Quantity
    relation: str
    right: Quantity
    tolerance: Decimal | None = None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Everything whose value it needs, each once."""
        return tuple(dict.fromkeys(self.left.subjects + self.right.subjects))

    def __str__(self) -> str:
        relation = self.relation if self.tolerance is None else f"within {float(self.tolerance):g} of"
        return f"{self.metric} {self.dataset}: {self.left.name} {relation} {self.right.name}"


@dataclass(frozen=True)
class Operand:
    """One side evaluated: what it is, in short and as a full reference, and its number."""

    name: str
    reference: str
    value: Decimal
    printed: str

    def __str__(self) -> str:
        if self.printed:
            return self.name if self.name == self.printed else f"{self.name} {self.printed}"
        number = f"{self.value:.6g}"
        return number if number == self.name else f"{self.name} ({number})"


@dataclass(frozen=True)
class Atom:
    """One single comparison of two printed numbers."""

    metric: str
    dataset: str
    left: Operand
    relation: str
    right: Operand
    holds: bool
    tolerance: Decimal | None = None

    def __str__(self) -> str:
        place = " ".join(filter(None, (self.metric, self.dataset)))
        relation = self.relation if self.tolerance is None else f"within {self.tolerance} of"
        verb = "" if self.holds else "is not "
        sides = f"{self.left} {verb}{relation} {self.right}"
        return f"{place}: {sides}" if place else sides


def singles(comparison: Comparison, table: PrintedNumbers) -> list[Single]:
    """Every single comparison that `comparison` stands for. Raises InputError for a group nobody declared."""
    found = []
    metrics, datasets = table.names(comparison.metrics) or [""], table.names(comparison.datasets) or [""]
    for metric, dataset in product(metrics, datasets):
        place = Place(table, metric, comparison.item or "", dataset)
        relation = symbol(comparison.relation, place)
        for left, right in product(_sides(comparison.left, place), _sides(comparison.right, place)):
            if left != right:
                found.append(Single(metric, dataset, left, relation, right, comparison.tolerance))
    return found


def unfold(comparison: Comparison, table: PrintedNumbers) -> list[Atom]:
    """The same on printed numbers. Raises InputError for cells nobody printed."""
    return [_printed(single, table) for single in singles(comparison, table)]


def compare(left: Decimal, relation: str, right: Decimal, tolerance: Decimal | None = None) -> bool:
    """Whether `left RELATION right` holds; `~` means within the tolerance, its edges included."""
    if relation == "~":
        assert tolerance is not None
        return abs(left - right) <= tolerance
    if relation == "=":
        return left == right
    if relation == "!=":
        return left != right
    if relation.endswith("=") and left == right:
        return True
    return left < right if relation.startswith("<") else left > right


def _printed(single: Single, table: PrintedNumbers) -> Atom:
    cells = {
        subject: Place(table, single.metric, subject.item, subject.dataset).cell(subject.method)
        for subject in single.subjects
    }
    left, right = (_operand(side, single.metric, table, cells) for side in (single.left, single.right))
    holds = compare(left.value, single.relation, right.value, single.tolerance)
    return Atom(single.metric, single.dataset, left, single.relation, right, holds, single.tolerance)


def _operand(side: Quantity, metric: str, table: PrintedNumbers, cells: Mapping[Subject, Cell]) -> Operand:
    value = side.of({subject: Decimal(cell.printed) for subject, cell in cells.items()}, real=Decimal)
    if side.form in ("number", "expression"):
        return Operand(side.name, side.name, value, side.name if side.form == "number" else "")
    first = side.subjects[0]
    if side.form == "method":
        return Operand(side.name, str(cells[first]), value, cells[first].printed)
    reference = f"{side.name} of {metric}{{{table.paper}/{first.item}; {first.dataset}}}"
    return Operand(side.name, reference, Decimal(value), "")


def _sides(term: Term, outer: Place) -> Iterator[Quantity]:
    table = outer.table
    place = Place(table, outer.metric, term.item or outer.item, term.dataset or outer.dataset)
    if term.number is not None:
        yield Quantity(term.number, "number", (), number=evaluate(term.number))
    elif term.expression is not None:
        yield Quantity(term.expression, "expression", (), number=evaluate(term.expression))
    elif term.gap is not None:
        yield from _gaps(table.names(term.gap[0]), table.names(term.gap[1]), place)
    elif term.method is not None:
        yield from (_method(name, place) for name in table.names(term.method))
    elif term.noted is not None:
        among = table.names(term.among or [])
        yield from (_method(name, place) for name in among if term.noted in place.cell(name).note)
    else:
        yield _of_several(term, table.names(term.best or term.over or term.among or []), place)


def _gaps(left: Sequence[str], right: Sequence[str], place: Place) -> Iterator[Quantity]:
    pairs = dict.fromkeys(tuple(sorted(pair)) for pair in product(left, right) if pair[0] != pair[1])
    for first, second in pairs:
        name = f"|{first} - {second}|"
        yield Quantity(name, "gap", (_subject(first, place), _subject(second, place)))


def _of_several(term: Term, methods: list[str], place: Place) -> Quantity:
    if term.best is not None:
        subjects = tuple(_subject(name, place) for name in methods)
        return Quantity(f"best of {', '.join(methods)}", "best", subjects, place.sign())
    hero = term.lead or term.better_than or ""
    others = [name for name in methods if name != hero]
    subjects = tuple(_subject(name, place) for name in (hero, *others))
    if term.lead is not None:
        return Quantity(f"lead of {hero} over {', '.join(others)}", "lead", subjects, place.sign())
    return Quantity(f"methods better than {hero}", "better_than", subjects, place.sign())


def _method(name: str, place: Place) -> Quantity:
    return Quantity(name, "method", (_subject(name, place),))


def _subject(method: str, place: Place) -> Subject:
    return Subject(place.item, place.dataset, method)


def _best(values: list[Any], sign: int) -> Any:
    """The best of some values; of arrays, of each draw by itself."""
    if isinstance(values[0], np.ndarray):
        return sign * np.max(sign * np.array(values), axis=0)
    return max(values, key=lambda value: sign * value)
