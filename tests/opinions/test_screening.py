"""Raters are set apart by the stated rules, and by no others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sr.opinions.collect import collect
from sr.opinions.design import Stimulus
from sr.opinions.screening import outliers, screen
from sr.opinions.simulation import CHEATS, Panel, as_score
from tests.opinions.small_study import CALIBRATED, STUDY, prepared, write_results


def bt500(scores: np.ndarray) -> tuple[list[float], list[float]]:
    """The recommendation's procedure, one rater and one presentation after the other."""
    raters, stimuli = scores.shape
    share, sided = [], []
    for rater in range(raters):
        above = below = 0
        for stimulus in range(stimuli):
            given = scores[:, stimulus]
            mean = sum(given) / raters
            deviation = (sum((one - mean) ** 2 for one in given) / (raters - 1)) ** 0.5
            if deviation == 0:
                continue
            second = sum((one - mean) ** 2 for one in given) / raters
            fourth = sum((one - mean) ** 4 for one in given) / raters
            band = (2 if 2 <= fourth / second**2 <= 4 else 20**0.5) * deviation
            above += scores[rater, stimulus] >= mean + band
            below += scores[rater, stimulus] <= mean - band
        share.append((above + below) / stimuli)
        sided.append(abs(above - below) / (above + below) if above + below else 0.0)
    return share, sided


def test_outliers_are_those_of_bt500_computed_step_by_step() -> None:
    random = np.random.default_rng(0)
    scores = as_score(3 + random.normal(size=(18, 60)))
    scores[0] = random.integers(1, 6, 60)
    scores[:, 7] = 5
    share, sided = outliers(scores)
    expected = bt500(scores)
    np.testing.assert_allclose(share, expected[0], atol=1e-12)
    np.testing.assert_allclose(sided, expected[1], atol=1e-12)
    assert share[0] == max(share)


@pytest.mark.parametrize("cheat", CHEATS)
def test_cheats_are_found_and_honest_raters_are_not(tmp_path: Path, cheat: str) -> None:
    # SRGAN's study asks for an agreement of 0.5; by chance 40 pictures give 0.16 or more in one of six.
    screening = STUDY["screening"] | {"agreement": 0.5}
    key = prepared(tmp_path, STUDY | {"raters": 12, "screening": screening}, images=10, size=24)
    qualities = {"dull": 1.5, "sharp": 3.0, "wild": 2.5, "truth": 4.5}
    random = np.random.default_rng(1)
    honest = Panel(qualities).scores(12, 10, random)

    def respond(rater: str, shown: Sequence[Stimulus]) -> int:
        own = honest[shown[0].version][int(rater) - 1, int(shown[0].image.removeprefix("image"))]
        return int(CHEATS[cheat](np.array([own]), random)[0]) if rater == "05" else int(own)

    found = screen(collect(key, write_results(key, tmp_path / "answers", respond)))
    assert list(found.loc[found["apart"] != "", "rater"]) == ["05"]


def test_whoever_fails_the_later_calibration_is_set_apart(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    study: dict[str, Any] = CALIBRATED | {"calibration": CALIBRATED["calibration"] | {"count": 2}}
    key = prepared(tmp_path, study)
    quality = {"dull": 1, "sharp": 3, "wild": 2, "truth": 5}

    def respond(rater: str, shown: Sequence[Stimulus]) -> int:
        one = shown[0]
        if one.expected is None:
            return quality[one.version]
        return one.expected if rater != "02" else 6 - one.expected

    raters = screen(collect(key, write_results(key, tmp_path / "answers", respond))).set_index("rater")
    assert raters.loc["02", "apart"] == "0% of the later calibration answers were right"
    assert (raters.drop("02")["apart"] == "").all()
