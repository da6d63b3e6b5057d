"""Intervals over trainings against textbook t-tests, scipy's own, and simulated repetitions."""

import numpy as np
import pytest
from scipy import stats

from sr.papers.spread import spread_of
from sr.results.intervals import Estimate, Unit, estimate, mean_of_trainings, of_one_training, over_images
from tests.results.synthetic_scores import make_measurement

SOURCE = "trained/cpu/set/srgan/srgan_vgg54"
VALUES = np.array([[1.0, 2.0, 4.0], [2.0, 3.0, 3.0]])


def test_without_a_stated_spread_it_is_the_t_test_of_scipy() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(1, 1, 4), random.normal(0, 3, 6)
    found = estimate([Unit(first), Unit(-second)])
    assert found is not None
    expected = stats.ttest_ind(first, second, equal_var=False)
    assert found.freedom == pytest.approx(expected.df)
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert 2 * min(found.p_above(0), found.p_below(0)) == pytest.approx(expected.pvalue)


def test_a_stated_spread_is_a_pseudo_sample() -> None:
    """Four degrees of freedom of variance 1, two of variance 4: (4 x 1 + 2 x 4) / 6 = 2, over three seeds."""
    found = estimate([Unit([0.0, 2.0, 4.0], 1.0, 4.0)])
    assert found == Estimate(2.0, np.sqrt(2 / 3), 6.0)
    one = estimate([Unit([3.0], 1.0, 4.0), Unit([1.0], 3.0, 4.0)])
    assert one == Estimate(4.0, 2.0, 4.0), "a single seed a side is left with what is stated"


def test_what_has_no_chance_has_no_interval() -> None:
    assert estimate([Unit([1.0])]) is None
    assert estimate([]) is None
    assert mean_of_trainings(make_measurement("baseline/bicubic", VALUES)) is None


def test_the_interval_of_a_mean_by_hand() -> None:
    spread = spread_of("PSNR")
    assert spread is not None
    found = mean_of_trainings(make_measurement(SOURCE, VALUES))
    assert found is not None
    stated = spread.alone.variance(3)
    means = VALUES.mean(axis=1)
    variance = (spread.alone.worth * stated + means.var(ddof=1)) / (spread.alone.worth + 1)
    half = stats.t.ppf(0.975, spread.alone.worth + 1) * np.sqrt(variance / 2)
    assert found.interval() == pytest.approx((means.mean() - half, means.mean() + half))
    assert of_one_training(found, 2).error == pytest.approx(np.sqrt(variance * 1.5))


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_truth_and_the_next_training_lie_inside_as_often_as_promised(seeds: int) -> None:
    """Drawn as stated: a variance from the scaled inverse chi-square, then trainings from the normal."""
    random = np.random.default_rng(seeds)
    worth, stated, inside, within = 4.0, 0.25, 0, 0
    for _ in range(4000):
        spread = np.sqrt(stated * worth / random.chisquare(worth))
        values, another = random.normal(7, spread, seeds), random.normal(7, spread)
        mean = estimate([Unit(values, stated, worth)])
        assert mean is not None
        low, high = mean.interval()
        inside += low <= 7 <= high
        low, high = of_one_training(mean, seeds).interval()
        within += low <= another <= high
    assert inside / 4000 == pytest.approx(0.95, abs=0.012)
    assert within / 4000 == pytest.approx(0.95, abs=0.012)


def test_the_interval_over_images_is_that_of_a_t_test() -> None:
    expected = stats.ttest_1samp(VALUES.mean(axis=0), 0.0).confidence_interval()
    assert over_images(make_measurement(SOURCE, VALUES)) == pytest.approx(tuple(expected))
    assert over_images(make_measurement(SOURCE, VALUES[:, :1])) is None
