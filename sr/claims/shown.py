"""Claims that figures decide: about features, grey levels, times, and what a training does on its way."""

from decimal import Decimal
from pathlib import Path

import numpy as np

from sr.claims.verdicts import Atom, ClaimVerdict, Measured, combine
from sr.figure_facts import Fact, FigureFacts, NoFacts, load_facts
from sr.papers.claim_language import ShownComparison
from sr.papers.claim_terms import Quantity, Single, compare
from sr.papers.claims import Judgement
from sr.results.intervals import LEVEL


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
    atoms = tuple(_judged(one, found.get(one.figure), reasons) for one in claim.shown)
    budget = next((figure.budget for figure in found.values() if figure.budget), "")
    verdict = combine(claim.rule, [("", atom.verdict) for atom in atoms])
    reason = "; ".join(dict.fromkeys(f"{_of(atom)}{atom.reason}" for atom in atoms))
    return Measured(printed, budget, atoms, verdict, None, reason, ())


def _of(atom: Atom) -> str:
    return "" if atom.verdict is ClaimVerdict.NOT_RUN else f"{atom.single.left.name}: "


def _judged(one: ShownComparison, figure: FigureFacts | None, reasons: dict[str, str]) -> Atom:
    right = one.right if isinstance(one.right, str) else f"{one.right:g}"
    sides = [Quantity(name, "number", ()) for name in (one.left, right)]
    single = Single("", one.figure, sides[0], one.relation, sides[1], one.tolerance)
    if figure is None:
        return Atom(single, None, ClaimVerdict.NOT_RUN, reasons[one.figure])
    try:
        left = figure[one.left]
        other = figure[one.right] if isinstance(one.right, str) else Fact((float(one.right),))
    except NoFacts as obstacle:
        return Atom(single, None, ClaimVerdict.NOT_RUN, str(obstacle))
    verdict, reason = decide(one, left, other)
    return Atom(single, None, verdict, f"{_shown(left)} against {_shown(other)}{reason}")


def decide(one: ShownComparison, left: Fact, right: Fact) -> tuple[ClaimVerdict, str]:
    """The verdict on two facts, and what it rests on.

    What no training decides is compared as it is. Else trainings, paired where both sides have them, are a
    sample: all must be on one side for `=`, and the t-interval of their differences for an order.
    """
    trainings = [len(fact.values) for fact in (left, right) if fact.trained]
    differences = _differences(left, right)
    hold = [_holds(one, float(difference)) for difference in differences]
    if not trainings:
        return (ClaimVerdict.CONFIRMED if hold[0] else ClaimVerdict.CONTRADICTED), ""
    if min(trainings) < 2:
        return ClaimVerdict.UNDECIDED, f", {'in favour' if hold[0] else 'against'}, of one training"
    said = f", of {min(trainings)} trainings"
    if one.relation in ("=", "~"):
        every = {True: ClaimVerdict.CONFIRMED, False: ClaimVerdict.CONTRADICTED}
        return (every[hold[0]] if len(set(hold)) == 1 else ClaimVerdict.UNDECIDED), said
    low, high = _interval(differences)
    said += f", left minus right {differences.mean():+.4g} [{low:+.4g}, {high:+.4g}]"
    if low > 0 or high < 0:
        return (ClaimVerdict.CONFIRMED if _holds(one, low) else ClaimVerdict.CONTRADICTED), said
    return ClaimVerdict.UNDECIDED, said


def _differences(left: Fact, right: Fact) -> np.ndarray:
    """Left minus right; of two samples, which figures list by seed, as many as both have."""
    count = min(len(left.values), len(right.values)) if left.trained and right.trained else None
    difference: np.ndarray = np.array(left.values[:count]) - np.array(right.values[:count])
    return difference


def _holds(one: ShownComparison, difference: float) -> bool:
    return compare(Decimal(difference), one.relation, Decimal(0), one.tolerance)


def _interval(values: np.ndarray) -> tuple[float, float]:
    from scipy.stats import t

    half = float(t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half


def _shown(fact: Fact) -> str:
    if len(fact.values) == 1:
        return f"{fact.values[0]:.4g}"
    return f"{np.mean(fact.values):.4g} ({min(fact.values):.4g} to {max(fact.values):.4g})"
