"""The Snakemake workflow: plans, refusals, and runs that are killed and started again."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from sr.papers.tables import load_layouts, name_in_files
from sr.project import papers
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


def snakemake(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "SR_MIRROR"} | variables
    options = ["--config", "download=none"] if "--config" not in arguments else ["download=none"]
    command = ["snakemake", *arguments, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


def test_a_dry_run_needs_no_flags(clone: Path) -> None:
    result = snakemake(clone, "-n", "results/tables/table2_srgan.csv")
    assert result.returncode == 0, result.stderr
    assert "srresnet_mse" in result.stdout + result.stderr
    assert not (clone / "results").exists()


def test_a_papers_tables_have_short_names_and_one_file_each(clone: Path) -> None:
    rules = snakemake(clone, "--list-rules").stdout.split()
    short = {rule for rule in rules if rule.endswith(tuple(f"_{paper}" for paper in papers()))}
    files = {f"{name_in_files(item)}_{paper}" for paper in papers() for item in load_layouts(paper).tables}
    assert short == files
    result = snakemake(clone, "-n", "table1supp_beby")
    assert "results/tables/table1supp_beby.csv" in result.stdout + result.stderr
    assert snakemake(clone, "-n", "results/tables/table1_supp_beby.csv").returncode == 1


@pytest.mark.parametrize(
    ("budget", "devices", "number"),
    [("demo", "0,1", 1), ("demo", "", 0), ("paper", "0", 1), ("paper", "", 1)],
)
def test_evaluations_take_turns_at_the_gpus_that_there_are(
    clone: Path, budget: str, devices: str, number: int
) -> None:
    """At budget `paper` also a machine without GPUs makes the jobs, which ask for one."""
    target = "results/evaluations/srgan/baselines/embedded.json"
    result = snakemake(clone, "-n", target, "--config", f"budget={budget}", CUDA_VISIBLE_DEVICES=devices)
    assert result.returncode == 0, result.stderr
    (resources,) = re.findall(r"rule evaluate:.*?\n    resources: (.*?)\n", result.stdout, re.DOTALL)
    assert f"gpu={number}" in resources.split(", ")


def test_a_training_never_gets_fewer_gpus_than_it_waits_for(clone: Path) -> None:
    wanted = ("--config", "budget=paper", 'gpus={"paper": 2}')
    refused = snakemake(clone, "-n", *wanted, CUDA_VISIBLE_DEVICES="0")
    assert refused.returncode == 1
    assert "waits for 2 GPUs, and this machine shows 1" in refused.stdout + refused.stderr
    for arguments, devices in (((), "0,1"), (("--resources", "gpu=2"), "0"), ((), "-1")):
        accepted = snakemake(
            clone, "-n", "results/benchmarks.json", *arguments, *wanted, CUDA_VISIBLE_DEVICES=devices
        )
        assert accepted.returncode == 0, accepted.stderr


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
