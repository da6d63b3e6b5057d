"""The workflow on a real Slurm, whose controller and node last as long as the tests, on loopback."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sr.config import load_yaml
from sr.files import write_json

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "scripts" / "slurm_on_loopback.sh"
UNAVAILABLE = 69

TABLE = "results/tables/table2_srgan.csv"
PAPER = "embedded_train/srgan"
RECIPE = "srresnet_mse"
RUN = Path("results/runs/smoke") / PAPER / RECIPE / "seed0"
COMMENT = f"rule_train_wildcards_smoke_embedded_train_srgan_{RECIPE}"
LOG = Path("results/logs/train/smoke") / PAPER / RECIPE / "seed0" / "train.log"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("snakemake") is None, reason="snakemake is not installed"),
]


@pytest.fixture(scope="module")
def slurm() -> Iterator[dict[str, str]]:
    """The environment in which commands find the cluster."""
    wait_for_the_end = 'echo "$SLURM_CONF $PATH" && exec cat'
    script = subprocess.Popen(
        [SCRIPT, "sh", "-c", wait_for_the_end],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    assert script.stderr is not None
    configuration, _, path = script.stdout.readline().strip().partition(" ")
    if not configuration:
        reason = script.stderr.read().strip()
        assert script.wait() == UNAVAILABLE, reason
        pytest.skip(f"no Slurm here: {reason}")
    without = ("SR_MIRROR", "SLURM_CONF")
    environment = {name: value for name, value in os.environ.items() if name not in without}
    here = {"SLURM_CONF": configuration, "PATH": path, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    yield environment | here
    script.stdin.close()
    assert script.wait() == 0, script.stderr.read()
    assert not Path(configuration).parent.exists()
    assert processes_that_mention(Path(configuration).parent.name) == []


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """A command with its output in FOLDER/output.log, which does not outlive the block."""
    with (folder / "output.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project without results, and with a budget for this test: one that learns in a minute, and whose
    trainings ask for a GPU.
    """
    folder = tmp_path / "clone"
    for part in ("Snakefile", "environment.yml", "workflow", "profiles", "replications"):
        copy = shutil.copytree if (PROJECT / part).is_dir() else shutil.copy
        folder.mkdir(exist_ok=True)
        copy(PROJECT / part, folder / part)
    if (PROJECT / "data" / "assets").is_dir():
        (folder / "data").mkdir()
        (folder / "data" / "assets").symlink_to(PROJECT / "data" / "assets")
    budgets = folder / "workflow" / "budgets"
    smoke = load_yaml(budgets / "demo.yaml") | {"budget": "smoke"}
    smoke["perceptual_oriented"]["caps"]["iterations"] = 20
    # YAML reads JSON.
    write_json(budgets / "smoke.yaml", smoke)
    return folder


def processes_that_mention(text: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if text in line]


def wait_for(condition: Callable[[], object], seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


def jobs(slurm: dict[str, str], rule: str) -> list[dict[str, str]]:
    """What the controller knows of the jobs of a rule, the first one first."""
    command = ["scontrol", "--oneliner", "show", "jobs"]
    shown = subprocess.run(command, env=slurm, capture_output=True, text=True, check=True).stdout
    known = [dict(re.findall(r"(\w+)=(\S+)", line)) for line in shown.splitlines()]
    return sorted((job for job in known if rule in job.get("Comment", "")), key=lambda job: int(job["JobId"]))


def test_a_killed_training_goes_on_and_ends_with_the_same_bits(slurm: dict[str, str], clone: Path) -> None:
    command = ["snakemake", "--workflow-profile", "profiles/slurm", TABLE, "--config", "download=none"]
    # What a small machine has: two cores at least, and little memory.
    command += ["--set-resources", "train:mem_mb=attempt * 1500", "evaluate:mem_mb=attempt * 1500"]
    command += ["--set-threads", "evaluate=1", "prepare=1", "pack=1"]
    command += ["--default-resources", "cpu=1", "mem_mb=1500", "runtime=60", "slurm_partition=main"]
    command += ["--slurm-no-account", "--slurm-status-command", "squeue"]
    command += ["--slurm-init-seconds-before-status-checks", "3"]
    command += [
        "--config",
        "budget=smoke",
        'gpus={"smoke": 1}',
        'checkpoint_minutes={"smoke": 0.1}',
        'papers=["srgan"]',
        'benchmarks=["embedded"]',
    ]
    with running(command, clone, slurm) as workflow:
        progress = clone / RUN / "progress"
        wait_for(lambda: list(progress.glob("checkpoint-*.pt")) or workflow.poll() is not None)
        assert workflow.poll() is None, (clone / "output.log").read_text()
        (first,) = jobs(slurm, COMMENT)
        subprocess.run(["scancel", "--signal=KILL", "--full", first["JobId"]], env=slurm, check=True)

        train = [
            "sr",
            "train",
            f"srgan/{RECIPE}",
            "--budget",
            "smoke",
            "--threads",
            "1",
            "--output",
            "unbroken",
        ]
        train += ["--training-set", "data/packed/embedded_train", "--benchmark", "data/benchmarks/embedded"]
        unbroken = subprocess.run(train, cwd=clone, env=slurm, capture_output=True, text=True, check=False)
        assert unbroken.returncode == 0, unbroken.stderr
        assert workflow.wait(timeout=600) == 0, (clone / "output.log").read_text()
    assert (clone / TABLE).exists()

    killed, resumed = jobs(slurm, COMMENT)
    assert killed["JobId"] == first["JobId"]
    assert killed["JobState"] != "COMPLETED"
    assert resumed["JobState"] == "COMPLETED"
    assert re.fullmatch(r"gres[:/]gpu:1", resumed["TresPerJob"])
    assert "mem=1500M" in killed["TRES"]
    assert "mem=3000M" in resumed["TRES"]
    resumption = re.search(r"resuming at step (\d+) of (\d+)", (clone / LOG).read_text())
    assert resumption is not None
    step, steps = map(int, resumption.groups())
    assert 0 < step < steps
    weights = "generator.safetensors"
    assert (clone / RUN / weights).read_bytes() == (clone / "unbroken" / weights).read_bytes()
