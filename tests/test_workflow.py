"""The Snakemake workflow: plans, refusals, and runs that are killed and started again."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.project_copy import copied_project, inside
from tests.recipes.synthetic_record import make_record

PROJECT = Path(__file__).parents[1]
RUNS = "results/runs/demo/embedded_train/srgan"
GENERATORS = [f"{RUNS}/{recipe}/seed0/generator.safetensors" for recipe in ("srresnet_mse", "srgan_vgg54")]

pytestmark = pytest.mark.skipif(shutil.which("snakemake") is None, reason="snakemake is not installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project's files without data and results."""
    return copied_project(tmp_path)


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "SR_MIRROR"}
    options = ["--config", "download=none"] if "--config" not in arguments else ["download=none"]
    command = ["snakemake", *arguments, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


def test_a_dry_run_needs_no_flags(clone: Path) -> None:
    result = snakemake(clone, "-n", "results/tables/table2_srgan.csv")
    assert result.returncode == 0, result.stderr
    assert "srresnet_mse" in result.stdout + result.stderr
    assert not (clone / "results").exists()


def test_a_misspelt_configuration_is_refused(clone: Path) -> None:
    result = snakemake(clone, "-n", "--config", "budgett=demo")
    assert result.returncode == 1
    assert "unknown key 'budgett'; did you mean 'budget'" in result.stdout + result.stderr


def test_a_missing_mirror_is_refused(clone: Path) -> None:
    result = snakemake(clone, "-n", "--config", "mirror=/no/such/folder")
    assert result.returncode == 1
    assert "/no/such/folder: no such folder" in result.stdout + result.stderr


def test_a_training_is_shared_and_a_finished_run_keeps_what_it_was_made_from(clone: Path) -> None:
    """Other inputs would ask for a finished run again, which may have cost weeks."""
    run, twin = (f"results/runs/demo/embedded_train/esrgan/{name}/seed0" for name in ("pi_psnr", "rrdb_psnr"))
    target = f"{run}/generator.safetensors"
    for record, shared in (
        (None, True),
        (make_record("esrgan/pi_psnr"), False),
        (make_record("esrgan/pi_psnr", same_training_as="esrgan/rrdb_psnr"), True),
    ):
        if record is not None:
            (clone / run).mkdir(parents=True, exist_ok=True)
            (clone / run / "run.json").write_text(json.dumps(record))
        result = snakemake(clone, "-n", target)
        assert result.returncode == 0, result.stderr
        assert (f"{twin}/generator.safetensors" in result.stdout + result.stderr) == shared


def test_a_set_that_was_packed_by_hand_is_compared_with_what_was_prepared_since(clone: Path) -> None:
    """And no training is made again for it."""
    pytest.importorskip("skimage")
    inside(clone, "-m", "sr", "pack", "embedded_train")
    inside(clone, "-m", "sr", "prepare", "embedded")
    (clone / "data/fetched").mkdir()
    (clone / "data/fetched/alexnet.json").touch()
    index = clone / "data/packed/embedded_train/index.json"
    assert json.loads(index.read_text())["compared_with"] == {}
    run = (clone / GENERATORS[0]).parent
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps(make_record("srgan/srresnet_mse")))
    for name in ("generator.safetensors", "curve.csv"):
        (run / name).touch()
    target = "results/overlap/embedded_train.txt"
    planned = snakemake(clone, "-n", target, GENERATORS[0])
    assert planned.returncode == 0, planned.stderr
    said = planned.stdout + planned.stderr
    assert "rule pack:" in said
    assert "rule train:" not in said
    result = snakemake(clone, "--cores", "1", target)
    assert result.returncode == 0, result.stderr
    assert "shares no image with embedded." in (clone / target).read_text()
    assert list(json.loads(index.read_text())["compared_with"]) == ["embedded"]
    again = snakemake(clone, "-n", target)
    assert "Nothing to be done" in again.stdout + again.stderr, again.stdout


@pytest.mark.slow
def test_killed_at_any_moment_ends_with_the_same_bits(clone: Path) -> None:
    """SIGKILL to the whole process group, the same command again, until it is done.

    SR_KILLS: how often, at moments drawn between the start of the command and some way into the training
    of a GAN and of the generator it starts with.
    """
    wanted = int(os.environ.get("SR_KILLS", "4"))
    assert snakemake(clone, *GENERATORS).returncode == 0
    unbroken = [(clone / path).read_bytes() for path in GENERATORS]
    subprocess.run(["chmod", "-R", "u+w", str(clone / "results")], check=True)
    shutil.rmtree(clone / "results" / "runs")
    random, kills = np.random.default_rng(0), 0
    while not all((clone / path).exists() for path in GENERATORS):
        process = subprocess.Popen(
            ["snakemake", *GENERATORS, "--config", "download=none"],
            cwd=clone,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if kills < wanted:
            time.sleep(float(random.uniform(1, 20)))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
        assert process.wait() in (0, -signal.SIGKILL)
    print(f"killed {kills} times")
    assert kills == wanted
    assert [(clone / path).read_bytes() for path in GENERATORS] == unbroken
