"""Seeds that a difference takes, against statistics' own tables and simulated t-tests."""

import numpy as np
import pytest
from scipy import stats

from sr.results.intervals import Unit, estimate
from sr.results.power import detectable, largest_equal, power, seeds_against_one, seeds_to_tell


def test_the_textbook_value() -> None:
    """Cohen 1988, table 2.4.1: half a standard deviation takes 64 a side, a whole one 17."""
    for size, seeds in ((0.5, 64), (1.0, 17)):
        known = [Unit([0.0], 1.0, 0.0), Unit([0.0], 1.0, 0.0)]
        assert seeds_to_tell(size, known) == seeds


def test_power_is_the_share_of_simulated_finds() -> None:
    random = np.random.default_rng(0)
    found = stats.ttest_1samp(random.normal(0.8, 1, (20000, 10)), 0.0, axis=1).pvalue <= 0.05
    assert power(0.8 * np.sqrt(10), 9) == pytest.approx(found.mean(), abs=0.01)


def test_a_stated_spread_saves_seeds_and_is_calibrated() -> None:
    units = [Unit([0.0], 1.0, 4.0), Unit([0.0], 1.0, 4.0)]
    seeds = seeds_to_tell(3.0, units)
    assert seeds == 3
    random, finds = np.random.default_rng(1), 0
    for _ in range(3000):
        sides = random.normal([[3.0], [0.0]], 1, (2, seeds))
        one = estimate([Unit(sides[0], 1.0, 4.0), Unit(-sides[1], 1.0, 4.0)])
        assert one is not None
        finds += one.interval()[0] > 0
    assert finds / 3000 >= 0.8


def test_one_printed_training_stays_one() -> None:
    assert seeds_against_one(2.0, 1.0, 4.0) is None, "half of the chance is the printed number's own"
    assert seeds_against_one(6.0, 1.0, 4.0) == 1
    assert seeds_to_tell(0.001, [Unit([0.0], 1.0, 4.0)] * 2) is None


def test_seeds_against_one_printed_training_are_those_that_a_verdict_takes() -> None:
    """Simulated: a mean of seeds rules a printed number out one-sided at 95 %, with a spread that is stated
    with a worth of four trainings and measured on.
    """
    random, worth, gap = np.random.default_rng(2), 4.0, 3.2

    def finds(seeds: int) -> float:
        freedom = worth + seeds - 1
        spread = np.sqrt(random.chisquare(freedom, 40000) / freedom)
        off = random.normal(gap, 1.0, 40000) - random.normal(0.0, 1.0 / np.sqrt(seeds), 40000)
        return float(np.mean(off > stats.t.ppf(0.95, freedom) * spread * np.sqrt(1 + 1 / seeds)))

    seeds = seeds_against_one(gap, 1.0, worth)
    assert seeds is not None
    assert finds(seeds) >= 0.795
    assert finds(seeds - 1) < 0.805


def test_what_is_detectable_takes_just_so_many_seeds() -> None:
    units = [Unit([0.0], 0.04, 4.0)] * 2
    gap = detectable(units, 5)
    assert seeds_to_tell(gap * 1.01, units) == 5
    assert seeds_to_tell(gap * 0.97, units) == 6


@pytest.mark.parametrize(("ratio", "freedom"), [(1.0, 2.0), (3.0, 4.0), (2.5, 30.0)])
def test_power_is_the_noncentral_t(ratio: float, freedom: float) -> None:
    critical = stats.t.ppf(0.975, freedom)
    expected = stats.nct.sf(critical, freedom, ratio) + stats.nct.cdf(-critical, freedom, ratio)
    assert power(ratio, freedom) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("margin", "freedom"), [(2.0, 4.0), (3.46, 6.0), (6.3, 13.0)])
def test_equivalence_errs_as_often_as_promised(margin: float, freedom: float) -> None:
    """At the margin itself, which is not smaller than the margin."""
    limit = largest_equal(margin, freedom)
    assert limit == pytest.approx(np.sqrt(stats.ncf.ppf(0.05, 1, freedom, margin**2)), rel=0.02)
    random = np.random.default_rng(2)
    seen = random.normal(margin, 1, 40000) / np.sqrt(random.chisquare(freedom, 40000) / freedom)
    assert np.mean(np.abs(seen) <= limit) == pytest.approx(0.05, abs=0.005)
