"""The jobs behind some tables, as the workflow makes them: runs after their starts, evaluations after runs.

What a run takes is arithmetic at a GPU's rate. Evaluations compute on a processor core, beside the GPUs.
Jobs that take minutes (packing, tables, figures) are left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sr.papers.comparison import COMPARISON
from sr.papers.tables import load_layouts
from sr.planning.cost import RunCost
from sr.planning.evaluations import jobs_for
from sr.planning.makespan import Job
from sr.planning.megapixels import MEGAPIXELS
from sr.planning.plan import Plan

# What one processor core does, measured as its own time under Linux on x86-64: operations a second when it
# reconstructs (0.10e12 with RRDB-23, 0.09e12 with MSRResNet, 0.05e12 with SwinIR), and seconds for the scores
# of an HR megapixel (13 under Beby-GAN's protocol, 14 under LDL's without FID; Set14).
RECONSTRUCTION = 0.1e12
SCORING = 14.0


@dataclass(frozen=True)
class Rates:
    """What devices sustain. training: operations a second of a GPU.

    reconstruction: operations a second of the processor core that reconstructs. scoring: seconds that the
    scores of an HR megapixel take on it.
    """

    training: float
    reconstruction: float
    scoring: float


def jobs(plan: Plan, runs: Iterable[RunCost], tables: Iterable[tuple[str, str]], rates: Rates) -> list[Job]:
    """Every run and evaluation behind some tables (paper, item), with lengths in hours.

    As in the workflow, one job evaluates on one benchmark all sources of a table that no table before it
    has had evaluated, or several of one length where images are many and large, on a processor core. It
    waits for all the table's runs.
    """
    known = {run.recipe: run for run in runs}
    found = [job for run in known.values() for job in _trainings(plan, run, rates)]
    evaluated: set[tuple[str, str, str]] = set()
    for paper, item in tables:
        needed = [known[name] for name in plan.recipes_of([(paper, item)])]
        after = tuple(f"{run.recipe}/seed{seed}" for run in needed for seed in range(run.seeds))
        for benchmark in _benchmarks(plan, paper, item):
            new = [run for run in needed if (paper, run.recipe, benchmark) not in evaluated]
            evaluated |= {(paper, run.recipe, benchmark) for run in new}
            length = sum(_evaluation(run, MEGAPIXELS[benchmark], rates) for run in new)
            parts = jobs_for(sum(run.seeds for run in new), benchmark)
            names = [f"evaluate {paper} {item} {benchmark}"] * parts
            if parts > 1:
                names = [f"{name}, {number} of {parts}" for number, name in enumerate(names, start=1)]
            found += [Job(name, length / parts, after, machine=False) for name in names]
    return found


def _trainings(plan: Plan, run: RunCost, rates: Rates) -> list[Job]:
    """One for each seed; it begins with its start's first seed, or its own, and follows that of its twin."""
    starts, own = plan.trainings.chain(run.recipe)[1:2], plan.trainings.own_starts
    hours = run.operations / rates.training / 3600
    found = []
    for seed in range(run.seeds):
        start = tuple(f"{name}/seed{seed if own else 0}" for name in starts)
        twin = (f"{run.twin}/seed{seed}",) if run.twin else ()
        found.append(Job(f"{run.recipe}/seed{seed}", hours, (*start, *twin), machine=run.twin is None))
    return found


def _evaluation(run: RunCost, megapixels: float, rates: Rates) -> float:
    """Hours for the reconstructions and scores of all seeds."""
    passes = run.operations_a_pixel * 1e6 / rates.reconstruction
    return run.seeds * megapixels * (passes + rates.scoring) / 3600


def _benchmarks(plan: Plan, paper: str, item: str) -> list[str]:
    if item == COMPARISON:
        return [name for name in plan.comparison.benchmarks if name in MEGAPIXELS]
    table = load_layouts(paper).table(paper, item)
    printed = dict.fromkeys(table.benchmark(dataset) for dataset in table.datasets)
    return [name for name in printed if name in MEGAPIXELS]
