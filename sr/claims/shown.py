"""Claims that figures decide: about features, grey levels, times, and what a training does on its way."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from sr.claims.statistics import Evidence, p_values, side_of
from sr.claims.verdicts import Atom, ClaimVerdict, Measured, by_p_values, combine, corrected
from sr.figure_facts import Fact, FigureFacts, NoFacts, load_facts
from sr.papers.claim_language import ShownComparison
from sr.papers.claim_terms import Quantity, Single, compare
from sr.papers.claims import Judgement
from sr.results.intervals import LEVEL, Unit, estimate

TEST_OF_FACTS = (
    f"t over trainings, {100 * LEVEL:g} % interval, paired in the order of their seeds where both sides were "
    "trained, Holm over the comparisons of a claim; for equality and agreement all trainings must show it; "
    "what no training decides is compared as it is"
)


def judge_shown(printed: Judgement, figures: Path) -> Measured:
    """One claim on what its figures tell, at the budget of the runs behind them.

    figures: the folder with a folder for each paper.
    """
    claim = printed.claim
    found: dict[str, FigureFacts] = {}
    reasons: dict[str, str] = {}
    for name in dict.fromkeys(one.figure for one in claim.shown):
        try:
            found[name] = load_facts(figures, printed.paper, name)
        except NoFacts as obstacle:
            reasons[name] = str(obstacle)
    atoms = corrected(claim.rule, [_judged(one, found.get(one.figure), reasons) for one in claim.shown])
    budget = next((figure.budget for figure in found.values() if figure.budget), "")
    verdict = combine(claim.rule, [("", atom.verdict) for atom in atoms])
    reason = "; ".join(dict.fromkeys(f"{_of(atom)}{atom.reason}" for atom in atoms))
    return Measured(printed, budget, tuple(atoms), verdict, None, reason, ())


def _of(atom: Atom) -> str:
    return "" if atom.verdict is ClaimVerdict.NOT_RUN else f"{atom.single.left.name}: "


def _judged(one: ShownComparison, figure: FigureFacts | None, reasons: dict[str, str]) -> Atom:
    if figure is None:
        return Atom(_single(one), None, ClaimVerdict.NOT_RUN, reasons[one.figure])
    try:
        left = figure[one.left]
        right = figure[one.right] if isinstance(one.right, str) else Fact((float(one.right),))
    except NoFacts as obstacle:
        return Atom(_single(one), None, ClaimVerdict.NOT_RUN, str(obstacle))
    return decide(one, left, right)


def _single(one: ShownComparison) -> Single:
    right = one.right if isinstance(one.right, str) else f"{one.right:g}"
    sides = [Quantity(name, "number", ()) for name in (one.left, right)]
    return Single("", one.figure, sides[0], one.relation, sides[1], one.tolerance)


def decide(one: ShownComparison, left: Fact, right: Fact) -> Atom:
    """The verdict on two facts as if they were the claim's only ones, and what it rests on.

    What no training decides is compared as it is. Else trainings, paired where both sides have them, are a
    sample: all must be on one side for `=` and `~`, and an order is decided by the t-test of the differences.
    """
    single, side = _single(one), side_of(one.relation)
    trainings = [len(fact.values) for fact in (left, right) if fact.trained]
    seeds = min(trainings, default=None)
    differences = _differences(left, right)
    hold = [_holds(one, float(difference)) for difference in differences]
    bare = Evidence(side * float(differences.mean()), None, None, None, None, None, seeds)
    said = f"{_shown(left)} against {_shown(right)}"
    if seeds is None:
        return Atom(single, bare, _all_or_none(hold), said)
    if seeds < 2:
        said += f", {'in favour' if hold[0] else 'against'}, of one training"
        return Atom(single, bare, ClaimVerdict.UNDECIDED, said)
    said += f", of {seeds} trainings"
    found = None if one.relation in ("=", "~") else estimate([Unit(side * differences)])
    if found is None:
        return Atom(single, bare, _all_or_none(hold), said)
    low, high = sorted(side * end for end in found.interval())
    said += f", left minus right {differences.mean():+.4g} [{low:+.4g}, {high:+.4g}]"
    p_for, p_against = p_values(single, found, side)
    evidence = replace(
        bare, interval=found.interval(), p_for=p_for, p_against=p_against, paired=len(trainings) == 2
    )
    return Atom(single, evidence, by_p_values(p_for, p_against), said)


def _all_or_none(hold: Sequence[bool]) -> ClaimVerdict:
    if all(hold):
        return ClaimVerdict.CONFIRMED
    return ClaimVerdict.UNDECIDED if any(hold) else ClaimVerdict.CONTRADICTED


def _differences(left: Fact, right: Fact) -> np.ndarray:
    """Left minus right; of two samples, which figures list by seed, as many as both have."""
    count = min(len(left.values), len(right.values)) if left.trained and right.trained else None
    difference: np.ndarray = np.array(left.values[:count]) - np.array(right.values[:count])
    return difference


def _holds(one: ShownComparison, difference: float) -> bool:
    return compare(Decimal(difference), one.relation, Decimal(0), one.tolerance)


def _shown(fact: Fact) -> str:
    if len(fact.values) == 1:
        return f"{fact.values[0]:.4g}"
    return f"{np.mean(fact.values):.4g} ({min(fact.values):.4g} to {max(fact.values):.4g})"
