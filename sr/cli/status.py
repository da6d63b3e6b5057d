"""`sr status`: what was trained, what is training, what failed, what waits."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr.cli.data import MirrorOption

if TYPE_CHECKING:
    from sr.recipes.progress import Progress

_WIDTH = 118


def status(
    results: Annotated[Path, typer.Option(help="Folder with runs/ and logs/.")] = Path("results"),
    budget: Annotated[
        str | None, typer.Option(help="What waits of it; default: that of workflow/config.yaml.")
    ] = None,
    mirror: MirrorOption = None,
) -> None:
    """List the trainings: how far each is, when it will be done, which did not learn, and which wait."""
    from rich.console import Console
    from rich.table import Table

    from sr.recipes.progress import progress_of

    found = progress_of(results / "runs")
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    table = Table("run", "state", "step", "left")
    for one in found:
        if one.state != "finished":
            table.add_row(one.run, one.state, _steps(one), _time(one.seconds_left))
    if table.row_count:
        console.print(table)
    counts = {state: sum(one.state == state for one in found) for state in ("finished", "running")}
    typer.echo(f"{counts['finished']} finished, {counts['running']} running")
    for one in found:
        if one.state == "did not learn":
            typer.echo(f"did not learn: {one.run}; its curve: {one.folder / 'progress' / 'curve.csv'}")
        elif one.state == "stopped":
            typer.echo(f"stopped: {one.run}; the command that began it goes on with it")
    _print_waiting({one.run for one in found}, budget, mirror)


def _print_waiting(known: set[str], budget: str | None, mirror: Path | None) -> None:
    """The configured trainings that were never begun, and what keeps those back that can not be made."""
    from sr.config import load_yaml
    from sr.planning.plan import Plan
    from sr.project import root

    configuration = load_yaml(root() / "workflow" / "config.yaml")
    given = {"budget": budget, "mirror": mirror}
    plan = Plan(configuration | {key: value for key, value in given.items() if value is not None})
    waiting, kept_back = [], []
    for recipe in plan.recipes():
        if reason := plan.trainings.obstacle(recipe):
            kept_back.append(f"{recipe}: {reason}")
        else:
            runs = (str(source).removeprefix("trained/") for source in plan.trained(recipe))
            waiting += [run for run in runs if run not in known]
    typer.echo(f"{len(waiting)} of the budget {plan.configuration.budget} wait")
    for line in waiting:
        typer.echo(f"  {line}")
    for line in kept_back:
        typer.echo(f"  can not be trained here: {line}")


def _steps(one: "Progress") -> str:
    if one.step is None or one.iterations is None:
        return "?"
    return f"{one.step:,}/{one.iterations:,}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, _ = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:d}:{minutes:02d} h"
