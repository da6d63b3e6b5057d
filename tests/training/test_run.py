"""`sr train` as people and the workflow call it: whole runs, killed runs, refused runs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.benchmarks import prepare
from sr.data.packing import pack
from sr.errors import InputError
from sr.images import write_png
from sr.inference.generators import load_run
from sr.training import run as runs
from sr.training.budget import Budget, load_budget
from sr.training.run import DidNotLearnError, Run, train

ITERATIONS = 30


class NoAssets:
    """Nothing can be had: LPIPS is then missing, with a reason."""

    def find(self, _name: str) -> None:
        return None

    def reason(self, name: str) -> str:
        return f"{name} is not here."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Smooth images to train on, and one to validate on."""
    random = np.random.default_rng(0)
    for number in range(9):
        coarse = torch.from_numpy(random.random((1, 3, 8, 8)))
        smooth = torch.nn.functional.interpolate(coarse, size=(64, 64), mode="bicubic").clamp(0, 1)
        folder = "train" if number < 8 else "test"
        pixels = (smooth[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        write_png(tmp_path / folder / f"{number}.png", pixels)
    pack("smooth", sorted((tmp_path / "train").iterdir()), tmp_path / "packed")
    prepare("one", sorted((tmp_path / "test").iterdir()), tmp_path / "benchmark")
    return tmp_path


def tiny() -> Budget:
    demo = load_budget("demo")
    caps = demo.psnr_oriented.caps.model_copy(update={"iterations": ITERATIONS, "patch": 16, "batch": 4})
    share = demo.psnr_oriented.model_copy(update={"caps": caps, "checks": 3, "threads": 1})
    return demo.model_copy(update={"psnr_oriented": share, "perceptual_oriented": share})


@pytest.fixture
def tiny_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "load_budget", lambda _name: tiny())


def a_run(data: Path, output: str, recipe: str = "srgan/srresnet_mse", start: Path | None = None) -> Run:
    return Run(recipe, "demo", 0, data / "packed", data / "benchmark", start, data / output)


def below_bicubic(run: Run) -> dict:
    """Thirty steps teach nothing: the run must say so, and leave its record."""
    with pytest.raises(DidNotLearnError, match=r"did not learn: .* dB after 30 iterations is not above"):
        train(run, NoAssets())  # type: ignore[arg-type]
    return json.loads((run.output / "progress" / "run.json").read_text())


@pytest.mark.usefixtures("tiny_budget")
def test_a_run_that_did_not_learn_fails_and_leaves_no_weights(data: Path) -> None:
    record = below_bicubic(a_run(data, "run"))
    assert record["status"] == "did not learn"
    assert not (data / "run" / "generator.safetensors").exists()
    assert not (data / "run" / "run.json").exists()


@pytest.mark.usefixtures("tiny_budget")
def test_a_gan_run_leaves_weights_curve_record_and_samples(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs.Recipe, "psnr_oriented", property(lambda _self: False))
    monkeypatch.setattr(Budget, "share", lambda self, _recipe: self.psnr_oriented)
    first = train(a_run(data, "mse"), NoAssets())  # type: ignore[arg-type]
    record = train(a_run(data, "gan", "srgan/srgan_mse", data / "mse"), NoAssets())  # type: ignore[arg-type]
    assert record["validation"]["start_psnr"] == first["validation"]["psnr"]
    assert record["validation"]["lpips"] is None
    assert "alexnet is not here" in record["validation"]["lpips_unavailable"]
    assert any(deviation.startswith("schedule.iterations: 30 instead") for deviation in record["deviations"])
    curve = (data / "gan" / "curve.csv").read_text().splitlines()
    assert curve[0].split(",")[4:7] == ["mse", "standard_gan", "discriminator"]
    assert [int(line.split(",")[0]) for line in curve[1:]] == [0, 10, 20, 30]
    assert [path.name for path in (data / "gan" / "samples").iterdir()] == ["8.png"]
    generator, _ = load_run(data / "gan")
    assert generator(torch.rand(1, 3, 4, 4)).shape == (1, 3, 16, 16)


@pytest.mark.usefixtures("tiny_budget")
def test_wrong_starts_are_refused(data: Path) -> None:
    with pytest.raises(InputError, match="srgan/srgan_mse begins with srgan/srresnet_mse: give --start"):
        train(a_run(data, "gan", "srgan/srgan_mse"), NoAssets())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="begins from scratch: leave out --start"):
        train(a_run(data, "mse", start=data), NoAssets())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="holds no finished run"):
        train(a_run(data, "gan", "srgan/srgan_mse", data), NoAssets())  # type: ignore[arg-type]


@pytest.mark.usefixtures("tiny_budget")
def test_progress_of_another_training_set_is_refused(data: Path) -> None:
    below_bicubic(a_run(data, "run"))
    pack("other", sorted((data / "train").iterdir())[:6], data / "packed")
    with pytest.raises(InputError, match=r"of another recipe, seed or training set"):
        train(a_run(data, "run"), NoAssets())  # type: ignore[arg-type]


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_run
from sr.training import loop, run as runs
loop._SECONDS_BETWEEN_CHECKPOINTS = 0.0
runs.load_budget = lambda name: test_run.tiny()
runs.Recipe.psnr_oriented = property(lambda self: False)
test_run.Budget.share = lambda self, recipe: self.psnr_oriented
runs.train(test_run.a_run(Path({data!r}), {output!r}), test_run.NoAssets())
"""


def start_process(data: Path, output: str) -> subprocess.Popen:
    script = SCRIPT.format(tests=str(Path(__file__).parent), data=str(data), output=output)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", script],
        start_new_session=True,
        stderr=subprocess.PIPE,
        env=environment,
    )


def test_killed_and_started_again_ends_with_the_same_bits(data: Path) -> None:
    assert start_process(data, "unbroken").wait() == 0
    kills = 0
    random = np.random.default_rng(0)
    while not (data / "broken" / "generator.safetensors").exists():
        process = start_process(data, "broken")
        while process.poll() is None and not list((data / "broken" / "progress").glob("checkpoint-*")):
            time.sleep(0.01)
        time.sleep(float(random.uniform(0, 0.15)))
        if kills < 4 and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        assert process.wait() in (0, -signal.SIGKILL)
    unbroken, broken = (
        (data / name / "generator.safetensors").read_bytes() for name in ("unbroken", "broken")
    )
    assert kills >= 1
    assert unbroken == broken
