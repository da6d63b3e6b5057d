"""What is written of a run: CSV with one row a check, and TensorBoard where it is installed."""

import csv
import sys
from pathlib import Path

import pytest

from sr.training.curve import Board, write_curve, write_stability

START = {"step": 0, "validation_psnr": 20.0, "validation_lpips": None, "validation_change": None}
LATER = START | {"step": 5, "learning_rate": 1e-4, "mse": 0.123456789, "validation_change": 2.0}


def test_columns_are_those_of_the_last_row_and_the_missing_is_empty(tmp_path: Path) -> None:
    write_curve(tmp_path / "curve.csv", [START, LATER])
    with (tmp_path / "curve.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == [
        *("step", "seconds", "images_per_second", "learning_rate", "mse"),
        *("validation_psnr", "validation_lpips", "validation_change"),
    ]
    assert rows[0]["mse"] == rows[0]["validation_change"] == rows[1]["validation_lpips"] == ""
    assert (rows[1]["mse"], rows[1]["learning_rate"]) == ("0.123457", "0.0001")


def test_stability_names_both_steps_and_the_image(tmp_path: Path) -> None:
    write_stability(tmp_path / "s.csv", [{"step": 5, "previous_step": 0, "image": "a", "mad": 1.5}])
    assert (tmp_path / "s.csv").read_text() == "step,previous_step,image,mad\n5,0,a,1.5\n"


def test_without_tensorboard_nothing_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    board = Board(tmp_path / "tensorboard", 0)
    board.add(LATER)
    board.close()
    assert not (tmp_path / "tensorboard").exists()


def test_tensorboard_shows_each_step_once_after_an_interruption(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    # Stopped after step 10, with a checkpoint of step 5: step 10 is made a second time.
    for after, steps in ((0, (0, 5, 10)), (5, (10, 15))):
        board = Board(tmp_path, after)
        for step in steps:
            board.add(LATER | {"step": step, "mse": step + after / 100})
        board.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    found = {event.step: event.value for event in events.Scalars("mse")}
    assert [event.step for event in events.Scalars("mse")] == [0, 5, 10, 15]
    assert found[10] == pytest.approx(10.05)
