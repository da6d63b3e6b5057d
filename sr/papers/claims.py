"""What the papers say about their numbers: replications/<paper>/claims.yaml, judged on printed cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from sr.config import Strict, load_model
from sr.errors import InputError
from sr.papers.claim_language import Comparison, PrintedNumbers, ShownComparison
from sr.papers.claim_terms import Atom, unfold
from sr.papers.published import Cell, load_published
from sr.project import paper_folder, papers

DECIDED_BY_PRINTED_NUMBERS = ("numeric", "arithmetic", "consistency")
NEEDS_MEASUREMENT = ("measurable", "visual")

# all; more than half; at least one; or more than half of each metric's.
Rule = Literal["all", "majority", "any", "most of each metric"]


class Claim(Strict):
    """One claim: the paper's statement as left, relation, right, and how it can be decided."""

    id: str
    place: str
    left: str
    relation: str
    right: str
    kind: Literal["numeric", "arithmetic", "consistency", "measurable", "visual", "undecidable"]
    rule: Rule = Field("all", description="how many single comparisons must hold")
    comparisons: list[Comparison] = Field(
        [], description="the machine-checkable form; of a measurable or visual claim, a printed proxy"
    )
    measured: list[Comparison] = Field(
        [], description="what to measure instead; a method without `item` is a recipe or a baseline"
    )
    shown: list[ShownComparison] = Field([], description="facts of figures that decide it")
    proxy: str | None = Field(None, description="what is measured in the claim's place, in words")
    needs: str | None = Field(None, description="why scores of images do not decide it, and what would")
    own_training_sets: bool = Field(
        False, description="it is about training sets: runs on other sets than the recipe's do not count"
    )
    reason: str | None = Field(None, description="why no program can decide it")
    chosen: str | None = Field(
        None, description="what the encoding adds to the paper's words, such as a tolerance"
    )
    note: str | None = Field(None, description="what a reader of the verdict should know")

    @model_validator(mode="after")
    def _decidable_or_reasoned(self) -> "Claim":
        if self.kind in DECIDED_BY_PRINTED_NUMBERS and not self.comparisons:
            raise ValueError(f"claim {self.id} is {self.kind} and needs comparisons")
        if (self.kind == "undecidable") != (self.reason is not None):
            raise ValueError(f"claim {self.id}: an undecidable claim, and no other, needs a reason")
        ways = [bool(way) for way in (self.measured, self.shown, self.needs)]
        if self.kind in NEEDS_MEASUREMENT and sum(ways) != 1:
            raise ValueError(
                f"claim {self.id}: say what is measured or shown, or else with needs why nothing can be"
            )
        if bool(self.measured) != bool(self.proxy) and self.kind == "visual":
            raise ValueError(f"claim {self.id}: what is measured of a visual claim is a proxy; say of what")
        return self


class Claims(Strict):
    """One claims.yaml: named groups of methods, datasets or metrics, and the claims."""

    groups: dict[str, list[str]] = Field({}, description="names that stand for several, written @name")
    claims: list[Claim]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "Claims":
        ids = [claim.id for claim in self.claims]
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            raise ValueError(f"claim {repeated[0]} stands there twice")
        return self


@dataclass(frozen=True)
class Judgement:
    """A claim with every single comparison behind it. Claims that need models or eyes have no comparison."""

    paper: str
    claim: Claim
    atoms: tuple[Atom, ...]

    @property
    def failing(self) -> list[Atom]:
        """The single comparisons that do not hold."""
        return [atom for atom in self.atoms if not atom.holds]

    @property
    def holds(self) -> bool | None:
        """Whether the claim holds by its rule; None where the printed numbers do not decide it."""
        if self.claim.kind not in DECIDED_BY_PRINTED_NUMBERS:
            return None
        return holds(self.claim.rule, [(atom.metric, atom.holds) for atom in self.atoms])

    @property
    def tally(self) -> str:
        """`k/n hold`, or what the claim needs instead."""
        if self.atoms:
            return f"{len(self.atoms) - len(self.failing)}/{len(self.atoms)} hold"
        return self.claim.reason or "needs a measurement"


def needed(rule: Rule, count: int) -> int:
    """How many of some single comparisons must hold; of `most of each metric`, of those of one metric."""
    return {"all": count, "any": 1}.get(rule, count // 2 + 1)


def holds(rule: Rule, outcomes: Sequence[tuple[str, bool]]) -> bool:
    """Whether a claim holds whose single comparisons, with their metric, came out so."""
    if rule == "most of each metric":
        metrics = {metric for metric, _ in outcomes}
        return all(holds("majority", [one for one in outcomes if one[0] == metric]) for metric in metrics)
    return sum(held for _, held in outcomes) >= needed(rule, len(outcomes))


def load_claims(paper: str) -> Claims:
    """The claims of one paper. Raises InputError naming file and key when the file is malformed."""
    return load_model(_path(paper), Claims)


def judge(paper: str, claims: Claims, cells: Iterable[Cell]) -> list[Judgement]:
    """Every claim of a paper judged on `cells`: the printed ones, or measured ones under the same keys.

    Raises InputError naming the claim when it speaks of a cell that is not among them.
    """
    table = PrintedNumbers(paper, {cell.key: cell for cell in cells}, claims.groups)
    return [Judgement(paper, claim, _atoms(claim, table)) for claim in claims.claims]


def judge_printed(paper: str) -> list[Judgement]:
    """Every claim of a paper judged on the paper's own printed numbers."""
    return judge(paper, load_claims(paper), load_published(paper))


def judge_all() -> list[Judgement]:
    """Every claim of every paper judged on the printed numbers."""
    return [judgement for paper in papers() for judgement in judge_printed(paper)]


def _atoms(claim: Claim, table: PrintedNumbers) -> tuple[Atom, ...]:
    try:
        return tuple(atom for comparison in claim.comparisons for atom in unfold(comparison, table))
    except InputError as error:
        raise InputError(f"{_path(table.paper)}, claim {claim.id}: {error}") from error


def _path(paper: str) -> Path:
    return paper_folder(paper) / "claims.yaml"
