import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from sr.figures.crops import Crop
from sr.figures.figure import Missing
from sr.figures.own import load_module
from sr.figures.paper_results import PaperResults
from sr.images import to_tensor
from sr.losses.artifact import Artifact, ArtifactSettings
from sr.losses.batch import Batch
from sr.project import paper_folder
from sr.results.source import parse_sources
from tests.figures.synthetic_results import write_run

FIGURES = load_module(paper_folder("ldl") / "figures.py")

WINDOW, ROOT = 3, 5.0
CHANGES = "step,previous_step,image,mad\n5,0,cat,8.0\n5,0,dog,4.0\n10,5,cat,2.0\n10,5,dog,1.0\n"
RECIPES = ("rrdb_gan_stability", "rrdb_ldl_stability")


@pytest.fixture
def images() -> list[np.ndarray]:
    """Original, output, output of the averaged model."""
    random = np.random.default_rng(1)
    return [random.integers(0, 256, (6, 7, 3), dtype=np.uint8) for _ in range(3)]


def test_maps_are_those_of_the_equations(images: list[np.ndarray]) -> None:
    made = FIGURES.maps(*images, window=WINDOW, root=ROOT, residual="signed")
    original, output, averaged = (image / 255 for image in images)
    residual = original - output
    sigma = np.var(residual, ddof=1) ** (1 / ROOT)
    assert made.sigma == pytest.approx(sigma)
    mirrored = np.pad(residual, ((1, 1), (1, 1), (0, 0)), mode="reflect")
    for row in range(6):
        for column in range(7):
            first = np.abs(residual[row, column]).sum()
            second = np.abs(original[row, column] - averaged[row, column]).sum()
            local = np.var(mirrored[row : row + 3, column : column + 3], ddof=1)
            place = row, column
            assert made.residual[place] == pytest.approx(first, rel=1e-5)
            assert made.local[place] == pytest.approx(local, rel=1e-4)
            assert made.scaled[place] == pytest.approx(sigma * local, rel=1e-4)
            assert made.spared[place] == (first < second)
            assert made.refined[place] == pytest.approx(0 if first < second else sigma * local, rel=1e-4)


@pytest.mark.parametrize("residual", ["signed", "absolute_sum"])
def test_the_refined_map_is_the_one_that_training_uses(images: list[np.ndarray], residual: Any) -> None:
    made = FIGURES.maps(*images, window=WINDOW, root=ROOT, residual=residual)
    settings = ArtifactSettings(
        weight=1, window=WINDOW, root=ROOT, map="refined", residual=residual, gradient_through_map=False
    )
    hr, sr, averaged = (to_tensor(image)[None] for image in images)
    batch = Batch(lr=hr, hr=hr, sr=sr, discriminator=None, sr_ema=averaged, mixing=None)
    with torch.no_grad():
        loss = float(Artifact(settings)(batch))
    assert loss == pytest.approx(float((made.refined * made.residual).mean()) / 3, rel=1e-4)


def test_the_table_holds_every_pixel_of_every_patch(images: list[np.ndarray]) -> None:
    made = FIGURES.maps(*images, window=WINDOW, root=ROOT, residual="signed")
    patch = FIGURES.Patch("baboon", Crop(14, 6, 7, 6), images[0], images[1], made)
    data = FIGURES.map_table({"A": patch, "B": patch})
    assert len(data) == 2 * 42
    row = data[(data["patch"] == "B") & (data["x"] == 16) & (data["y"] == 9)].iloc[0]
    assert row["refined"] == pytest.approx(made.refined[3, 2], rel=1e-3)
    assert row["image"] == "baboon"


def stability(folder: Path, changes: str) -> PaperResults:
    sources = [f"trained/demo/small/ldl/{recipe}/seed0" for recipe in RECIPES]
    for source in sources:
        write_run(folder, source, "RRDB", {"stability.csv": changes})
    return PaperResults("ldl", tuple(parse_sources(sources)), (), {}, folder)


def test_stability_holds_the_change_of_each_image(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    FIGURES.draw_stability(stability(tmp_path, CHANGES), tmp_path / "s.png")
    table = pd.read_csv(tmp_path / "s.csv")
    assert table["recipe"].unique().tolist() == [f"ldl/{recipe}" for recipe in RECIPES]
    first = table[table["recipe"] == "ldl/rrdb_gan_stability"]
    assert first[["step", "image", "mad"]].to_numpy().tolist() == [
        [5, "cat", 8.0],
        [5, "dog", 4.0],
        [10, "cat", 2.0],
        [10, "dog", 1.0],
    ]
    assert "5 steps apart" in json.loads((tmp_path / "s.json").read_text())["caption"]


def test_one_change_is_no_curve(tmp_path: Path) -> None:
    results = stability(tmp_path, "step,previous_step,image,mad\n5,0,cat,8.0\n")
    with pytest.raises(Missing, match="at least two changes"):
        FIGURES.draw_stability(results, tmp_path / "s.png")
