"""The Swiss roll: its ordering, and the measure against a point whose distance is known. Error maps."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional

from sr.figures.crops import Crop
from sr.figures.own import load_module
from sr.losses.region_mask import RegionMaskSettings
from sr.project import paper_folder

FIGURES = load_module(paper_folder("beby") / "figures.py")


@pytest.mark.parametrize("seed", [0, 1])
def test_best_buddies_lie_nearer_to_the_roll_than_averages(seed: int) -> None:
    trained = FIGURES.swiss_roll([("best_buddy", 5.0), ("mae", 0.0), ("mse", 0.0)], seed, 600)
    buddies, mae, mse = (FIGURES.distance_to_roll(points).mean().item() for points in trained)
    assert buddies < 0.6 * mae
    assert mae < 0.6 * mse


def test_without_a_pull_to_the_estimate_it_is_mae() -> None:
    """Sec. 3.1: for beta much smaller than alpha the loss degenerates into MAE."""
    buddies, mae = FIGURES.swiss_roll([("best_buddy", 0.0), ("mae", 0.0)], 0, 20)
    assert torch.allclose(buddies, mae)


def test_the_seed_decides() -> None:
    (one,), (again,), (other,) = (FIGURES.swiss_roll([("mae", 0.0)], seed, 5) for seed in (3, 3, 4))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_each_network_learns_as_torchs_own_layers_do_alone() -> None:
    mae, mse = FIGURES.swiss_roll([("mae", 0.0), ("mse", 0.0)], 2, 8)
    for name, found in ((functional.l1_loss, mae), (functional.mse_loss, mse)):
        random = torch.Generator().manual_seed(2)
        layers = [nn.Linear(1, 128), nn.Linear(128, 128), nn.Linear(128, 2)]
        for layer in layers:
            bound = layer.in_features**-0.5
            drawn = torch.empty(layer.in_features, layer.out_features).uniform_(
                -bound, bound, generator=random
            )
            layer.weight.data.copy_(drawn.T)
            layer.bias.data.uniform_(-bound, bound, generator=random)
        network = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 8)
        for _ in range(8):
            angles = 1.5 * math.pi + 3.0 * math.pi * torch.rand(512, generator=random)
            truths = torch.stack([angles * angles.cos(), angles * angles.sin()], dim=1)
            optimiser.zero_grad()
            name(network(truths.mean(dim=1, keepdim=True)), truths).backward()
            optimiser.step()
            schedule.step()
        assert torch.allclose(network(torch.arange(-7.0, 8.0)[:, None]), found, atol=1e-5)


def test_distances() -> None:
    on_it = FIGURES.roll(torch.tensor([2 * math.pi, 3 * math.pi]))
    assert torch.allclose(on_it, torch.tensor([[2 * math.pi, 0.0], [-3 * math.pi, 0.0]]), atol=1e-4)
    assert FIGURES.distance_to_roll(on_it).max() < 2e-3
    beyond_the_outer_end = torch.tensor([[0.0, 4.5 * math.pi + 2.0]])
    assert FIGURES.distance_to_roll(beyond_the_outer_end).item() == pytest.approx(2.0, abs=0.05)


def test_estimates_on_the_roll_have_no_distance(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    on, off = FIGURES.roll(torch.linspace(5, 14, 15)), torch.zeros(15, 2)
    FIGURES.write_swiss_roll({"on": on, "off": off}, tmp_path / "swiss_roll.png")
    data = pd.read_csv(tmp_path / "swiss_roll.csv")
    assert data["x"].tolist() == 2 * list(range(-7, 8))
    assert data[data["loss"] == "on"]["distance"].max() < 2e-3  # the roll is 50,000 points
    # The roll begins at the radius 1.5 pi, where it is nearest to its centre.
    from_centre = data[data["loss"] == "off"]["distance"].tolist()
    assert from_centre == pytest.approx(15 * [1.5 * math.pi], rel=1e-4)
    assert json.loads((tmp_path / "swiss_roll.json").read_text())["place"] == "Fig. 2"
    assert (tmp_path / "swiss_roll.svg").is_file()


def test_errors_are_norms_over_the_colours() -> None:
    random = np.random.default_rng(0)
    output, original = (random.integers(0, 256, (3, 4, 3), dtype=np.uint8) for _ in range(2))
    errors = FIGURES.error_map(output, original)
    for row in range(3):
        for column in range(4):
            squares = [
                ((int(a) - int(b)) / 255) ** 2
                for a, b in zip(output[row, column], original[row, column], strict=True)
            ]
            assert errors[row, column] == pytest.approx(math.sqrt(sum(squares)))


def test_the_table_places_each_pixel_in_its_image() -> None:
    maps = {"with": np.arange(6.0).reshape(2, 3), "without": np.zeros((2, 3))}
    data = FIGURES.error_table(maps, Crop(left=10, top=20, width=3, height=2))
    assert data.columns.tolist() == ["x", "y", "with", "without"]
    row = data[(data["x"] == 12) & (data["y"] == 21)]
    assert row["with"].tolist() == [5.0]


def test_smooth_regions_of_an_original_are_black() -> None:
    """Flat on the left, noise on the right: the 11x11 patches tell them apart but for the seam."""
    random = np.random.default_rng(0)
    original = np.full((32, 64, 3), 120, np.uint8)
    original[:, 32:] = random.integers(1, 256, (32, 32, 3))
    mask = RegionMaskSettings(patch=11, threshold=0.025, image="hr").build()
    found = FIGURES.masked(original, mask)
    assert (found[:, :26] == 0).all()
    assert np.array_equal(found[:, 38:], original[:, 38:])
    share = FIGURES.Masked("any", "noise", original, found).share
    assert 0.5 <= share <= 0.6


def test_titles_say_what_the_data_say() -> None:
    """Each finding turns with its data."""
    near, far = {"loss": "near", "distance": 0.1}, {"loss": "far", "distance": 2.0}
    said = FIGURES.roll_finding(pd.DataFrame([far, near, far, {**near, "distance": 0.3}]))
    assert said == (
        "estimates of near lie nearest to the roll (0.20 away on average), those of far furthest (2.00)"
    )
    ones = np.ones((2, 2))
    for with_it, ending in ((0.75, "25% smaller"), (1.5, "50% larger"), (1.001, "as large")):
        assert FIGURES.errors_finding({"with": with_it * ones, "without": ones}).endswith(ending)
    assert FIGURES.errors_finding({"with": 0 * ones, "without": 0 * ones}).endswith("as large")
    shares = pd.DataFrame({"share_kept": [0.9, 0.1, 0.4]})
    assert (
        FIGURES.masks_finding(shares) == "the game sees 10% to 90% of their pixels, 40% of the median image"
    )
