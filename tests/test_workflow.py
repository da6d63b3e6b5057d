"""The Snakemake workflow: plans, refusals, and runs that are killed and started again."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

PROJECT = Path(__file__).parents[1]
RUN = "results/runs/demo/embedded_train/srgan/srresnet_mse/seed0"

pytestmark = pytest.mark.skipif(shutil.which("snakemake") is None, reason="snakemake is not installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project's files without data and results."""
    ignored = shutil.ignore_patterns(".*", "data", "results", "__pycache__", "*.egg-info")
    folder = tmp_path / "clone"
    shutil.copytree(PROJECT, folder, ignore=ignored)
    # `data` at any depth was left out: sr/data and tests/data are code.
    for package in ("sr", "tests"):
        shutil.copytree(PROJECT / package / "data", folder / package / "data", dirs_exist_ok=True)
    return folder


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "SR_MIRROR"}
    command = ["snakemake", *arguments]
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


@pytest.mark.slow
def test_killed_at_any_moment_ends_with_the_same_bits(clone: Path) -> None:
    """SIGKILL to the whole process group, the same command again, until it is done."""
    target = f"{RUN}/generator.safetensors"
    assert snakemake(clone, target).returncode == 0
    unbroken = (clone / target).read_bytes()
    subprocess.run(["chmod", "-R", "u+w", str(clone / "results")], check=True)
    shutil.rmtree(clone / "results" / "runs")
    random, kills = np.random.default_rng(0), 0
    while not (clone / target).exists():
        process = subprocess.Popen(
            ["snakemake", target],
            cwd=clone,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if kills < 4:
            time.sleep(float(random.uniform(6, 25)))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
        assert process.wait() in (0, -signal.SIGKILL)
    assert kills >= 2
    assert (clone / target).read_bytes() == unbroken
