"""The bootstrap interval against the normal approximation and its own limits."""

import numpy as np
import pytest

from sr.results.intervals import mean_interval
from tests.results.synthetic_scores import make_measurement

SOURCE = "trained/cpu/set/srgan/srresnet_mse"


def interval(values: np.ndarray) -> tuple[float, float] | None:
    return mean_interval(make_measurement(SOURCE, values))


def test_close_to_the_normal_approximation_for_many_images():
    values = np.random.default_rng(1).normal(30.0, 2.0, size=(1, 400))
    half = 1.96 * values.std() / np.sqrt(400)
    assert interval(values) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.04)


def test_seeds_that_disagree_widen_it():
    images = np.linspace(28, 32, 50)
    same = interval(np.stack([images, images, images]))
    apart = interval(np.stack([images - 1, images, images + 1]))
    assert apart[1] - apart[0] > same[1] - same[0]


def test_same_scores_give_the_same_interval():
    values = np.arange(20.0).reshape(2, 10)
    assert interval(values) == interval(values)


@pytest.mark.parametrize("values", [[[30.0]], [[30.0, np.inf]]])
def test_no_interval_without_spread_or_with_infinite_values(values):
    assert interval(np.array(values)) is None
