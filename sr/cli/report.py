"""`sr report`, `sr site`: the page that shows all of a run's results, and what is published of it."""

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
    paper: Annotated[
        list[str] | None, typer.Option(help="A paper that the run is about, which stands first; repeat it.")
    ] = None,
    megabytes: Annotated[float, typer.Option(min=0, help="What the viewer's crops may take.")] = 9,
) -> None:
    """Put verdicts, tables, claims, figures, crops, provenance and costs on one offline page."""
    from sr.errors import InputError
    from sr.project import papers
    from sr.report.gather import gather
    from sr.report.next_steps import smallest_training
    from sr.report.page import write_page
    from sr.report.seeds import forecasts
    from sr.verdicts.rows import count_verdicts

    if not results.is_dir():
        raise InputError(f"--results {results}: no such folder; `snakemake all` makes it.")
    configured = [name for name in papers() if not paper or name in paper]
    steps, seeds = smallest_training(configured), forecasts(configured, results)
    material = gather(results, benchmarks, images, megabytes, configured, steps, seeds)
    write_page(material, output)
    for sentence in material.missing:
        typer.echo(f"missing: {sentence}")
    for word, count in count_verdicts(row for one in material.papers for row in one.rows).items():
        typer.echo(f"{count:6d} {word}")
    typer.echo(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


def site(
    output: Annotated[Path, typer.Argument(help="Folder of static files to write.")] = Path("results/site"),
    results: Annotated[Path, typer.Option(help="Folder with report/index.html.")] = Path("results"),
) -> None:
    """Gather the page of results and all that it links to, for any server of static files."""
    from sr.report.site import write_site

    typer.echo(f"{output}: {write_site(results, output)} files")
