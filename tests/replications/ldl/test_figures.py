import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from sr.data.benchmarks import prepare
from sr.figures.crops import Crop
from sr.figures.figure import Missing
from sr.figures.own import load_module
from sr.figures.paper_results import PaperResults
from sr.images import to_tensor, write_png
from sr.losses.artifact import Artifact, ArtifactSettings
from sr.losses.batch import Batch
from sr.networks.msrresnet import MSRResNetSettings
from sr.papers.studies import load_study
from sr.project import paper_folder
from sr.results.source import parse_sources
from tests.figures.synthetic_results import write_run, write_seeds

FIGURES = load_module(paper_folder("ldl") / "figures.py")

WINDOW, ROOT = 3, 5.0
NETWORK = MSRResNetSettings(network="msrresnet", blocks=1, channels=4, initialisation_scale=0.1)
RECIPES = load_study("ldl", "stability").full_recipes("ldl")


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


def grey(level: float) -> dict[str, torch.Tensor]:
    """Weights of an MSRResNet that adds one level to its enlarged input: bilinear, so flat inside."""
    state = NETWORK.build().state_dict()
    state = {name: torch.zeros_like(value) for name, value in state.items()}
    return state | {"conv_last.bias": torch.full((3,), level / 255)}


def stability(folder: Path, levels: list[int]) -> PaperResults:
    """Two runs that kept generators of these levels every five steps, and images of their results."""
    pixels = np.full((96, 192, 3), 100, np.uint8)
    pixels[:, 96:] = 60
    write_png(folder / "one.png", pixels)
    prepare("one", [folder / "one.png"], folder / "benchmarks" / "one")
    sources = [f"trained/demo/small/{recipe}/seed0" for recipe in RECIPES]
    for source in sources:
        write_run(folder, source, "RRDB", {}, **NETWORK.model_dump())
        run = folder / "runs" / source.removeprefix("trained/")
        save_file(grey(0.0), run / "generator.safetensors")
        (run / "kept").mkdir()
        for number, level in enumerate(levels, start=1):
            save_file(grey(level), run / "kept" / f"step{5 * number:08d}.safetensors")
        write_png(folder / "reconstructions" / source / "one" / "one.png", pixels)
        write_seeds(folder, "ldl", source.removesuffix("/seed0"), "one", [{"PSNR": 20.0}])
    found = parse_sources(sources)
    return PaperResults("ldl", tuple(found), ("one",), {}, folder, folder / "benchmarks")


def test_stability_is_the_change_between_kept_generators(tmp_path: Path) -> None:
    """Generators that add 0, 8 and 10 levels differ by 8 and by 2 everywhere."""
    pytest.importorskip("matplotlib")
    FIGURES.draw_stability(stability(tmp_path, [0, 8, 10]), tmp_path / "s.png")
    table = pd.read_csv(tmp_path / "s.csv")
    assert table["recipe"].unique().tolist() == list(RECIPES)
    first = table[(table["recipe"] == "ldl/rrdb_gan") & (table["patch"] == "C")]
    assert first[["step", "previous_step"]].to_numpy().tolist() == [[10, 5], [15, 10]]
    # Halves on the edge between the two levels round either way.
    assert first["mad"].tolist() == pytest.approx([8.0, 2.0], abs=0.05)
    assert set(table["patch"]) == {"A", "B", "C"}
    assert "kept 5 steps apart" in json.loads((tmp_path / "s.json").read_text())["caption"]


def test_one_change_is_no_curve(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="kept 2 generators: a curve needs three"):
        FIGURES.draw_stability(stability(tmp_path, [0, 8]), tmp_path / "s.png")


def test_toy_patches_have_what_the_text_says_of_them() -> None:
    """A is told by its pooled pixels; B and C are not, and C is furthest from what has the same ones."""
    distances = {}
    for kind, patch in FIGURES.toy_patches().items():
        other = FIGURES.turned_inside_blocks(patch)
        assert np.allclose(FIGURES.pooled(other), FIGURES.pooled(patch))
        distances[kind] = np.abs(other - patch).mean()
    assert distances["A"] == 0 < distances["B"] < 0.5 * distances["C"]
    assert FIGURES.pooled(FIGURES.toy_patches()["C"]).std() == pytest.approx(0)


def test_pooling_is_the_mean_of_two_by_two() -> None:
    patch = np.arange(16.0).reshape(4, 4)
    assert FIGURES.pooled(patch).tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_facts_of_stability_are_means_and_deviations_of_each_seed() -> None:
    changes = {1: (3.0, 5.0), 0: (1.0, 1.0)}
    rows = [("ldl/rrdb_gan", seed, "A", mad) for seed, each in changes.items() for mad in each]
    facts = FIGURES.stability_facts(pd.DataFrame(rows, columns=["recipe", "seed", "patch", "mad"]))
    assert facts["mean change, rrdb_gan, A"].values == (1.0, 4.0)
    assert facts["variation of the change, rrdb_gan, A"].values == pytest.approx((0.0, 2**0.5))


def test_the_title_says_how_far_apart_equal_pooled_pixels_lie() -> None:
    step, lines = np.array([[0.0, 0.0, 1.0, 1.0]] * 2), np.array([[0.0, 0.5, 0.0, 0.5]] * 2)
    assert FIGURES.toy_finding({"A": step, "C": lines}) == "A's lie 0.00 apart, C's lie 0.50 apart"
