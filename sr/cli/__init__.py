"""The `sr` command. One file per group of commands; heavy imports happen inside the commands."""

import sys

import typer

from sr.errors import InputError

app = typer.Typer(
    name="sr",
    help="Replicate super-resolution papers: fetch, degrade, train, upscale, score, compare.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run `sr`; a user's mistake becomes one sentence on stderr and exit code 1."""
    try:
        app()
    except InputError as error:
        print(f"sr: {error}", file=sys.stderr)
        sys.exit(1)
