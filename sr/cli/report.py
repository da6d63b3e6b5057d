"""`sr report`: the page that shows all of a run's results."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    results: Annotated[
        Path, typer.Option(help="Folder with tables/, figures/, runs/, reconstructions/.")
    ] = Path("results"),
    benchmarks: Annotated[Path, typer.Option(help="Folder of prepared benchmarks.")] = Path(
        "data/benchmarks"
    ),
    images: Annotated[Path, typer.Option(help="Folder with images that others have made.")] = Path("images"),
    output: Annotated[Path, typer.Option(help="HTML to write; figures/ goes beside it.")] = Path(
        "results/report/index.html"
    ),
    megabytes: Annotated[float, typer.Option(min=0, help="What the viewer's crops may take.")] = 9,
) -> None:
    """Put verdicts, tables, claims, figures, crops, provenance and costs on one offline page."""
    from collections import Counter

    from sr.errors import InputError
    from sr.report.gather import gather
    from sr.report.page import write_page

    if not results.is_dir():
        raise InputError(f"--results {results}: no such folder; `snakemake all` makes it.")
    material = gather(results, benchmarks, images, megabytes)
    write_page(material, output)
    for sentence in material.missing:
        typer.echo(f"missing: {sentence}")
    counts = Counter[str]()
    for paper in material.papers:
        counts.update({str(verdict): count for verdict, count in paper.verdicts.items()})
    for word, count in counts.items():
        typer.echo(f"{count:6d} {word}")
    typer.echo(f"{output}: {output.stat().st_size / 1e6:.1f} MB")
