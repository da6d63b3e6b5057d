"""The curve between two networks: its ends, its middle and what it says without scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark, prepare
from sr.degradation import upscale
from sr.figures.figure import Missing
from sr.figures.interpolation_curve import COLUMNS, draw_curve, ends_finding, interpolation_scores, turns
from sr.images import read_image, write_png


class Grey(nn.Module):
    """A generator that returns one level everywhere."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.tensor(level))

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        return self.level.expand(lr.shape[0], 3, 4 * lr.shape[2], 4 * lr.shape[3])


@pytest.fixture
def benchmark(tmp_path: Path) -> Benchmark:
    pixels = np.full((48, 48, 3), 100, dtype=np.uint8)
    write_png(tmp_path / "grey.png", pixels)
    prepare("grey", [tmp_path / "grey.png"], tmp_path / "prepared")
    assert (upscale(read_image(tmp_path / "prepared" / "LR" / "grey.png"), 4) == 100).all()
    return Benchmark(tmp_path / "prepared")


def test_scores_are_those_of_mixed_levels(benchmark: Benchmark, tmp_path: Path) -> None:
    """Networks of levels 110 and 150 give 118 to 142 between: RMSE of Y is the distance times 219/255."""
    psnr, gan = Grey(110 / 255), Grey(150 / 255)
    table = interpolation_scores(psnr, gan, benchmark, ["esrgan"], Assets.from_environment(tmp_path))
    rmse = table[table["metric"] == "RMSE"].set_index(["space", "alpha"])["value"]
    for space in ("network", "image"):
        for alpha in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            expected = (10 + 40 * alpha) * 219 / 255
            assert rmse[space, alpha] == pytest.approx(expected, abs=0.02)
    assert set(table["metric"]) <= {"PSNR", "RMSE", "PI"}


def test_a_curve_without_scores_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no scores between the two networks"):
        draw_curve(pd.DataFrame(columns=list(COLUMNS)), "esrgan", tmp_path / "c.png")


def test_a_curve_that_goes_back_has_turned() -> None:
    values = {"PSNR": (30.0, 29.0, 28.0, 28.0, 27.0, 26.0), "PI": (5.0, 4.0, 4.5, 3.0, 3.0, 2.0)}
    rows = [
        ("Set5", "esrgan", "network", alpha / 5, metric, value)
        for metric, column in values.items()
        for alpha, value in enumerate(column)
    ]
    facts = turns(pd.DataFrame(rows, columns=list(COLUMNS[:6])))
    assert facts["turns of PSNR, network interpolation, esrgan's protocol"].values == (0.0,)
    assert facts["turns of PI, network interpolation, esrgan's protocol"].values == (2.0,)


def test_the_title_says_what_lies_between_the_ends() -> None:
    """Of the networks, by the first protocol, whatever the order of the rows and the values between."""
    values = [("PSNR", 1.0, 26.0), ("PSNR", 0.0, 30.0), ("PSNR", 0.4, 31.0), ("LPIPS", 0.0, 0.2)]
    rows = [("ldl", "network", metric, alpha, value) for metric, alpha, value in values]
    rows += [("ldl", "network", "LPIPS", 1.0, 0.25), ("ldl", "image", "PSNR", 1.0, 99.0)]
    rows += [("esrgan", "network", "PSNR", 0.0, 1.0)]
    curve = pd.DataFrame(rows, columns=["protocol", "space", "metric", "alpha", "value"])
    assert ends_finding(curve) == (
        "from the PSNR-oriented network to the GAN, PSNR falls from 30 to 26, LPIPS rises from 0.2 to 0.25"
    )
