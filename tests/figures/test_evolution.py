from pathlib import Path

import numpy as np
import pytest

from sr.figures.crops import Crop
from sr.figures.evolution import Moment, kept_every, kept_weights, table, thinned


def test_kept_weights_are_read_in_the_order_of_their_steps(tmp_path: Path) -> None:
    for name in ("step00000100.safetensors", "step00000050.safetensors", "step.txt"):
        (tmp_path / name).touch()
    kept = kept_weights(tmp_path)
    assert list(kept) == [50, 100]
    assert kept_every(kept) == 50


def test_long_runs_are_thinned_evenly_and_end_with_the_last() -> None:
    kept = {step: Path() for step in range(10, 210, 10)}
    assert list(thinned(kept, 10)) == list(range(20, 210, 20))
    assert list(thinned(kept, 50)) == list(kept)
    assert list(thinned(kept, 3))[-1] == 200


def test_changes_are_those_of_the_crop() -> None:
    black, grey = np.zeros((6, 6, 3), dtype=np.uint8), np.full((6, 6, 3), 9, dtype=np.uint8)
    grey[0, 0] = 200  # outside the crop
    data = table([Moment(0, black, 20.0), Moment(5, grey, 21.5)], Crop(2, 2, 4, 4))
    assert np.isnan(data["change"][0])
    assert data["change"][1] == pytest.approx(9)
    assert data["step"].tolist() == [0, 5]
