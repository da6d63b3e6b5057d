"""Verdicts of claims on measured scores: of each single comparison, and of the claim by its rule."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sr.claims.pool import RELEASED, NotMeasuredError, Pool
from sr.claims.statistics import Evidence, measure
from sr.errors import InputError
from sr.papers.claim_language import PrintedNumbers
from sr.papers.claim_terms import Single, Subject, singles
from sr.papers.claims import Claim, Judgement, Rule, needed
from sr.results.intervals import LEVEL
from sr.results.measurement import Measurement
from sr.results.source import PAPER_BUDGET


class ClaimVerdict(StrEnum):
    """What measured scores say; ordered from against a claim to for it, what was not measured last."""

    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"
    CONFIRMED = "confirmed"
    NOT_RUN = "not run"

    @classmethod
    def of(cls, word: str) -> "ClaimVerdict":
        """The verdict without what stands behind it: on how many comparisons, the budget or a reservation."""
        return cls(word.partition(" (")[0].partition(" on ")[0])

    def marked(self, budget: str, deviating: bool) -> str:
        """The word, and behind it the budget where that is smaller than the paper's, or that its runs or
        weights deviate from the paper in another way.
        """
        if self is ClaimVerdict.NOT_RUN:
            return str(self)
        if budget not in ("", PAPER_BUDGET, RELEASED):
            return f"{self} ({budget})"
        return f"{self} (deviating)" if deviating else str(self)


_MUST_HOLD: dict[Rule, str] = {
    "all": "all",
    "majority": "more than half",
    "any": "one",
    "most of each metric": "more than half of each metric's",
}
RANK = {ClaimVerdict.CONTRADICTED: 0, ClaimVerdict.UNDECIDED: 1, ClaimVerdict.CONFIRMED: 2}


@dataclass(frozen=True)
class Atom:
    """A single comparison, its evidence where there is any, its verdict and the reason.

    out_of_reach: whether nobody can measure it, since its images were never released.
    """

    single: Single
    evidence: Evidence | None
    verdict: ClaimVerdict
    reason: str
    sources: tuple[str, ...] = ()
    out_of_reach: bool = False


@dataclass(frozen=True)
class Measured:
    """A claim at one budget. decisive: the single comparison that its verdict hangs on."""

    printed: Judgement
    budget: str
    atoms: tuple[Atom, ...]
    verdict: ClaimVerdict
    decisive: Atom | None
    reason: str
    deviations: tuple[str, ...]

    @property
    def word(self) -> str:
        """The verdict as it is shown, with how many of the comparisons anybody could measure."""
        marked = self.verdict.marked(self.budget, bool(self.deviations))
        within = len(within_reach(self.atoms))
        if within == len(self.atoms) or self.verdict is ClaimVerdict.NOT_RUN:
            return marked
        return f"{marked} on {within} of {len(self.atoms)} measurable"

    @property
    def counts(self) -> dict[ClaimVerdict, int]:
        """How many single comparisons have each verdict."""
        found = Counter(atom.verdict for atom in self.atoms)
        return {verdict: found[verdict] for verdict in ClaimVerdict}

    @property
    def sources(self) -> list[str]:
        """Every source behind the claim, each once."""
        return list(dict.fromkeys(source for atom in self.atoms for source in atom.sources))


def judge_claim(printed: Judgement, table: PrintedNumbers, pool: Pool) -> Measured:
    """One claim on the sources of one budget."""
    claim = printed.claim
    why_not = unmeasurable(claim)
    if why_not:
        return Measured(printed, pool.budget, (), ClaimVerdict.NOT_RUN, None, why_not, ())
    comparisons = claim.measured or claim.comparisons
    found = [judge_single(one, pool) for text in comparisons for one in singles(text, table) if one.metric]
    atoms = tuple(corrected(claim.rule, found))
    verdict = combine(claim.rule, [(atom.single.metric, atom.verdict) for atom in within_reach(atoms)])
    sources = {source for atom in atoms for source in atom.sources}
    decisive = _decisive(claim.rule, atoms)
    reason = _reason(claim, atoms, decisive)
    deviations = tuple(pool.deviations(sources))
    return Measured(printed, pool.budget, atoms, verdict, decisive, reason, deviations)


def unmeasurable(claim: Claim) -> str:
    """Why no run could decide a claim; empty for one that scores can decide."""
    if claim.kind == "undecidable":
        return f"no program can decide it: {claim.reason}"
    if claim.kind == "arithmetic":
        return "arithmetic of printed numbers, which the audit decides; there is nothing to measure"
    if claim.kind == "consistency":
        return (
            "it holds printed numbers against each other, which the audit does; there is nothing to measure"
        )
    return f"it needs {claim.needs}" if claim.needs else ""


def judge_single(single: Single, pool: Pool) -> Atom:
    """A single comparison on a pool's scores. Raises InputError when its sides saw other images."""
    try:
        samples = {subject: pool.sample(subject, single.metric) for subject in single.subjects}
    except NotMeasuredError as obstacle:
        return Atom(single, None, ClaimVerdict.NOT_RUN, str(obstacle), out_of_reach=pool.out_of_reach(single))
    sources = tuple(dict.fromkeys(sample.group.name for sample in samples.values()))
    if len(sources) == 1 and len({subject.dataset for subject in samples}) == 1 < len(samples):
        return Atom(single, None, ClaimVerdict.NOT_RUN, f"both sides are {sources[0]}", sources)
    _check_images(samples)
    evidence = measure(single, samples)
    verdict = decide(single, evidence)
    return Atom(single, evidence, verdict, describe(single, evidence), sources)


def corrected(rule: Rule, atoms: Sequence[Atom]) -> list[Atom]:
    """The comparisons of one claim, their verdicts with regard to how many they are.

    One comparison against the claim can contradict it, so Holm's correction holds those p-values; also those
    for the claim, unless it needs all: that all are confirmed by chance is no likelier than that one is.
    """
    against = holm([atom.evidence.p_against if atom.evidence else None for atom in atoms])
    in_favour = [atom.evidence.p_for if atom.evidence else None for atom in atoms]
    if rule != "all":
        in_favour = holm(in_favour)
    found = []
    for atom, p_for, p_against in zip(atoms, in_favour, against, strict=True):
        if atom.evidence is None or p_for is None or p_against is None:
            found.append(atom)
        else:
            verdict = by_p_values(p_for, p_against)
            was_more = "" if verdict is atom.verdict else f", {atom.verdict} if it were the only comparison"
            found.append(replace(atom, verdict=verdict, reason=atom.reason + was_more))
    return found


def holm(values: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for their number (Holm 1979); None stays, and does not count."""
    order = sorted((value, place) for place, value in enumerate(values) if value is not None)
    found: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (value, place) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * value))
        found[place] = largest
    return found


def by_p_values(p_for: float, p_against: float) -> ClaimVerdict:
    """Confirmed or contradicted where the p-value of that is small enough."""
    if p_for <= 1 - LEVEL:
        return ClaimVerdict.CONFIRMED
    return ClaimVerdict.CONTRADICTED if p_against <= 1 - LEVEL else ClaimVerdict.UNDECIDED


def decide(single: Single, evidence: Evidence) -> ClaimVerdict:
    """The verdict on a comparison that is the only one; a count of methods is decided by its interval."""
    if evidence.p_for is not None and evidence.p_against is not None:
        return by_p_values(evidence.p_for, evidence.p_against)
    if evidence.interval is None:
        return ClaimVerdict.UNDECIDED
    low, high = evidence.interval
    if single.relation in ("=", "~"):
        margin = float(single.tolerance or 0)
        if -margin <= low and high <= margin:
            return ClaimVerdict.CONFIRMED
        return ClaimVerdict.CONTRADICTED if low > margin or high < -margin else ClaimVerdict.UNDECIDED
    equal_is_enough = single.relation.endswith("=")
    if low > 0 or (low == 0 and equal_is_enough):
        return ClaimVerdict.CONFIRMED
    return ClaimVerdict.CONTRADICTED if high < 0 else ClaimVerdict.UNDECIDED


def within_reach(atoms: Sequence[Atom]) -> list[Atom]:
    """The comparisons that decide a claim: not those that nobody can measure, if there are others."""
    return [atom for atom in atoms if not atom.out_of_reach] or list(atoms)


def combine(rule: Rule, outcomes: Sequence[tuple[str, ClaimVerdict]]) -> ClaimVerdict:
    """The claim's verdict from those of its single comparisons; what is open may still turn out either way.

    outcomes: of each its metric and verdict. It is confirmed when as many are as the rule needs, contradicted
    when so many are contradicted that they can no longer be as many, not run when nothing was measured, and
    undecided otherwise. Of `most of each metric` all metrics must have their majority.
    """
    if rule == "most of each metric":
        metrics = dict.fromkeys(metric for metric, _ in outcomes)
        each = [("", combine("majority", [one for one in outcomes if one[0] == name])) for name in metrics]
        return combine("all", each)
    count, least = Counter(verdict for _, verdict in outcomes), needed(rule, len(outcomes))
    if count[ClaimVerdict.NOT_RUN] == len(outcomes):
        return ClaimVerdict.NOT_RUN
    if count[ClaimVerdict.CONFIRMED] >= least:
        return ClaimVerdict.CONFIRMED
    if count[ClaimVerdict.CONTRADICTED] > len(outcomes) - least:
        return ClaimVerdict.CONTRADICTED
    return ClaimVerdict.UNDECIDED


def describe(single: Single, evidence: Evidence) -> str:
    """The evidence of a single comparison in words."""
    if evidence.interval is None:
        if evidence.seeds is None:
            return "nothing was trained and one image is no sample, nothing to draw an interval from"
        return f"one training a side, and no spread of trainings is stated for {single.metric}"
    low, high = evidence.interval
    number = f"{evidence.difference:+.4g} [{low:+.4g}, {high:+.4g}]"
    if single.relation in ("=", "~"):
        number = f"left minus right {number}, claimed to be within {float(single.tolerance or 0):g}"
    else:
        gap = evidence.difference
        number += " in favour" if gap > 0 else " against" if gap < 0 else " neither way"
    if evidence.seeds == 1:
        number += ", of one training a side, whose spread is a stated one"
    return number + (", paired by seed" if evidence.paired else "")


def _check_images(samples: dict[Subject, Measurement]) -> None:
    """Refuse methods that were scored on other images of the same benchmark and metric."""
    seen: dict[str, tuple[str, Measurement]] = {}
    for subject, sample in samples.items():
        other, first = seen.setdefault(subject.dataset, (subject.method, sample))
        if first.images != sample.images:
            raise InputError(
                f"{sample.group.name} was scored on other images of {sample.benchmark} than "
                f"{first.group.name} ({subject.method} against {other}); score both again."
            )


def _decisive(rule: Rule, atoms: tuple[Atom, ...]) -> Atom | None:
    """The weakest of the measured comparisons that must hold, counted from the strongest."""
    measured = [atom for atom in atoms if atom.evidence is not None]
    if not measured:
        return None
    measured.sort(key=lambda atom: (RANK[atom.verdict], _strength(atom)))
    return measured[len(measured) - needed(rule, len(measured))]


def _strength(atom: Atom) -> float:
    """How clearly a difference speaks for the claim: in standard deviations where there are any."""
    assert atom.evidence is not None
    size = atom.evidence.difference if atom.evidence.effect is None else atom.evidence.effect
    return -abs(size) if atom.single.relation in ("=", "~") else size


def _reason(claim: Claim, atoms: tuple[Atom, ...], decisive: Atom | None) -> str:
    missing = Counter(atom.reason for atom in atoms if atom.verdict is ClaimVerdict.NOT_RUN)
    texts = [f"{count} x {text}" if count < len(atoms) else text for text, count in missing.most_common(2)]
    others = sum(count for _, count in missing.most_common()[2:])
    not_measured = "; ".join(
        [*texts, *([f"{others} x for reasons that stand with the single comparisons"] if others else [])]
    )
    if decisive is None:
        return not_measured
    count = Counter(atom.verdict for atom in atoms)
    found = ", ".join(f"{count[word]} {word}" for word in RANK if count[word])
    how_many = f"of {len(atoms)} comparisons ({_MUST_HOLD[claim.rule]} must hold): {found}"
    parts = [how_many if len(atoms) > 1 else ""]
    parts.append(f"{decisive.single}: {decisive.reason}")
    parts.append(f"not measured: {not_measured}" if not_measured else "")
    return "; ".join(filter(None, parts))
