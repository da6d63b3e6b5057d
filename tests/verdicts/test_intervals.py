"""The bootstrap interval against the normal approximation and its own limits."""

import numpy as np
import pytest

from sr.verdicts.intervals import bootstrap_interval


def test_close_to_the_normal_approximation_for_many_images():
    values = np.random.default_rng(1).normal(30.0, 2.0, size=(1, 400))
    half = 1.96 * values.std() / np.sqrt(400)
    low, high = bootstrap_interval(values)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.03)


def test_seeds_that_disagree_widen_it():
    images = np.linspace(28, 32, 50)
    same = bootstrap_interval(np.stack([images, images, images]))
    apart = bootstrap_interval(np.stack([images - 1, images, images + 1]))
    assert apart[1] - apart[0] > same[1] - same[0]


def test_same_scores_give_the_same_interval():
    values = np.arange(20.0).reshape(2, 10)
    assert bootstrap_interval(values) == bootstrap_interval(values)


@pytest.mark.parametrize("values", [[[30.0]], [[30.0, np.inf]]])
def test_no_interval_without_spread_or_with_infinite_values(values):
    assert bootstrap_interval(np.array(values)) is None
