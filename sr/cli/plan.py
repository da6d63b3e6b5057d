"""`sr plan`: what a target costs, before it is spent."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sr.cli.data import MirrorOption

if TYPE_CHECKING:
    from rich.console import Console

    from sr.planning.cost import Cost
    from sr.planning.makespan import Job

_TABLE = re.compile(r"(?:results/tables/)?(?P<item>\w+)_(?P<paper>[a-z]+)(?:\.\w+)?")

# A log has no width of its own, and the tables here need this one.
_WIDTH = 118


def plan(
    target: Annotated[
        str, typer.Argument(help="all, or a table such as results/tables/table2_beby.csv.")
    ] = "all",
    budget: Annotated[str, typer.Option(help="How much of each recipe is spent.")] = "paper",
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each recipe that fills a cell.")] = 1,
    teraflops: Annotated[
        float | None,
        typer.Option(
            min=1e-6, help="What your device sustains in training; default: measured on this machine."
        ),
    ] = None,
    gpus: Annotated[
        str | None, typer.Option(help="Numbers of devices, such as 1,8,64: when would each be done?")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="With --gpus: the table as CSV.")] = None,
    decide: Annotated[
        str | None, typer.Option(help="A claim, such as L11: exactly the runs that decide it.")
    ] = None,
    results: Annotated[
        Path, typer.Option(help="Folder whose measured seeds say how far trainings lie apart.")
    ] = Path("results"),
    mirror: MirrorOption = None,
) -> None:
    """List the runs a target needs, with iterations, downloads, disk and hours of computing, and how many
    seeds its tables and claims take.
    """
    from sr.cli.power import measured_so_far, print_decision, print_power
    from sr.config import load_yaml
    from sr.errors import InputError
    from sr.planning.configuration import replicated_papers
    from sr.planning.cost import cost_of, measured_rate
    from sr.planning.plan import Plan
    from sr.planning.workload import Rates, jobs, seconds_of_scores
    from sr.project import root

    machines = _numbers(gpus)
    if csv is not None and not machines:
        raise InputError("--csv holds what --gpus asks for: give --gpus too, for instance 1,8,64.")
    configuration = load_yaml(root() / "workflow" / "config.yaml")
    wanted: dict[str, Any] = {"budget": budget, "seeds": list(range(seeds)), "papers": replicated_papers()}
    wanted |= {"mirror": mirror} if mirror else {}
    planned = Plan(configuration | wanted)
    if decide is not None:
        if target != "all" or machines:
            raise InputError("--decide plans one claim: leave the target, --gpus and --csv out.")
        rate = teraflops * 1e12 if teraflops else measured_rate(planned.precision(budget))
        print_decision(planned, decide, rate, measured_so_far(results, budget))
        return
    tables = planned.all_tables() if target == "all" else [_table(target)]
    cost = cost_of(planned, tables)
    precision = planned.precision(budget)
    rate = teraflops * 1e12 if teraflops else measured_rate(precision)
    _print(cost, rate, "as given" if teraflops else f"measured on this machine in {precision}")
    print_power(planned, tables, rate, measured_so_far(results, budget), _console())
    if machines:
        rates = Rates(rate, seconds_of_scores)
        _print_makespans(jobs(planned, cost.runs, tables, rates), machines, csv)
        # A laptop's arithmetic beside an H100's scores would otherwise pass for one device's.
        typer.echo(
            f"These are hours of devices that train at {rate / 1e12:.3g} teraflop/s"
            f" ({'as given' if teraflops else 'measured on this machine; --teraflops for another'})"
            " and score as fast as an H100 was measured to (docs/gpu.md)."
        )


def _numbers(gpus: str | None) -> list[int]:
    from sr.errors import InputError

    parts = gpus.split(",") if gpus is not None else []
    if not all(part.strip().isdigit() and int(part) for part in parts):
        raise InputError(f"--gpus {gpus}: write numbers from 1, separated by commas, for instance 1,8,64.")
    return [int(part) for part in parts]


def _print_makespans(jobs: "Sequence[Job]", machines: Sequence[int], csv: Path | None) -> None:
    """Hours until all jobs are done on so many devices, and the chain of jobs that none can shorten."""
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from sr.files import write_text
    from sr.planning.makespan import critical_path, schedule

    path, total = critical_path(jobs), sum(job.length for job in jobs if job.machine)
    critical = sum(job.length for job in path)
    rows = []
    for number in machines:
        hours = schedule(jobs, number).length
        rows.append((number, hours, critical, total / number, total / number / hours))
    names = ["gpus", "hours", "critical_path_hours", "total_hours_a_gpu", "busy_share"]
    if csv is not None:
        write_text(csv, pd.DataFrame(rows, columns=names).to_csv(index=False))
    table = Table(title=f"{len(jobs)} jobs, longest chain first: hours until all are done")
    for name in ("devices", "hours", "critical path", "work a device", "busy"):
        table.add_column(name, justify="right")
    for number, hours, _, share, busy in rows:
        table.add_row(
            str(number), f"{hours:,.1f}", f"{critical:,.1f}", f"{share:,.1f}", f"{100 * busy:.0f} %"
        )
    console = Console()
    console.print(table)
    chain = ", then ".join(f"{job.name} ({job.length:,.1f} h)" for job in path)
    console.print(f"critical path: {chain}", markup=False, highlight=False)


def _table(target: str) -> tuple[str, str]:
    from sr.errors import InputError

    found = _TABLE.fullmatch(target)
    if not found:
        raise InputError(f"'{target}' is no target; write all, or results/tables/ITEM_PAPER.csv.")
    return found["paper"], found["item"]


def _console() -> "Console":
    from rich.console import Console

    return Console(width=_WIDTH) if not Console().is_terminal else Console()


def _print(cost: "Cost", rate: float, origin: str) -> None:
    from rich.table import Table

    title = f"hours on one device at {rate / 1e12:.3g} teraflop/s, {origin}; MB of weights"
    table = Table(title=title, show_footer=True)
    hours = cost.operations / rate / 3600
    total = sum(run.seeds for run in cost.runs)
    for name, footer in (
        ("run", f"{total} runs"),
        ("training set", ""),
        ("seeds", ""),
        ("iterations", ""),
        ("batch", ""),
        ("hours", f"{hours:,.1f}"),
        ("MB", f"{sum(run.disk * run.seeds for run in cost.runs) / 1e6:,.0f}"),
    ):
        words = name in ("run", "training set")
        table.add_column(name, footer, justify="left" if words else "right", no_wrap=words)
    for run in cost.runs:
        shared = f" (as {run.twin.partition('/')[2]})" if run.twin else ""
        table.add_row(
            f"{run.recipe}{shared}",
            run.training_set,
            str(run.seeds),
            f"{run.iterations / 1000:g}k",
            f"{run.batch} x {run.patch} px",
            f"{run.operations * run.seeds / rate / 3600:,.1f}",
            f"{run.disk * run.seeds / 1e6:,.0f}",
        )
    console = _console()
    console.print(table)
    for name, size in cost.downloads.items():
        console.print(
            f"to download: {name}, {'size not published' if size is None else f'{size / 1e9:.2f} GB'}"
        )
    if not cost.downloads:
        console.print("nothing to download")
    others = {run.preferred_set: run for run in cost.runs if run.preferred_set != run.training_set}
    for run in others.values():
        # A smaller set makes other trainings, a deviation, and recipes that differ in theirs become one.
        console.print(
            f"{run.training_set}, which is at hand, stands in for {run.preferred_set}, which is not"
            " (`sr assets list` says how to get it)"
        )
