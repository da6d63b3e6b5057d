"""The jobs behind some tables, as the workflow makes them: runs after their starts, evaluations after runs.

What a run takes is arithmetic at a GPU's rate. An evaluation holds a GPU, too: it reconstructs at that rate,
and scores as fast as metrics were measured. Jobs that take minutes (packing, tables, figures) are left out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sr.errors import InputError
from sr.papers.comparison import COMPARISON
from sr.papers.tables import load_layouts
from sr.planning.cost import RunCost, scored_elsewhere
from sr.planning.evaluations import jobs_for
from sr.planning.makespan import Job
from sr.planning.megapixels import MEGAPIXELS
from sr.planning.plan import Plan
from sr.scoring.protocol import load_protocol

# Seconds of one processor core for an HR megapixel and its original (its own time, 512 x 512 pixels, Xeon of
# 2023 with AVX-512): what counts for metrics of which no GPU's rate is known.
_ON_A_CORE = {
    "PSNR": 0.011,
    "RMSE": 0.011,
    "SSIM": 0.05,
    "SSIM (daala)": 0.09,
    "GMSD": 0.04,
    "NIQE": 0.08,
    "LPIPS (AlexNet)": 0.65,
}
_NOT_COUNTED = {"Ma", "FID"}


@dataclass(frozen=True)
class Rates:
    """What GPUs sustain. training: operations a second.

    scoring: seconds that the scores of an HR megapixel take by a paper's protocol.
    """

    training: float
    scoring: Callable[[str], float]


def seconds_of_scores(paper: str) -> float:
    """What the scores of an HR megapixel by a paper's protocol take where there is an H100.

    Metrics that were measured there count twice, for an original takes what a source does; others take what
    they do on a core. Ma's score and FID, of which nothing was measured, are not counted.
    Raises InputError for any other metric without a measurement.
    """
    seconds = _ON_A_CORE | {name: 2.0 / rate for name, rate in scored_elsewhere().items()}
    names = _measured_names(paper) - _NOT_COUNTED
    if unknown := sorted(names - seconds.keys()):
        raise InputError(
            f"results/reference/gpu/h100.json: its scoring has no rate of {', '.join(unknown)} on cuda;"
            " measure it with `python -m benchmarks.gpu`."
        )
    return sum(seconds[name] for name in names)


def _measured_names(paper: str) -> set[str]:
    """A paper's metrics as measurements name them: PI is NIQE and Ma's score, and some come in two kinds."""
    protocol = load_protocol(paper)
    kinds = {
        "PI": ("NIQE", "Ma"),
        "SSIM": ("SSIM (daala)",) if protocol.ssim == "daala" else ("SSIM",),
        "LPIPS": ("LPIPS (VGG)",) if protocol.lpips.backbone == "vgg" else ("LPIPS (AlexNet)",),
    }
    return {one for name in protocol.metrics for one in kinds.get(name, (name,))}


def jobs(plan: Plan, runs: Iterable[RunCost], tables: Iterable[tuple[str, str]], rates: Rates) -> list[Job]:
    """Every run and evaluation behind some tables (paper, item), with lengths in hours.

    As in the workflow, one job evaluates on one benchmark all sources of a table that no table before it
    has had evaluated, or several of one length where images are many and large. It waits for all the
    table's runs.
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
            length = sum(_evaluation(run, paper, MEGAPIXELS[benchmark], rates) for run in new)
            parts = jobs_for(sum(run.seeds for run in new), benchmark)
            names = [f"evaluate {paper} {item} {benchmark}"] * parts
            if parts > 1:
                names = [f"{name}, {number} of {parts}" for number, name in enumerate(names, start=1)]
            found += [Job(name, length / parts, after) for name in names]
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


def _evaluation(run: RunCost, paper: str, megapixels: float, rates: Rates) -> float:
    """Hours for the reconstructions and scores of all seeds."""
    passes = run.operations_a_pixel * 1e6 / rates.training
    return run.seeds * megapixels * (passes + rates.scoring(paper)) / 3600


def _benchmarks(plan: Plan, paper: str, item: str) -> list[str]:
    if item == COMPARISON:
        return [name for name in plan.comparison.benchmarks if name in MEGAPIXELS]
    table = load_layouts(paper).table(paper, item)
    printed = dict.fromkeys(table.benchmark(dataset) for dataset in table.datasets)
    return [name for name in printed if name in MEGAPIXELS]
