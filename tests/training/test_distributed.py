"""Two processes learn what one learns, and none of them waits for one that has stopped."""

import csv
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sr.errors import InputError
from sr.recipes.recipe import Recipe
from sr.training.run import train
from tests.training.distributed_worker import first_step
from tests.training.tiny_run import NoAssets, a_run


def together(job: str, folder: Path, count: int = 2) -> list[subprocess.CompletedProcess[str]]:
    """Run a job of distributed_worker.py in some processes, as torchrun would, and wait for all."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    common["OMP_NUM_THREADS"] = "1"
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.distributed_worker", job, str(folder)],
            cwd=Path(__file__).parents[2],
            env=os.environ | common | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    return [
        subprocess.CompletedProcess(process.args, process.wait(120), stderr=process.communicate()[1])
        for process in started
    ]


@pytest.mark.usefixtures("packed")
def test_two_processes_get_the_gradients_of_one(recipe: Recipe, tmp_path: Path) -> None:
    # 24 px leave the discriminator's last normalisation 16 values a channel: fewer are ill-conditioned.
    recipe = recipe.model_copy(update={"batch": 4, "patch": 24})
    (tmp_path / "recipe.json").write_text(recipe.model_dump_json())
    for process in together("steps", tmp_path):
        assert process.returncode == 0, process.stderr
    for rank in (0, 1):
        found = torch.load(tmp_path / f"steps{rank}.pt")
        for networks, measured in found.items():
            for kind, expected in first_step(tmp_path, networks).items():
                for ours, theirs in zip(measured[kind], expected, strict=True):
                    scale = float(theirs.abs().max())
                    torch.testing.assert_close(
                        ours, theirs, rtol=1e-5, atol=1e-5 * scale, msg=f"{networks} {kind}"
                    )


def test_the_global_mean_passes_every_process_gradients(tmp_path: Path) -> None:
    for process in together("mean", tmp_path):
        assert process.returncode == 0, process.stderr
    values = torch.arange(6.0).requires_grad_()
    scaled = values * 2.0
    loss = ((scaled - scaled.mean()) ** 3).mean()
    loss.backward()
    found = [torch.load(tmp_path / f"mean{rank}.pt") for rank in (0, 1)]
    torch.testing.assert_close((found[0][0] + found[1][0]) / 2, loss.detach())
    # A process' own values count half as much in the mean over both: gradients are averaged afterwards.
    torch.testing.assert_close(torch.cat([found[0][1], found[1][1]]) / 2, values.grad)


def test_batch_normalisation_is_over_the_global_batch(tmp_path: Path) -> None:
    """Outputs, running statistics and gradients are those of torch's own layer on the whole batch."""
    draws = torch.Generator().manual_seed(0)
    earlier, features, weights = (
        torch.randn(4, 3, 5, 2, dtype=torch.float64, generator=draws) for _ in range(3)
    )
    features = features * torch.tensor([1.0, 3.0, 0.1, 7.0]).view(4, 1, 1, 1) + 2.0
    layer = torch.nn.BatchNorm2d(3).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.5, 2.0, -1.0]))
        layer.bias.copy_(torch.tensor([1.0, 0.0, -3.0]))
    torch.save(
        {"layer": layer.state_dict(), "earlier": earlier, "features": features, "weights": weights},
        tmp_path / "case.pt",
    )
    for process in together("normalisation", tmp_path):
        assert process.returncode == 0, process.stderr
    features.requires_grad_()
    layer(earlier)
    normalised = layer(features)
    (normalised**3 * weights).mean().backward()
    found = [torch.load(tmp_path / f"normalised{rank}.pt") for rank in (0, 1)]
    torch.testing.assert_close(torch.cat([one["normalised"] for one in found]), normalised.detach())
    torch.testing.assert_close(torch.cat([one["features"] for one in found]), features.grad)
    for one in found:
        torch.testing.assert_close(one["parameters"], [layer.weight.grad, layer.bias.grad])
        torch.testing.assert_close(one["statistics"], list(layer.buffers()))


@pytest.mark.parametrize(("job", "guilty"), [("failing", 0), ("failing_second", 1)])
def test_a_failure_ends_all_and_is_told_once(tmp_path: Path, job: str, guilty: int) -> None:
    processes = together(job, tmp_path)
    assert [process.returncode for process in processes] == [1, 1]
    assert "process refuses" in processes[guilty].stderr
    assert "process refuses" not in processes[1 - guilty].stderr
    assert not list(tmp_path.glob("went-on-*"))


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
def test_a_run_of_two_processes_goes_on_with_one(data: Path) -> None:
    for process in together("stopped_run", data):
        assert process.returncode == 1
        assert "stopped" in process.stderr
    record = train(a_run(data, "shared"), NoAssets())  # type: ignore[arg-type]
    assert record["status"] == "finished"
    assert [one["processes"] for one in record["provenance"]["executions"]] == [2, 1]
    steps = [line.split(",")[0] for line in (data / "shared" / "curve.csv").read_text().splitlines()]
    assert steps == ["step", "0", "10", "20", "30"]


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
def test_a_run_of_one_process_goes_on_with_two_of_which_the_first_writes(data: Path) -> None:
    (alone,) = together("stopped_run", data, count=1)
    assert "stopped" in alone.stderr
    for process in together("watched_run", data):
        assert process.returncode == 0, process.stderr
    first, second = ((data / f"written{rank}").read_text().splitlines() for rank in (0, 1))
    assert any("generator.safetensors" in path for path in first)
    assert any("checkpoint-" in path for path in first)
    assert any("curve.csv" in path for path in first)
    assert second == []

    executions = json.loads((data / "shared" / "run.json").read_text())["provenance"]["executions"]
    assert [one["processes"] for one in executions] == [1, 2]
    train(a_run(data, "unbroken"), NoAssets())  # type: ignore[arg-type]
    found, expected = (
        [float(row["mse"]) for row in csv.DictReader((data / run / "curve.csv").open()) if row["mse"]]
        for run in ("shared", "unbroken")
    )
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_batch_that_can_not_be_shared_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from sr import distributed

    monkeypatch.setattr(distributed, "processes", lambda: 3)
    with pytest.raises(InputError, match="a batch of 16 can not be shared equally by 3 processes"):
        distributed.share(16)
