"""`sr third-party`: what others report for the same weights, beside our scores."""

from pathlib import Path
from typing import Annotated

import typer


def third_party(
    scores: Annotated[Path, typer.Option(help="Folder of score files.")] = Path("results/scores"),
    output: Annotated[Path, typer.Option(help="CSV to write.")] = Path("results/third_party.csv"),
) -> None:
    """Put numbers that others report for released weights beside ours of the same convention.

    These are no claims of a paper, and no verdict is given.
    """
    from sr.papers.third_party import load_reported
    from sr.verdicts.third_party import beside_ours, write_beside

    rows = beside_ours(load_reported(), scores)
    write_beside(output, rows)
    count = sum(row.ours is not None for row in rows)
    typer.echo(f"{output}: {len(rows)} reported numbers, {count} of them measured here")
