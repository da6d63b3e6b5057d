"""The whole way at the papers' scale, with made data and without a GPU: `make rehearse`.

350,000 files as ImageNet, DF2K_OST's numbers and sizes of images, DIV2K's 100 test images: dry runs, packing,
the overlap check, three steps of every kind of recipe at full size, and an evaluation that is killed and goes
on. What each step takes of time and memory goes into docs/rehearsal.json, and from there into docs/scaling.md
(`python docs/make_scaling.py`). Any step that fails ends the rehearsal.

Not part of CI: at full size it wants a quiet machine, 60 GB of disk and the minutes that the table tells of.
`--size 0.01` takes a hundredth of the images.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.rehearsal_data import BUDGET, STEPS, make_project, tree_megabytes
from sr.errors import InputError
from sr.files import write_json
from sr.project import root
from sr.provenance import computer
from sr.recipes.recipe import load_recipe
from sr.recipes.run_record import RECORD, WEIGHTS
from sr.seals import write_record
from sr.weights.generators import save_weights
from tests.recipes.synthetic_record import make_record

TESTS = ("embedded", "DIV2K")
IMAGENET, DF2K_OST = "ImageNet", "DF2K_OST"
PROTOCOL = "beby-alexnet"
# One recipe of every kind: of each paper, generator and game.
ON_IMAGENET = ("srgan/srresnet_mse", "srgan/srgan_vgg54")
ON_DF2K_OST = (
    "esrgan/rrdb_psnr",
    "esrgan/esrgan",
    "beby/bebygan",
    "ldl/swinir_psnr",
    "ldl/rrdb_ldl_df2k",
    "ldl/swinir_ldl",
    "gmgan/rrdb_mse",
    "gmgan/gmgan",
)
# Three steps can not beat bicubic, and a run that does not is refused, after all its work.
NOT_LEARNED = "did not learn"


@dataclass(frozen=True)
class Step:
    """What a step took: seconds by the clock and of the processor, MB of memory of its largest process, and
    MB that it left on disk.
    """

    name: str
    seconds: float
    processor_seconds: float
    megabytes: float
    disk_megabytes: float


class Rehearsal:
    """Commands inside a project, measured one by one. tell: gets all steps after each."""

    def __init__(self, project: Path, tell: Callable[[list[Step]], None]) -> None:
        self.project = project
        self._tell = tell
        self.steps: list[Step] = []
        self.threads = str(len(os.sched_getaffinity(0)))
        own = {"PYTHONPATH": str(project), "SR_MIRROR": str(project / "mirror")}
        self._environment = os.environ | own

    def run(self, name: str, *command: str, leaves: str = "", accepted: str = "") -> None:
        """Run and measure a command.

        leaves: the folder whose growth counts. accepted: what a failure may say.
        Raises InputError for any other failure.
        """
        before, began = self._disk(leaves), time.monotonic()
        code = self._ended(name, self._started(name, command), leaves, before, began)
        said = self._log.read_text(errors="replace")
        if code and not (accepted and accepted in said):
            raise InputError(f"{name}: {' '.join(command)} ended with {code}: {said[-2000:]}")

    def sr(self, name: str, *arguments: str, leaves: str = "", accepted: str = "") -> None:
        """The same for a command of `sr`."""
        self.run(name, sys.executable, "-m", "sr", *arguments, leaves=leaves, accepted=accepted)

    def train(self, recipe: str, training_set: str) -> None:
        """Three steps of a recipe, from a made start where it has one."""
        start, output = load_recipe(recipe).start, f"results/runs/{recipe}"
        options = [
            "--training-set",
            f"data/packed/{training_set}",
            "--output",
            output,
            "--budget",
            BUDGET,
        ]
        options += ["--benchmark", "data/benchmarks/embedded", "--threads", self.threads]
        options += ["--start", str(self._made_start(start))] if start else []
        name = f"{STEPS} steps of `{recipe}`"
        self.sr(name, "train", recipe, *options, leaves=output, accepted=NOT_LEARNED)

    def kill(self, name: str, journal: str, lines: int, *arguments: str) -> None:
        """Start a command of `sr`, and kill it when its journal has so many lines."""
        began = time.monotonic()
        process = self._started(name, (sys.executable, "-m", "sr", *arguments))
        path = self.project / journal
        while process.poll() is None and not (path.is_file() and path.read_bytes().count(b"\n") >= lines):
            time.sleep(0.05)
        process.kill()
        if self._ended(name, process, "", 0.0, began) != -signal.SIGKILL:
            raise InputError(f"{name}: ended before it was killed; see {self._log}.")

    def _started(self, name: str, command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        print(f"{name} ...", flush=True)
        with self._log.open("wb") as log:
            return subprocess.Popen(command, cwd=self.project, env=self._environment, stdout=log, stderr=log)

    def _ended(
        self, name: str, process: "subprocess.Popen[bytes]", leaves: str, before: float, began: float
    ) -> int:
        """Wait for a process, note what it took, and return its exit code."""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds, memory = time.monotonic() - began, used.ru_maxrss * 1024 / 1e6
        processor, disk = used.ru_utime + used.ru_stime, self._disk(leaves) - before
        self.steps.append(Step(name, round(seconds, 1), round(processor, 1), round(memory), round(disk)))
        print(f"  {seconds:.0f} s, {memory:.0f} MB of memory, {disk:.0f} MB of disk", flush=True)
        self._tell(self.steps)
        return process.returncode

    def _disk(self, leaves: str) -> float:
        return tree_megabytes(self.project / leaves) if leaves else 0.0

    def _made_start(self, recipe: str) -> Path:
        """A finished run whose generator is as it began, for want of the weeks to train it."""
        folder = self.project / "results" / "runs" / "starts" / recipe
        generator = load_recipe(recipe).generator
        save_weights(folder / WEIGHTS, generator.build())
        settings = make_record()["recipe"] | {"generator": generator.model_dump(mode="json")}
        write_record(folder / RECORD, make_record(recipe, budget=BUDGET, recipe=settings))
        return folder

    @property
    def _log(self) -> Path:
        return self.project / "rehearsal.log"


def rehearse(rehearsal: Rehearsal) -> None:
    """Every step, in the order in which the workflow needs them."""
    run, sr = rehearsal.run, rehearsal.sr
    planned = ["--config", "budget=paper", "download=none", f"benchmarks={json.dumps(TESTS)}"]
    snakemake = [sys.executable, "-m", "snakemake", "--quiet", "all", "-n", "all"]
    run("dry run, SRGAN", *snakemake, *planned, 'papers=["srgan"]')
    run("dry run, all papers", *snakemake, *planned)
    sr("fetch VGG16 and AlexNet", "assets", "fetch", "vgg16", "alexnet")
    tests = [f"data/benchmarks/{name}" for name in TESTS]
    for name, folder in zip(TESTS, tests, strict=True):
        sr(f"prepare {name}", "prepare", name, "--output", folder, leaves=folder)
    _evaluate(rehearsal)
    for training_set, recipes in ((IMAGENET, ON_IMAGENET), (DF2K_OST, ON_DF2K_OST)):
        folder = f"data/packed/{training_set}"
        options = [part for name in tests for part in ("--benchmark", name)] + [
            "--threads",
            rehearsal.threads,
        ]
        name = f"pack {training_set}, compared with {len(tests)} benchmarks"
        sr(name, "pack", training_set, "--output", folder, *options, leaves=folder)
        sr(f"overlap of {training_set}", "overlap", folder, *tests)
        for recipe in recipes:
            rehearsal.train(recipe, training_set)
        # 60 GB are enough for one set at a time.
        shutil.rmtree(rehearsal.project / folder)


def _evaluate(rehearsal: Rehearsal) -> None:
    """PSNR, SSIM and LPIPS of bicubic enlargements; killed half way.

    By the paper that takes AlexNet's features: VGG's, and DISTS, take a minute of a core for each such image.
    """
    images = sum(1 for _ in (rehearsal.project / "data/benchmarks/DIV2K/HR").iterdir())
    command = [
        "evaluate",
        "--source",
        "baseline/bicubic",
        "--protocol",
        PROTOCOL,
        "--benchmark",
        "data/benchmarks/DIV2K",
    ]
    command += ["--output", "results/evaluations/DIV2K.json", "--threads", rehearsal.threads]
    journal = f"results/scores/{PROTOCOL}/baseline/bicubic/.DIV2K.journal"
    # Light metrics come first, then LPIPS, so that all of those and half of these are done.
    rehearsal.kill("evaluation of bicubic on DIV2K, killed", journal, images + images // 2, *command)
    rehearsal.sr("the same evaluation goes on", *command)


def main() -> None:
    """Rehearse in a new folder, which goes with the rehearsal, and write what each step took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=float, default=1.0, help="part of the images (default: all)")
    parser.add_argument(
        "--folder", type=Path, help="where 60 GB of disk are free (default: for temporary files)"
    )
    parser.add_argument("--output", type=Path, default=root() / "docs" / "rehearsal.json")
    chosen = parser.parse_args()
    began = time.monotonic()

    def tell(steps: list[Step], ended: bool = False) -> None:
        """After every step, so that what was reached is known where one fails."""
        found = {
            "size": chosen.size,
            "machine": computer() | {"cores": len(os.sched_getaffinity(0))},
            "minutes": round((time.monotonic() - began) / 60, 1),
            "ended": ended,
            "steps": [asdict(step) for step in steps],
        }
        write_json(chosen.output, found)

    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=chosen.folder) as folder:
        project = Path(folder) / "project"
        print("making images ...", flush=True)
        make_project(project, chosen.size)
        rehearsal = Rehearsal(project, tell)
        rehearse(rehearsal)
        tell(rehearsal.steps, ended=True)
    print(f"{(time.monotonic() - began) / 60:.0f} minutes; {chosen.output} is written.")


if __name__ == "__main__":
    main()
