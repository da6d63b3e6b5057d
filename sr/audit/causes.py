"""Why printed numbers disagree: the known causes, kept as data beside the papers, linked to what is found."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from sr.audit.disagreements import Alias, Disagreement, Kind
from sr.config import Strict, load_model, nearest
from sr.errors import InputError
from sr.papers.claims import Judgement
from sr.papers.published import Cell
from sr.project import papers, root

Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]
Confidence = Literal["shown", "likely", "open"]


class Selector(Strict):
    """Cells of a paper's file: those that agree with everything given here."""

    items: Texts = ()
    datasets: Texts = ()
    methods: Texts = ()
    metrics: Texts = ()
    printed: Texts = ()

    def __contains__(self, cell: Cell) -> bool:
        wanted = (self.items, self.datasets, self.methods, self.metrics, self.printed)
        actual = (cell.item, cell.dataset, cell.method, cell.metric, cell.printed)
        return all(not names or name in names for names, name in zip(wanted, actual, strict=True))


class Inconsistency(Strict):
    """One thing that does not fit, its cause, and how sure the cause is.

    kinds and cells name the disagreements it explains, claims the claims; without either it was found by
    reading, and no program can find it. Confidence: shown (computed, or follows from the printed numbers),
    likely (fits the evidence), open (no cause known).
    """

    id: str
    place: str
    says: str
    against: str
    cause: str
    confidence: Confidence
    kinds: tuple[Kind, ...] = Field((), description="the kinds of disagreement that it explains")
    cells: tuple[Selector, ...] = Field((), description="the cells of those disagreements")
    claims: Texts = Field((), description="ids of claims that show it")

    @model_validator(mode="after")
    def _cells_with_kinds(self) -> "Inconsistency":
        if bool(self.kinds) != bool(self.cells):
            raise ValueError(f"{self.id}: 'kinds' and 'cells' belong together")
        return self


class Inconsistencies(Strict):
    """One inconsistencies.yaml: other names of a paper's methods, and what does not fit."""

    aliases: tuple[Alias, ...] = ()
    inconsistencies: tuple[Inconsistency, ...]


@dataclass(frozen=True)
class Cause:
    """A known inconsistency with everything the program found about it. paper is None between papers."""

    paper: str | None
    known: Inconsistency
    disagreements: tuple[Disagreement, ...]
    judgements: tuple[Judgement, ...]

    @property
    def by_reading(self) -> bool:
        """Whether only a reader can find it: it is about words, settings or code, not about results."""
        return not (self.known.kinds or self.known.claims)


def load_inconsistencies() -> dict[str | None, Inconsistencies]:
    """Every inconsistencies.yaml: per paper, and under None the one that compares papers."""
    files: dict[str | None, Path] = {None: root() / "replications" / "inconsistencies.yaml"}
    files.update({paper: root() / "replications" / paper / "inconsistencies.yaml" for paper in papers()})
    return {paper: load_model(path, Inconsistencies) for paper, path in files.items() if path.is_file()}


def link(
    known: dict[str | None, Inconsistencies],
    disagreements: Iterable[Disagreement],
    judgements: Iterable[Judgement],
) -> list[Cause]:
    """Each known inconsistency with the disagreements and claims that show it.

    Raises InputError for an entry that names a claim which does not exist, or cells that do not disagree.
    """
    found, claims = list(disagreements), {judgement.claim.id: judgement for judgement in judgements}
    causes = []
    for paper, file in known.items():
        for entry in file.inconsistencies:
            explained = tuple(one for one in found if _explains(entry, paper, one))
            if entry.cells and not explained:
                raise InputError(f"{entry.id}: the cells it speaks of do not disagree; correct or remove it.")
            causes.append(
                Cause(paper, entry, explained, tuple(_claim(entry, name, claims) for name in entry.claims))
            )
    return causes


def unexplained(disagreements: Iterable[Disagreement], causes: Iterable[Cause]) -> list[Disagreement]:
    """The disagreements that no known inconsistency speaks of: open."""
    known = {one for cause in causes for one in cause.disagreements}
    return [one for one in disagreements if one not in known]


def _explains(entry: Inconsistency, paper: str | None, disagreement: Disagreement) -> bool:
    own = [cell for cell in disagreement.cells if paper in (None, cell.paper)]
    return disagreement.kind in entry.kinds and any(cell in chosen for cell in own for chosen in entry.cells)


def _claim(entry: Inconsistency, name: str, claims: dict[str, Judgement]) -> Judgement:
    if name not in claims:
        raise InputError(f"{entry.id}: no claim '{name}'; {nearest(name, list(claims))}")
    return claims[name]
