"""The sides of a claim's comparisons as functions of measured means, so that a bootstrap can draw them.

`sr.papers.claim_language` reads the same terms on printed numbers; here nothing is looked up yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Literal, NamedTuple

import numpy as np

from sr.papers.arithmetic import evaluate
from sr.papers.claim_language import Comparison, Place, Table, Term, symbol


class Subject(NamedTuple):
    """What is measured: a method (of a table, or a recipe where item is empty) on a dataset."""

    item: str
    dataset: str
    method: str


Means = Mapping[Subject, np.ndarray]


@dataclass(frozen=True)
class Quantity:
    """One side: a form over subjects. sign: 1 where higher is better, -1 where lower is."""

    name: str
    form: Literal["method", "number", "best", "gap", "lead", "better_than"]
    subjects: tuple[Subject, ...]
    sign: int = 1
    number: float = 0.0

    def of(self, means: Means) -> np.ndarray:
        """The side's value for each draw of `means` (subject -> one mean for each draw)."""
        values = [means[subject] for subject in self.subjects]
        if self.form == "number":
            return np.asarray(self.number)
        if self.form == "method":
            return values[0]
        if self.form == "best":
            return _best(values, self.sign)
        if self.form == "gap":
            return np.abs(values[0] - values[1])
        if self.form == "lead":
            return self.sign * (values[0] - _best(values[1:], self.sign))
        return np.sum([self.sign * value > self.sign * values[0] for value in values[1:]], axis=0)

    def coefficients(self, means: Mapping[Subject, float]) -> dict[Subject, float] | None:
        """Weights with which the side is a sum of its subjects at these means; None for a count.

        The best of several is the one that is best here, a gap has the sign it has here.
        """
        values = [means[subject] for subject in self.subjects]
        if self.form == "number":
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
    """One single comparison: left RELATION right on a metric; the relation is one of < > <= >= = ~."""

    metric: str
    dataset: str
    left: Quantity
    relation: str
    right: Quantity
    tolerance: float = 0.0

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Everything that has to be measured for it, each once."""
        return tuple(dict.fromkeys(self.left.subjects + self.right.subjects))

    def __str__(self) -> str:
        relation = f"within {self.tolerance:g} of" if self.relation == "~" else self.relation
        return f"{self.metric} {self.dataset}: {self.left.name} {relation} {self.right.name}"


def singles(comparison: Comparison, table: Table) -> list[Single]:
    """Every single comparison that `comparison` stands for; those of bare numbers need no measurement
    and are left out.
    """
    found = []
    metrics, datasets = table.names(comparison.metrics), table.names(comparison.datasets) or [""]
    for metric, dataset in product(metrics, datasets):
        place = Place(table, metric, comparison.item or "", dataset)
        relation = symbol(comparison.relation, place)
        for left, right in product(_sides(comparison.left, place), _sides(comparison.right, place)):
            if left != right:
                tolerance = float(comparison.tolerance or 0)
                found.append(Single(metric, dataset, left, relation, right, tolerance))
    return found


def _sides(term: Term, outer: Place) -> Iterator[Quantity]:
    table = outer.table
    place = Place(table, outer.metric, term.item or outer.item, term.dataset or outer.dataset)
    if term.number is not None or term.expression is not None:
        text = term.number or term.expression or ""
        yield Quantity(text, "number", (), number=float(Decimal(evaluate(text))))
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


def _best(values: list[np.ndarray], sign: int) -> np.ndarray:
    return sign * np.max(sign * np.array(values), axis=0)
