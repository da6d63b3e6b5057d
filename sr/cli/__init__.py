"""The `sr` command. One file per group of commands; heavy imports happen inside the commands."""

import sys
from collections.abc import Callable

import typer

from sr.cli import (
    assets,
    claims,
    comparison,
    data,
    evaluate,
    explain,
    export,
    figures,
    opinions,
    plan,
    report,
    score,
    show,
    tables,
    train,
    upscale,
)
from sr.errors import InputError

app = typer.Typer(
    name="sr",
    help="Replicate super-resolution papers: fetch, degrade, train, upscale, score, compare.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.add_typer(assets.app, name="assets")
COMMANDS: tuple[Callable[..., None], ...] = (
    data.degrade,
    data.prepare,
    data.pack,
    data.overlap,
    train.train,
    evaluate.reconstruct,
    evaluate.evaluate,
    score.score,
    show.show,
    show.protocols,
    explain.explain,
    explain.multiverse,
    claims.audit,
    claims.claims,
    comparison.complexity,
    comparison.comparison,
    comparison.third_party,
    upscale.upscale,
    export.export,
    plan.plan,
    figures.figure,
    figures.image_figures,
    report.report,
    figures.number_figures,
    figures.comparison_figures,
    figures.interpolation_curve,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(tables.app)
app.add_typer(opinions.app, name="opinions")


def main() -> None:
    """Run `sr`; a user's mistake becomes one sentence on stderr and exit code 1."""
    try:
        app()
    except InputError as error:
        print(f"sr: {error}", file=sys.stderr)
        sys.exit(1)
