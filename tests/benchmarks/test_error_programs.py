"""The programs that simulate errors: what they simulate is what they say, and little of it is in error."""

import numpy as np
import pytest

from benchmarks.claim_errors import CORRELATION, Case, contradicted, judged, simulated
from benchmarks.spread_of_trainings import components, fitted
from benchmarks.verdict_errors import simulate, trainable
from sr.papers.spread import spread_of


def test_simulated_methods_are_equal_and_as_correlated_as_they_are_said_to_be() -> None:
    spread = spread_of("PSNR")
    assert spread is not None
    random = np.random.default_rng(0)
    for paired, correlation in ((False, 0.0), (True, CORRELATION)):
        left, right = simulated(Case("PSNR", paired, 20000, 5, 1.0), random)
        means = left.mean(axis=1), right.mean(axis=1)
        assert np.corrcoef(*means)[0, 1] == pytest.approx(correlation, abs=0.02)
        difference = means[0] - means[1]
        expected = spread.paired.variance(5) if paired else 2 * spread.alone.variance(5)
        assert difference.var() == pytest.approx(expected, rel=0.05)
        assert abs(difference.mean()) < 4 * np.sqrt(expected / 20000)


@pytest.mark.slow
@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("seeds", [1, 2, 10])
def test_five_per_cent_are_five_per_cent(paired: bool, seeds: int) -> None:
    random, case = np.random.default_rng(seeds), Case("LPIPS", paired, seeds, 14)
    found = [judged(case, random) for _ in range(1500)]
    assert 0.03 <= np.mean([error for error, _, _ in found]) <= 0.07
    assert np.mean([inside for _, inside, _ in found]) >= 0.93


@pytest.mark.slow
def test_a_claim_of_many_comparisons_is_seldom_contradicted_by_chance() -> None:
    assert contradicted("PSNR", 3, 300) <= 0.07


def test_few_wrong_trainings_are_plain_matches() -> None:
    places = list(trainable())
    assert len(places) > 400
    own, others = simulate(places[::10], 3, 4)
    assert others.plain / others.cases <= 0.05
    assert own.match / own.cases > 0.4
    assert own.differs / own.cases < 0.1


def test_the_spread_of_made_up_trainings_is_found_again() -> None:
    random = np.random.default_rng(1)
    tables = [random.normal(0, 2, (3, 1)) + random.normal(0, 3, (3, 50)) for _ in range(2000)]
    seed, by_image = np.mean([components(table) for table in tables], axis=0)
    assert (seed, by_image) == (pytest.approx(4, rel=0.1), pytest.approx(9, rel=0.02))
    scales = 4 * 6 / random.chisquare(6, 3000)
    seen = scales * random.chisquare(2, 3000) / 2
    typical, worth = fitted(seen.tolist())
    assert typical == pytest.approx(2, rel=0.05)
    assert worth == pytest.approx(6, rel=0.3)
