"""`sr figure`, `sr image-figures` and others: the papers' figures from what a run left behind."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr.cli.tables import ObstacleOption, reasons

if TYPE_CHECKING:
    from sr.figures.paper_results import PaperResults


PaperArgument = Annotated[str, typer.Argument(help="Name of the paper, for instance ldl.")]
SourceOption = Annotated[list[str] | None, typer.Option(help="A scored source; repeat it.")]
BenchmarkOption = Annotated[list[str] | None, typer.Option(help="A benchmark at hand; repeat it.")]
CurveOption = Annotated[list[Path] | None, typer.Option(help="CSV of `sr interpolation-curve`; repeat it.")]
ResultsOption = Annotated[
    Path,
    typer.Option(help="Folder with runs/, reconstructions/, scores/ and tables/; figures/ goes there."),
]
PreparedOption = Annotated[Path, typer.Option(help="Prepared benchmarks.")]
ImagesOption = Annotated[Path, typer.Option(help="Folder with images that others have made.")]
ThreadsOption = Annotated[int, typer.Option(min=1, help="CPU threads.")]


def image_figures(
    paper: PaperArgument,
    source: SourceOption = None,
    benchmark: BenchmarkOption = None,
    obstacle: ObstacleOption = None,
    results: ResultsOption = Path("results"),
    benchmarks: PreparedOption = Path("data/benchmarks"),
    images: ImagesOption = Path("images"),
    threads: ThreadsOption = 1,
) -> None:
    """Draw a paper's figures that are made of images; images.json says which are missing, and why."""
    import torch

    from sr.figures.collect import draw_image_figures

    torch.set_num_threads(threads)
    found = _paper_results(paper, source, benchmark, obstacle, (results, benchmarks, images))
    draw_image_figures(found, typer.echo)


def number_figures(
    paper: PaperArgument,
    curve: CurveOption = None,
    source: SourceOption = None,
    benchmark: BenchmarkOption = None,
    obstacle: ObstacleOption = None,
    results: ResultsOption = Path("results"),
    benchmarks: PreparedOption = Path("data/benchmarks"),
    images: ImagesOption = Path("images"),
    threads: ThreadsOption = 1,
) -> None:
    """Draw what tables, studies and runs tell: planes, ablations, training curves, and a paper's own.

    results/figures/PAPER/numbers.json says what was made and what is missing, and why.
    """
    import torch

    from sr.figures import collect
    from sr.figures.figure import draw_figures

    torch.set_num_threads(threads)
    found = _paper_results(paper, source, benchmark, obstacle, (results, benchmarks, images))
    draw_figures(collect.number_figures(found, curve or []), found.figures / "numbers.json", typer.echo)


def figure(
    paper: PaperArgument,
    name: Annotated[
        str | None, typer.Argument(help="Name of one of its own figures; without it they are listed.")
    ] = None,
    source: SourceOption = None,
    benchmark: BenchmarkOption = None,
    obstacle: ObstacleOption = None,
    results: ResultsOption = Path("results"),
    benchmarks: PreparedOption = Path("data/benchmarks"),
    images: ImagesOption = Path("images"),
    threads: ThreadsOption = 1,
) -> None:
    """Draw one of the figures that a paper has alone (its figures.py), or list them all."""
    import torch

    from sr.config import nearest
    from sr.errors import InputError
    from sr.figures.figure import Missing
    from sr.figures.own import own_figures

    known = own_figures(paper)
    if name is None:
        for one in known.values():
            typer.echo(f"{one.name:18s} {one.shows}")
        return
    if name not in known:
        raise InputError(f"'{name}' is no figure that {paper} has alone; {nearest(name, list(known))}")
    torch.set_num_threads(threads)
    found = _paper_results(paper, source, benchmark, obstacle, (results, benchmarks, images))
    output = found.figures / f"{name}.png"
    try:
        known[name].draw(found, output)
    except Missing as reason:
        raise InputError(f"{name} can not be drawn: {reason}") from reason
    typer.echo(f"{output}: made")


def _paper_results(
    paper: str,
    sources: list[str] | None,
    benchmarks: list[str] | None,
    obstacles: list[str] | None,
    folders: tuple[Path, Path, Path],
) -> "PaperResults":
    """What the options say. folders: of results, of prepared benchmarks, of supplied images."""
    from sr.figures.paper_results import PaperResults
    from sr.results.source import parse_sources

    found = (tuple(parse_sources(sources or [])), tuple(dict.fromkeys(benchmarks or [])))
    return PaperResults(paper, *found, reasons(obstacles), *folders)


def comparison_figures(
    source: Annotated[list[str] | None, typer.Option(help="A compared source; repeat it.")] = None,
    curve: CurveOption = None,
    results: ResultsOption = Path("results"),
) -> None:
    """Draw all methods of replications/comparison.yaml in one plane for each benchmark."""
    from sr.figures import collect
    from sr.figures.figure import draw_figures
    from sr.results.source import parse_sources

    wanted = collect.comparison_figures(results, parse_sources(source or []), curve or [])
    draw_figures(wanted, results / "figures" / "all" / "numbers.json", typer.echo)


def interpolation_curve(
    psnr: Annotated[Path, typer.Argument(help="Folder of the PSNR-oriented run.")],
    gan: Annotated[Path, typer.Argument(help="Folder of the run that began with it.")],
    benchmark: Annotated[Path, typer.Option(help="Prepared benchmark.")],
    protocol: Annotated[list[str], typer.Option(help="Paper whose way to measure is used; repeat it.")],
    output: Annotated[Path, typer.Option(help="CSV to write.")],
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Score what lies between two networks: their parameters mixed, and their images mixed."""
    import torch

    from sr.data.benchmarks import Benchmark
    from sr.figures.interpolation_curve import ALPHAS, write_interpolation
    from sr.progress import progress

    torch.set_num_threads(threads)
    with progress(f"interpolation on {benchmark.name}", len(ALPHAS)) as report:
        write_interpolation(psnr, gan, Benchmark(benchmark), protocol, output, report)
