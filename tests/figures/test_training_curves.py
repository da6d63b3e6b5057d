"""Training curves: what their table holds, and what is said where nothing was trained."""

import json
from pathlib import Path

import pandas as pd
import pytest

from sr.figures.figure import Missing
from sr.figures.training_curves import draw_training_curves
from sr.results.source import parse_sources
from tests.figures.synthetic_results import write_run

CURVE = "step,seconds,mse,validation_psnr,validation_lpips\n0,0,,20.5,0.5\n9,1,0.1,24.5,0.25\n"


def test_training_curves_hold_each_check_of_each_run(tmp_path: Path) -> None:
    source = "trained/demo/small/srgan/srresnet_mse/seed0"
    write_run(tmp_path, source, "SRResNet", {"curve.csv": CURVE})
    draw_training_curves(
        tmp_path, parse_sources([source, "baseline/bicubic"]), ("SRGAN", "srgan"), tmp_path / "c.png"
    )
    table = pd.read_csv(tmp_path / "c.csv")
    found = table[["recipe", "seed", "step", "metric", "value"]].to_numpy().tolist()
    assert found == [
        ["srgan/srresnet_mse", 0, 0, "PSNR", 20.5],
        ["srgan/srresnet_mse", 0, 9, "PSNR", 24.5],
        ["srgan/srresnet_mse", 0, 0, "LPIPS", 0.5],
        ["srgan/srresnet_mse", 0, 9, "LPIPS", 0.25],
    ]
    assert json.loads((tmp_path / "c.json").read_text())["title"].endswith("(budget: demo)")


def test_runs_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="none of its recipes was trained"):
        draw_training_curves(
            tmp_path, parse_sources(["trained/demo/a/b/c/seed0"]), ("SRGAN", "srgan"), tmp_path / "c.png"
        )
