"""The comparison language of claims.yaml: what may stand on either side, and where names are looked up.

A side is a term. A bare text is a method, a list is each of its methods, a number is itself; `@name` stands
for a group of names declared at the top of the file. The other terms are written as a mapping with one of
the keys `best`, `gap`, `lead`, `better_than`, `noted`, `expression` (see `Term`). A comparison unfolds over
all its metrics, datasets, left and right operands; nothing is compared with itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sr.config import Strict, nearest
from sr.errors import InputError
from sr.papers.published import HIGHER_IS_BETTER, LOWER_IS_BETTER, Cell

Key = tuple[str, str, str, str, str]
Names = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
Relation = Literal["<", ">", "<=", ">=", "=", "!=", "~", "better", "as good"]

FORMS = ("method", "number", "best", "gap", "lead", "better_than", "noted", "expression")


def _as_mapping(value: Any) -> Any:
    if isinstance(value, str | list):
        return {"method": value}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"number": str(value)}
    return value


class Term(Strict):
    """One side of a comparison; exactly one of the forms is given."""

    method: Names | None = Field(None, description="each of these methods' printed numbers")
    number: str | None = Field(None, description="a number as it is")
    best: Names | None = Field(None, description="the best of these methods by the metric's direction")
    gap: tuple[Names, Names] | None = Field(None, description="|a - b| for each a and b of the two lists")
    lead: str | None = Field(None, description="how far this method is ahead of the best of `over`")
    better_than: str | None = Field(None, description="how many of `among` are better than this method")
    noted: str | None = Field(None, description="each method of `among` whose printed cell carries this note")
    expression: str | None = Field(None, description="arithmetic on literal numbers")
    over: Names | None = Field(None, description="the methods that `lead` is measured against")
    among: Names | None = Field(None, description="the methods that `better_than` or `noted` looks at")
    item: str | None = Field(None, description="the table or figure, where it is not the comparison's")
    dataset: str | None = Field(None, description="the dataset, where it is not the comparison's")

    @model_validator(mode="after")
    def _one_form(self) -> "Term":
        given = [name for name in FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(FORMS)}, not {', '.join(given) or 'none'}")
        if (self.lead is None) != (self.over is None):
            raise ValueError("'lead' and 'over' belong together")
        if (self.better_than is None and self.noted is None) != (self.among is None):
            raise ValueError("'among' belongs to 'better_than' or 'noted'")
        return self


def _check_tolerance(relation: str, tolerance: Decimal | None) -> None:
    if (relation == "~") != (tolerance is not None):
        raise ValueError("relation '~' needs a tolerance, and no other relation takes one")


Side = Annotated[Term, BeforeValidator(_as_mapping)]


class Comparison(Strict):
    """left RELATION right, for each metric and dataset; `better`, `as good` know the metric's direction."""

    item: str | None = None
    metrics: Names = Field([], description="each of these; none for plain arithmetic")
    datasets: Names = Field([], description="each of these; none where the terms name their own")
    left: Side
    relation: Relation
    right: Side
    tolerance: Decimal | None = None

    @model_validator(mode="after")
    def _tolerance_where_needed(self) -> "Comparison":
        _check_tolerance(self.relation, self.tolerance)
        return self


class ShownComparison(Strict):
    """left RELATION right for facts of a figure of the paper; right may be a number."""

    figure: str
    left: str
    relation: Literal["<", ">", "<=", ">=", "=", "~"]
    right: str | float
    tolerance: Decimal | None = None

    @model_validator(mode="after")
    def _tolerance_where_needed(self) -> "ShownComparison":
        _check_tolerance(self.relation, self.tolerance)
        return self


@dataclass(frozen=True)
class PrintedNumbers:
    """Where a paper's numbers are looked up: all its cells, and the groups of names its claims use."""

    paper: str
    cells: Mapping[Key, Cell]
    groups: Mapping[str, Sequence[str]]

    def names(self, written: Sequence[str]) -> list[str]:
        """The names with every `@group` unfolded. Raises InputError for an unknown group."""
        unfolded: list[str] = []
        for name in written:
            if not name.startswith("@"):
                unfolded.append(name)
            elif name[1:] in self.groups:
                unfolded.extend(self.groups[name[1:]])
            else:
                raise InputError(f"no group '{name[1:]}'; {nearest(name[1:], list(self.groups))}")
        return unfolded


@dataclass(frozen=True)
class Place:
    """The metric, item and dataset that a term is read at."""

    table: PrintedNumbers
    metric: str
    item: str
    dataset: str

    def cell(self, method: str) -> Cell:
        """The printed cell of a method here. Raises InputError with the nearest method when there is none."""
        key = (self.table.paper, self.item, self.dataset, method, self.metric)
        if key not in self.table.cells:
            wanted = f"{self.metric}{{{self.table.paper}/{self.item}; {self.dataset}; {method}}}"
            here = [other[3] for other in self.table.cells if other[:3] == key[:3] and other[4] == key[4]]
            raise InputError(f"published.csv has no {wanted}; {nearest(method, here)}")
        return self.table.cells[key]

    def sign(self) -> int:
        """1 where higher is better, -1 where lower is. Raises InputError for a metric without a direction."""
        if self.metric not in HIGHER_IS_BETTER | LOWER_IS_BETTER:
            raise InputError(f"'{self.metric}' has no better and worse; use <, > or =.")
        return 1 if self.metric in HIGHER_IS_BETTER else -1


def symbol(relation: Relation, place: Place) -> str:
    """The relation as a sign; `better` and `as good` by the direction of the place's metric."""
    if relation not in ("better", "as good"):
        return relation
    return (">" if place.sign() > 0 else "<") + ("" if relation == "better" else "=")
