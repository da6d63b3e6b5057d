"""Measured claims on disk: two CSV files, and a page for people by the templates beside this file."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sr.claims.needed import what_it_takes
from sr.claims.rows import (
    ClaimRow,
    ComparisonRow,
    as_csv,
    claim_row,
    comparison_rows,
    printed_word,
    statement,
)
from sr.claims.shown import TEST_OF_FACTS
from sr.claims.statistics import TEST
from sr.claims.verdicts import RANK, Atom, ClaimVerdict, Measured
from sr.files import write_json, write_text
from sr.pages.templating import environment
from sr.papers.names import title_of
from sr.verdicts.frozen import FIELD, rules

SIGNS = {
    ClaimVerdict.CONFIRMED: "✓",
    ClaimVerdict.CONTRADICTED: "✗",
    ClaimVerdict.UNDECIDED: "?",
    ClaimVerdict.NOT_RUN: "–",
}
FEW_DEVIATIONS = 3  # of a table's cell
MOST_ATOMS = 60  # a page stays readable; the file of comparisons holds them all


@dataclass(frozen=True)
class Found:
    """What was found of a claim at some budgets, which all say the same."""

    budgets: tuple[str, ...]
    one: Measured

    @property
    def names(self) -> str:
        """The budgets in words."""
        return ", ".join(self.budgets) or "none"


@dataclass(frozen=True)
class ClaimEntry:
    """One claim with what was measured of it; budgets that say the same stand together."""

    first: Measured
    found: tuple[Found, ...]

    @property
    def needed(self) -> str:
        """What it would take to decide it."""
        return what_it_takes(self.first.printed.paper, self.first.printed.claim)


@dataclass(frozen=True)
class Counts:
    """One line of the overview: how many claims of a paper have each verdict at a budget."""

    paper: str
    budget: str
    of: dict[ClaimVerdict, int]


def comparisons_path(output: Path) -> Path:
    """Where the single comparisons behind the claims in `output` lie."""
    return output.with_name(f"{output.stem}_comparisons.csv")


def write_claims(judged: Sequence[Measured], output: Path) -> None:
    """Write `output` (CSV) last, and before it its companions: comparisons, .html, .md, and .json with the
    rules that they were judged by.
    """
    comparisons = [row for one in judged for row in comparison_rows(one)]
    write_text(comparisons_path(output), as_csv(comparisons, ComparisonRow))
    for suffix in ("html", "md"):
        write_text(output.with_suffix(f".{suffix}"), render(judged, suffix))
    write_json(output.with_suffix(".json"), {FIELD: rules()})
    write_text(output, as_csv([claim_row(one) for one in judged], ClaimRow))


def render(judged: Sequence[Measured], suffix: str) -> str:
    """The claims as text of the format `suffix`: html or md."""
    papers = list(dict.fromkeys(one.printed.paper for one in judged))
    return (
        environment(suffix)
        .get_template(f"claims.{suffix}.j2")
        .render(
            title=title_of,
            counts=_counts(judged),
            papers=[
                (paper, _entries([one for one in judged if one.printed.paper == paper])) for paper in papers
            ],
            claims=len({one.printed.claim.id for one in judged}),
            verdicts=list(SIGNS),
            signs=SIGNS,
            statement=statement,
            printed=printed_word,
            shown=_shown,
            test=TEST,
            test_of_facts=TEST_OF_FACTS,
            most=MOST_ATOMS,
            few=FEW_DEVIATIONS,
        )
    )


def _counts(judged: Sequence[Measured]) -> list[Counts]:
    places = dict.fromkeys((one.printed.paper, one.budget) for one in judged)
    return [Counts(*place, of=_count([one for one in judged if _place(one) == place])) for place in places]


def _place(one: Measured) -> tuple[str, str]:
    return one.printed.paper, one.budget


def _count(judged: list[Measured]) -> dict[ClaimVerdict, int]:
    return {verdict: sum(one.verdict is verdict for one in judged) for verdict in SIGNS}


def _entries(judged: list[Measured]) -> list[ClaimEntry]:
    grouped = groupby(judged, key=lambda one: one.printed.claim.id)
    return [ClaimEntry(own[0], _found(own)) for own in (tuple(same) for _, same in grouped)]


def _found(budgets: Sequence[Measured]) -> tuple[Found, ...]:
    same: dict[tuple[str, str], list[Measured]] = {}
    for one in budgets:
        same.setdefault((one.word, one.reason), []).append(one)
    return tuple(Found(tuple(one.budget for one in own if one.budget), own[0]) for own in same.values())


def _shown(one: Measured) -> list[Atom]:
    """The measured comparisons of a claim of several, those against it first."""
    measured = [atom for atom in one.atoms if atom.evidence is not None]
    return sorted(measured, key=lambda atom: RANK[atom.verdict]) if len(one.atoms) > 1 else []
