"""Writes docs/scaling.md: `python docs/make_scaling.py`.

From the recipes, the tables, what an H100 was measured to sustain (results/reference/gpu/h100.json) and what
`make rehearse` left (docs/rehearsal.json).
"""

import json
from collections.abc import Sequence
from pathlib import Path

from markdown_table import table

from sr.config import load_yaml
from sr.device import Precision
from sr.files import write_text
from sr.planning.cost import Cost, cost_of, measured_elsewhere, scored_elsewhere
from sr.planning.makespan import Job, critical_path, schedule
from sr.planning.megapixels import MEGAPIXELS
from sr.planning.plan import Plan
from sr.planning.workload import Rates, jobs, seconds_of_scores
from sr.project import papers, root

GPUS = (1, 8, 64)

TEXT = """# Beyond one machine

This page is written by `python docs/make_scaling.py`; do not edit it. It says what the papers' tables cost
at the budgets `paper` and `short`, what of it runs side by side, and when N GPUs would be done.

## Where the numbers come from

- **Arithmetic is counted**: operations of each recipe's networks on shapes alone (`sr/planning/cost.py`).
- **The GPU's rate is an H100's, as measured** ([gpu](gpu.md)): of one recipe of each paper at full size,
  steps sustained {paper_slowest:.0f} to {paper_fastest:.0f} teraflop/s in float32, in which budget `paper`
  computes, and {short_slowest:.0f} to {short_fastest:.0f} in bfloat16, in which `short` does. The slowest of
  each is taken for all. No run of these budgets was made to its end there: hours are arithmetic by rate.
  `python -m benchmarks.gpu` measures another GPU (column `teraflops`), to be given to `sr plan --teraflops`.
- **An evaluation holds a GPU**: it reconstructs there at the rate of the steps, and every metric that is
  arithmetic on tensors is computed there. Measured on the H100: {on_gpu}, an
  original taking what a source does; the other metrics are counted as on a processor core. For an
  HR megapixel and its original that makes, in seconds: {scoring}.
  FID and Ma's score are not in it: no time of theirs was measured.
- **Disk** is what runs leave at most: results, generators kept on the way, two checkpoints with Adam's
  moments. **Transfer** is what is not part of the repository, by the sizes its owners publish.
- Pixels of Set5, Set14 and BSD100 are counted, those of {nominal}
  are nominal. UH4K was never released, and is left out.

## Every table at budget `paper`, one seed

Starts are included, so that a run stands in every table that needs it; the last line counts it once.

{tables}

To download for all of it: {downloads}.

## What runs side by side

Runs wait for nothing but the run they begin with, and no run is split over GPUs here (`torchrun` can do that,
see `sr train --help`). At budget `paper` that makes {levels}. A table's
evaluations wait for all its runs; benchmarks are evaluated side by side, and so are sources on large images.

Sources that one job scores share what metrics take from the originals; on large images, where a job has one
or two sources, each job takes it anew. On disk VGG's features of a DIV2K image would be 1.4 GB, 135 GB for
100 images (AlexNet's 0.11 and 11), and a disk that reads 2 GB/s would need 0.7 s for what takes the H100
0.04 s. Only without a GPU would it pay, where a core takes 18 s.

## When N GPUs are done

A simulation of those jobs: no job is split, and a free GPU takes the job with the longest path of work behind
it (`sr/planning/makespan.py`; at most twice the shortest). The command is
`sr plan all --gpus 1,8,64 --budget paper --teraflops {paper_slowest:.0f}`.

{makespans}

{paths}

## The budget `short`

Full-size networks, at most {starts:,} (PSNR-oriented) and {games:,} (perceptual) iterations in batches of at
most 16, on DIV2K or, where it is absent, the 400 images of BSDS500, with VGG16 for VGG19. GPU hours at the
rate measured in bfloat16, evaluation beside:

{short}

The ablation tables want three seeds, the others one:

{ablations}

{rehearsal}"""

REHEARSAL = """## Rehearsed

`make rehearse` goes the whole way with made data and without a GPU: as many files as SRGAN's ImageNet has (of
120 x 100 pixels; the real ones would take 200 GB packed), DF2K_OST's numbers and sizes of images, DIV2K's 100
test images, few steps of every kind of recipe at full size, and an evaluation that is killed. This table was
written by the rehearsal, of {size} of the images, on {cores} cores ({processor}), in {minutes} minutes
{loaded}. Memory is that of a step's largest process, mapped files
included; disk is what it left.{ended}

{steps}
"""

ABLATIONS = (("beby", "table1"), ("ldl", "table2"), ("gmgan", "table2"))


def page() -> str:
    """The page's text."""
    plans = {number: _plan("paper", number) for number in (1, 3)}
    costs = {number: cost_of(plan, plan.all_tables()) for number, plan in plans.items()}
    work = {
        number: jobs(plan, costs[number].runs, plan.all_tables(), _rates()) for number, plan in plans.items()
    }
    paper, short = _measured("float32"), _measured("bfloat16")
    return TEXT.format(
        paper_slowest=min(paper),
        paper_fastest=max(paper),
        short_slowest=min(short),
        short_fastest=max(short),
        on_gpu=", ".join(scored_elsewhere()),
        scoring=", ".join(f"{paper} {seconds_of_scores(paper):.2f}" for paper in papers()),
        nominal=", ".join(name for name in MEGAPIXELS if name not in ("Set5", "Set14", "BSD100")),
        tables=_tables(plans[1], costs[1]),
        downloads=_downloads(costs[1]),
        levels=_levels(plans[1], costs[1]),
        makespans=_makespans(work),
        paths="\n".join(_path(number, done) for number, done in work.items()),
        short=_short(),
        **_iterations(),
        ablations=_ablations(),
        rehearsal=_rehearsal(),
    )


def _plan(budget: str, seeds: int, only: Sequence[str] | None = None) -> Plan:
    configuration = load_yaml(root() / "workflow" / "config.yaml")
    wanted = {"budget": budget, "seeds": list(range(seeds)), "papers": only or papers(), "mirror": None}
    return Plan(configuration | wanted)


def _measured(precision: Precision) -> list[float]:
    """What steps of the measured recipes sustain on an H100, in teraflop/s."""
    return [rate / 1e12 for rate in measured_elsewhere(precision)]


def _rates() -> Rates:
    return Rates(min(_measured("float32")) * 1e12, seconds_of_scores)


def _hours(cost: Cost, precision: Precision) -> float:
    return cost.operations / (min(_measured(precision)) * 1e12) / 3600


def _tables(plan: Plan, total: Cost) -> str:
    rows = [_row(f"{item}, {paper}", cost_of(plan, [(paper, item)])) for paper, item in plan.tables()]
    header = ("table", "runs", "iterations", "GPU hours", "disk, GB", "transfer, GB")
    return table(header, [*rows, _row("**all**", total)])


def _row(name: str, cost: Cost) -> list[str]:
    known = [size for size in cost.downloads.values() if size is not None]
    unknown = len(cost.downloads) - len(known)
    transfer = f"{sum(known) / 1e9:.1f}" + (f" and {unknown} of unknown size" if unknown else "")
    return [
        name,
        f"{sum(run.seeds for run in cost.runs)}",
        f"{sum(run.iterations * run.seeds for run in cost.runs) / 1e6:.1f}M",
        f"{_hours(cost, 'float32'):,.0f}",
        f"{sum(run.disk * run.seeds for run in cost.runs) / 1e9:.1f}",
        transfer,
    ]


def _downloads(cost: Cost) -> str:
    sizes = cost.downloads.items()
    shown = [f"{name} ({'size not published' if s is None else f'{s / 1e9:.1f} GB'})" for name, s in sizes]
    return ", ".join(shown) or "nothing"


def _levels(plan: Plan, cost: Cost) -> str:
    depths = [len(plan.trainings.chain(run.recipe)) for run in cost.runs]
    counts = [depths.count(depth) for depth in sorted(set(depths))]
    waves = [f"{counts[0]} runs at once", *(f"then {count}" for count in counts[1:])]
    return ", ".join(waves)


def _makespans(work: dict[int, list[Job]]) -> str:
    header = ("seeds", "GPU hours", *(f"GPUs: {number}, h" for number in GPUS), "critical path, h")
    rows = []
    for seeds, done in work.items():
        total = sum(job.length for job in done if job.machine)
        spans = [f"{schedule(done, number).length:,.0f}" for number in GPUS]
        critical = sum(job.length for job in critical_path(done))
        rows.append([str(seeds), f"{total:,.0f}", *spans, f"{critical:,.0f}"])
    return table(header, rows)


def _path(seeds: int, done: list[Job]) -> str:
    chain = ", then ".join(f"`{job.name}` ({job.length:.1f} h)" for job in critical_path(done))
    return f"- Critical path, {seeds} seed{'s' if seeds > 1 else ''}: {chain}."


def _short() -> str:
    rows = []
    for paper in papers():
        plan = _plan("short", 1, [paper])
        cost = cost_of(plan, plan.tables())
        rows.append([f"all tables of {paper}", f"{len(cost.runs)}", f"{_hours(cost, 'bfloat16'):.1f}"])
    return table(("target", "runs", "GPU hours"), rows)


def _iterations() -> dict[str, int]:
    budget = load_yaml(root() / "workflow" / "budgets" / "short.yaml")
    stages = {"starts": "psnr_oriented", "games": "perceptual_oriented"}
    return {name: budget[stage]["caps"]["iterations"] for name, stage in stages.items()}


def _ablations() -> str:
    plan, rows = _plan("short", 3), []
    for paper, item in ABLATIONS:
        cost = cost_of(plan, [(paper, item)])
        command = f"snakemake results/tables/{item}_{paper}.csv --config budget=short 'seeds=[0,1,2]'"
        rows.append(
            [f"`{command}`", f"{sum(run.seeds for run in cost.runs)}", f"{_hours(cost, 'bfloat16'):.1f}"]
        )
    return table(("command", "runs", "GPU hours"), rows)


def _rehearsal() -> str:
    found = json.loads((Path(__file__).parent / "rehearsal.json").read_text(encoding="utf-8"))
    steps = found["steps"]
    columns = ("seconds", "processor_seconds", "megabytes", "disk_megabytes")
    rows = [[step["name"], *(f"{step[column]:,.0f}" for column in columns)] for step in steps]
    header = ("step", "seconds", "of processor", "memory, MB", "disk, MB")
    seconds = sum(step["seconds"] for step in steps)
    busy = sum(step["processor_seconds"] for step in steps) / seconds
    return REHEARSAL.format(
        size="all" if found["size"] == 1 else f"{found['size']:.1%}",
        cores=found["machine"]["cores"],
        processor=found["machine"]["processor"],
        minutes=f"{found['minutes']:.0f}",
        loaded=f"with {busy:.1f} cores at work on average",
        steps=table(header, rows),
        ended="" if found["ended"] else " It had not ended when this page was written.",
    )


if __name__ == "__main__":
    write_text(Path(__file__).with_name("scaling.md"), page())
