"""The jobs behind some tables, as the workflow makes them: runs after their starts, evaluations after runs.

What a job takes is arithmetic at a rate, for the networks' passes, and processor time for the scores. Jobs
that take seconds (packing, tables, figures) are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sr.cost import RunCost
from sr.makespan import Job
from sr.plan import Plan
from sr.replication.layout import load_layouts

# HR megapixels of the benchmarks that tables print. Set5, Set14 and BSD100 are counted; the others are their
# number of images times a usual size of theirs. UH4K was never released.
MEGAPIXELS = {
    "Set5": 0.57,
    "Set14": 3.22,
    "BSD100": 15.44,
    "Urban100": 100 * 0.98 * 0.80,
    "Manga109": 109 * 0.83 * 1.17,
    "General100": 100 * 0.17,
    "DIV2K": 100 * 2.04 * 1.36,
}

# Seconds of one processor core for the scores of an HR megapixel: LPIPS, DISTS, PSNR and SSIM, or LPIPS,
# NIQE, PSNR and SSIM, measured on Set14.
SCORING = 4.0


@dataclass(frozen=True)
class Rates:
    """teraflops: what a device sustains. scoring: seconds that the scores of an HR megapixel take."""

    teraflops: float
    scoring: float

    def hours(self, operations: float) -> float:
        """Hours that floating point operations take."""
        return operations / (self.teraflops * 1e12) / 3600


def jobs(plan: Plan, runs: Iterable[RunCost], tables: Iterable[tuple[str, str]], rates: Rates) -> list[Job]:
    """Every run and evaluation behind some tables (paper, item), with lengths in hours.

    As in the workflow, one job evaluates all sources of a table on one benchmark that no table before it
    has had evaluated, and waits for all the table's runs.
    """
    known = {run.recipe: run for run in runs}
    found = [job for run in known.values() for job in _trainings(plan, run, rates)]
    evaluated: set[tuple[str, str, str]] = set()
    for paper, item in tables:
        needed = [known[name] for name in plan.recipes_of([(paper, item)])]
        after = tuple(f"{run.recipe}/seed{seed}" for run in needed for seed in range(run.seeds))
        for benchmark in _benchmarks(paper, item):
            new = [run for run in needed if (paper, run.recipe, benchmark) not in evaluated]
            evaluated |= {(paper, run.recipe, benchmark) for run in new}
            length = sum(_evaluation(run, MEGAPIXELS[benchmark], rates) for run in new)
            if new:
                found.append(Job(f"evaluate {paper} {item} {benchmark}", length, after))
    return found


def _trainings(plan: Plan, run: RunCost, rates: Rates) -> list[Job]:
    """One for each seed; all begin with the first seed of their start."""
    start = plan.chain(run.recipe)[1:2]
    after = tuple(f"{name}/seed0" for name in start)
    hours = rates.hours(run.operations)
    return [Job(f"{run.recipe}/seed{seed}", hours, after) for seed in range(run.seeds)]


def _evaluation(run: RunCost, megapixels: float, rates: Rates) -> float:
    """Hours for the reconstructions and scores of all seeds."""
    passes = rates.hours(run.operations_a_pixel * megapixels * 1e6)
    return run.seeds * (passes + rates.scoring * megapixels / 3600)


def _benchmarks(paper: str, item: str) -> list[str]:
    table = load_layouts(paper).table(paper, item)
    printed = dict.fromkeys(table.benchmark(dataset) for dataset in table.datasets)
    return [name for name in printed if name in MEGAPIXELS]
