"""`sr plan`: what a target costs, before it is spent."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from sr.cli.data import MirrorOption

if TYPE_CHECKING:
    from sr.cost import Cost

_TABLE = re.compile(r"(?:results/tables/)?(?P<item>\w+)_(?P<paper>[a-z]+)(?:\.\w+)?")


def plan(
    target: Annotated[str, typer.Argument(help="all, or a table such as results/tables/table2_beby.csv.")],
    budget: Annotated[str, typer.Option(help="How much of each recipe is spent.")] = "paper",
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each recipe that fills a cell.")] = 1,
    teraflops: Annotated[
        float | None,
        typer.Option(
            min=1e-6, help="What your device sustains in training; default: measured on this machine."
        ),
    ] = None,
    mirror: MirrorOption = None,
) -> None:
    """List the runs a target needs, with iterations, downloads, disk and hours of computing."""
    from sr.config import load_yaml
    from sr.cost import cost_of, measured_rate
    from sr.plan import Plan
    from sr.project import papers, root

    configuration = load_yaml(root() / "workflow" / "config.yaml")
    wanted = {"budget": budget, "seeds": list(range(seeds)), "papers": papers(), "mirror": mirror}
    planned = Plan(configuration | wanted)
    cost = cost_of(planned, planned.tables() if target == "all" else [_table(target)])
    rate = teraflops * 1e12 if teraflops else measured_rate()
    _print(cost, rate, "as given" if teraflops else "measured on this machine")


def _table(target: str) -> tuple[str, str]:
    from sr.errors import InputError

    found = _TABLE.fullmatch(target)
    if not found:
        raise InputError(f"'{target}' is no target; write all, or results/tables/ITEM_PAPER.csv.")
    return found["paper"], found["item"]


def _print(cost: "Cost", rate: float, origin: str) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"hours on one device at {rate / 1e12:.3g} teraflop/s, {origin}; MB of checkpoints"
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
        table.add_row(
            run.recipe,
            run.training_set,
            str(run.seeds),
            f"{run.iterations / 1000:g}k",
            f"{run.batch} x {run.patch} px",
            f"{run.operations * run.seeds / rate / 3600:,.1f}",
            f"{run.disk * run.seeds / 1e6:,.0f}",
        )
    console = Console()
    console.print(table)
    for name, size in cost.downloads.items():
        console.print(
            f"to download: {name}, {'size not published' if size is None else f'{size / 1e9:.2f} GB'}"
        )
    if not cost.downloads:
        console.print("nothing to download")
