"""How many trainings a side it takes to see a difference, before any of them is paid for.

The spread is taken to be what is known of it now; the test is the one of sr.results.intervals. Power is the
share of repetitions in which a true difference is found: the noncentral t distribution, as a mean over what
an estimated standard error may come to.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import sqrt

import numpy as np

from sr.results.intervals import LEVEL, Unit, quantile

POWER = 0.8
MOST_SEEDS = 2000
_STEPS = 1000


@lru_cache(maxsize=4096)
def power(ratio: float, freedom: float, level: float = LEVEL) -> float:
    """Chance that a difference of `ratio` standard errors is found, by a two-sided test at 1 - level."""
    from scipy.special import ndtr

    critical = quantile((1 + level) / 2, freedom) * _ratios_of_errors(freedom)
    return float(np.mean(ndtr(ratio - critical) + ndtr(-ratio - critical)))


@lru_cache(maxsize=4096)
def largest_equal(margin: float, freedom: float, level: float = LEVEL) -> float:
    """How many standard errors a difference may have that is shown to be smaller than `margin` true standard
    errors, by two one-sided tests at 1 - level (Wellek 2010, Testing Statistical Hypotheses of Equivalence
    and Noninferiority, chapter 5: the margin counts in a spread that itself is estimated).
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    ratios = _ratios_of_errors(freedom)

    def share_within(limit: float) -> float:
        return float(np.mean(ndtr(limit * ratios - margin) - ndtr(-limit * ratios - margin)))

    return float(brentq(lambda limit: share_within(limit) - (1 - level), 0.0, 20 * margin + 20))


@lru_cache(maxsize=4096)
def _ratios_of_errors(freedom: float) -> np.ndarray:
    """Estimated over true standard error, at evenly spread chances: the quantiles of a chi distribution."""
    from scipy.special import chdtri

    chances = (np.arange(_STEPS) + 0.5) / _STEPS
    return np.sqrt(chdtri(freedom, chances) / freedom)


def seeds_to_tell(gap: float, units: Sequence[Unit], level: float = LEVEL) -> int | None:
    """The fewest seeds a side with which a true difference is found with a chance of POWER.

    units: what varies, each with its stated or measured variance. None where MOST_SEEDS are not enough.
    """
    variance = sum(unit.variance or unit.measured for unit in units)
    worth = min((unit.worth for unit in units), default=0.0)
    if variance == 0:
        return 1

    def enough(seeds: int) -> bool:
        freedom = worth + len(units) * (seeds - 1)
        return freedom > 0 and power(abs(gap) / sqrt(variance / seeds), freedom, level) >= POWER

    return fewest(enough)


def seeds_against_one(gap: float, spread: float, worth: float) -> int | None:
    """The fewest seeds whose mean can be told from a number that one training gave, `gap` away from them.

    Told as verdicts tell (sr.verdicts.equivalence): the number lies outside of what is expected of another
    training, one-sided at 1 - LEVEL. spread: standard deviation of a training. None where no number is
    enough, for the other side stays one.
    """

    def enough(seeds: int) -> bool:
        error = spread * sqrt(1 + 1 / seeds)
        return power(abs(gap) / error, worth + seeds - 1, 2 * LEVEL - 1) >= POWER

    return fewest(enough)


def seeds_to_match(margin: float, worth: float) -> int | None:
    """The fewest seeds that show a printed number equal, with a chance of POWER, where it is a training of
    the same method: within a margin of so many spreads, by `largest_equal`.
    """
    from scipy.special import ndtr

    def enough(seeds: int) -> bool:
        freedom = worth + seeds - 1
        limit = largest_equal(margin * sqrt(seeds), freedom) / sqrt(1 + seeds)
        return float(np.mean(2 * ndtr(limit * _ratios_of_errors(freedom)) - 1)) >= POWER

    return fewest(enough)


def detectable(units: Sequence[Unit], seeds: int, level: float = LEVEL) -> float:
    """The smallest true difference that so many seeds a side find with a chance of POWER."""
    from scipy.optimize import brentq

    freedom = min(unit.worth for unit in units) + len(units) * (seeds - 1)
    error = sqrt(sum(unit.variance or unit.measured for unit in units) / seeds)
    return error * float(brentq(lambda ratio: power(ratio, freedom, level) - POWER, 0.0, 200.0, xtol=1e-3))


def fewest(enough: Callable[[int], bool]) -> int | None:
    """The smallest number for which `enough` holds, as for all larger ones; None beyond MOST_SEEDS."""
    low, high = 0, 1
    while not enough(high):
        if high >= MOST_SEEDS:
            return None
        low, high = high, min(2 * high, MOST_SEEDS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
