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
    from sr.papers.third_party import compare, load_reported, write_comparisons

    comparisons = compare(load_reported(), scores)
    write_comparisons(output, comparisons)
    count = sum(entry.ours is not None for entry in comparisons)
    typer.echo(f"{output}: {len(comparisons)} reported numbers, {count} of them measured here")
