"""Measured claims as rows: one for each claim and budget, and one for each single comparison behind it."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from sr.claims.needed import what_it_takes
from sr.claims.shown import TEST_OF_FACTS
from sr.claims.statistics import TEST, Evidence
from sr.claims.verdicts import Atom, ClaimVerdict, Measured
from sr.csv_text import columns_of, csv_text

_BETWEEN = " | "


@dataclass(frozen=True)
class ClaimRow:
    """One claim at one budget. printed: the audit's verdict on printed numbers, empty where they decide none.

    difference to seeds belong to the decisive comparison; a positive difference speaks for the claim. chosen:
    what its encoding adds to the paper's words. needed: what it would take to decide it.
    """

    paper: str
    claim: str
    kind: str
    place: str
    statement: str
    rule: str
    proxy: str
    note: str
    budget: str
    verdict: str
    reason: str
    printed: str
    printed_tally: str
    comparisons: int
    confirmed: int
    contradicted: int
    undecided: int
    not_run: int
    decisive: str
    difference: float | None
    low: float | None
    high: float | None
    effect_size: float | None
    p_value: float | None
    images: int | None
    seeds: int | None
    sources: str
    deviations: str
    test: str
    chosen: str
    needed: str


@dataclass(frozen=True)
class ComparisonRow:
    """One single comparison of a claim at one budget."""

    paper: str
    claim: str
    budget: str
    metric: str
    dataset: str
    left: str
    relation: str
    right: str
    verdict: str
    reason: str
    difference: float | None
    low: float | None
    high: float | None
    effect_size: float | None
    p_value: float | None
    images: int | None
    seeds: int | None
    sources: str


Evidenced = tuple[
    float | None, float | None, float | None, float | None, float | None, int | None, int | None
]


def claim_row(one: Measured) -> ClaimRow:
    """The row of one claim."""
    claim, counts = one.printed.claim, one.counts
    return ClaimRow(
        one.printed.paper,
        claim.id,
        claim.kind,
        claim.place,
        statement(one),
        claim.rule,
        claim.proxy or "",
        claim.note or "",
        one.budget,
        one.word,
        one.reason,
        printed_word(one),
        one.printed.tally if one.printed.atoms else "",
        len(one.atoms),
        counts[ClaimVerdict.CONFIRMED],
        counts[ClaimVerdict.CONTRADICTED],
        counts[ClaimVerdict.UNDECIDED],
        counts[ClaimVerdict.NOT_RUN],
        str(one.decisive.single) if one.decisive else "",
        *_evidence(one.decisive.evidence if one.decisive else None),
        _BETWEEN.join(one.sources),
        _BETWEEN.join(one.deviations),
        TEST_OF_FACTS if claim.shown else TEST,
        chosen=claim.chosen or "",
        needed=what_it_takes(one.printed.paper, claim),
    )


def comparison_rows(one: Measured) -> list[ComparisonRow]:
    """A row for each single comparison of a claim."""
    return [_comparison_row(one, atom) for atom in one.atoms]


def statement(one: Measured) -> str:
    """What the paper says, in one line."""
    claim = one.printed.claim
    return f"{claim.left} {claim.relation} {claim.right}"


def printed_word(one: Measured) -> str:
    """The audit's verdict in a word; empty where the printed numbers do not decide the claim."""
    return {True: "holds", False: "does not hold", None: ""}[one.printed.holds]


def as_csv(rows: Iterable[ClaimRow] | Iterable[ComparisonRow], kind: type) -> str:
    """Rows as CSV text under the names of their fields; numbers carry six decimals."""
    return csv_text(columns_of(kind), map(astuple, rows))


def _comparison_row(one: Measured, atom: Atom) -> ComparisonRow:
    single = atom.single
    relation = single.relation if single.tolerance is None else f"within {float(single.tolerance):g} of"
    return ComparisonRow(
        one.printed.paper,
        one.printed.claim.id,
        one.budget,
        single.metric,
        single.dataset,
        single.left.name,
        relation,
        single.right.name,
        atom.verdict.marked(one.budget, bool(one.deviations)),
        atom.reason,
        *_evidence(atom.evidence),
        _BETWEEN.join(atom.sources),
    )


def _evidence(found: Evidence | None) -> Evidenced:
    if found is None:
        return (None,) * 7
    low, high = found.interval or (None, None)
    return (found.difference, low, high, found.effect, found.p, found.images, found.seeds)
