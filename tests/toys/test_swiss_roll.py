"""The Swiss-roll toy: the figure's ordering, and the measure against a point whose distance is known."""

import math
from functools import cache

import pandas as pd
import pytest
import torch
import typer
from typer.testing import CliRunner

from sr.cli.toys import app
from sr.toys.swiss_roll import LossName, distance_to_roll, roll, swiss_roll


@cache
def mean_distance(loss: LossName, seed: int, beta: float = 5.0) -> float:
    return distance_to_roll(swiss_roll(loss, seed, 600, beta)).mean().item()


@pytest.mark.parametrize("seed", [0, 1])
def test_best_buddies_lie_nearer_to_the_roll_than_averages(seed: int) -> None:
    assert mean_distance("best_buddy", seed) < 0.6 * mean_distance("mae", seed)
    assert mean_distance("mae", seed) < 0.6 * mean_distance("mse", seed)


def test_without_a_pull_to_the_estimate_it_is_mae() -> None:
    """Sec. 3.1: for beta much smaller than alpha the loss degenerates into MAE."""
    assert torch.allclose(swiss_roll("best_buddy", 0, 20, beta=0.0), swiss_roll("mae", 0, 20))


def test_the_seed_decides() -> None:
    assert torch.equal(swiss_roll("mae", 3, 5), swiss_roll("mae", 3, 5))
    assert not torch.equal(swiss_roll("mae", 3, 5), swiss_roll("mae", 4, 5))


def test_distances() -> None:
    on_it = roll(torch.tensor([2 * math.pi, 3 * math.pi]))
    assert torch.allclose(on_it, torch.tensor([[2 * math.pi, 0.0], [-3 * math.pi, 0.0]]), atol=1e-4)
    assert distance_to_roll(on_it).max() < 2e-3
    beyond_the_outer_end = torch.tensor([[0.0, 4.5 * math.pi + 2.0]])
    assert distance_to_roll(beyond_the_outer_end).item() == pytest.approx(2.0, abs=0.05)


def test_command(tmp_path) -> None:
    outer = typer.Typer()
    outer.add_typer(app, name="toy")
    arguments = ["toy", "swiss-roll", "--output", str(tmp_path), "--steps", "2", "--beta", "1", "--beta", "2"]
    result = CliRunner().invoke(outer, arguments)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "swiss_roll.csv")
    assert list(table["loss"].unique()) == ["MAE", "MSE", "best buddy, beta 1", "best buddy, beta 2"]
    assert list(table.loc[table["loss"] == "MSE", "x"]) == list(range(-7, 8))
    points = torch.tensor(table[["y1", "y2"]].to_numpy(), dtype=torch.float32)
    assert torch.allclose(distance_to_roll(points), torch.tensor(table["distance"]).float(), atol=1e-3)
    drawn = (tmp_path / "swiss_roll.png").exists()
    assert drawn or "matplotlib is not installed" in result.output
