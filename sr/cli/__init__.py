"""The `sr` command. One file per group of commands; heavy imports happen inside the commands."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from sr.cli import (
    assets,
    claims,
    compare,
    comparison,
    data,
    evaluate,
    explain,
    export,
    figures,
    opinions,
    plan,
    recipes,
    report,
    score,
    show,
    status,
    tables,
    train,
    upscale,
)
from sr.cli.panels import MEASURE, OWN, REPLICATE, TRAIN, USE
from sr.errors import InputError

app = typer.Typer(
    name="sr",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

# What people do, and last what the workflow's rules call.
COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    USE: (upscale.upscale, export.export),
    MEASURE: (score.score, explain.explain, explain.multiverse, show.protocols, compare.compare),
    TRAIN: (
        recipes.recipes,
        show.show,
        train.train,
        data.pack,
        data.prepare,
        data.degrade,
        data.overlap,
        status.status,
    ),
    REPLICATE: (plan.plan, report.site),
    OWN: (
        evaluate.reconstruct,
        evaluate.evaluate,
        claims.audit,
        claims.claims,
        comparison.complexity,
        comparison.comparison,
        comparison.third_party,
        figures.figure,
        figures.image_figures,
        figures.number_figures,
        figures.comparison_figures,
        figures.interpolation_curve,
        report.report,
    ),
}


def _show_version(wanted: bool) -> None:
    if wanted:
        from sr import __version__
        from sr.project import root

        typer.echo(f"sr {__version__}, project in {root()}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show the version, and where the project lies.",
        ),
    ] = False,
) -> None:
    """Replicate super-resolution papers: enlarge, measure, train, compare. Each command has its --help."""


for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(assets.app, name="assets", rich_help_panel=USE)
app.add_typer(opinions.app, name="opinions", rich_help_panel=MEASURE)
app.add_typer(tables.app)


def main() -> None:
    """Run `sr`; a user's mistake becomes one sentence on stderr and exit code 1."""
    try:
        app()
    except InputError as error:
        print(f"sr: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        # Of a file that a person named; what has no name is a fault of the program, and says where.
        if error.filename is None:
            raise
        print(f"sr: {error.filename}: {error.strerror}.", file=sys.stderr)
        sys.exit(1)
