"""`sr image-figures`, `sr number-figures` and others: the papers' figures from what a run left behind."""

from pathlib import Path
from typing import Annotated

import typer

from sr.cli.tables import ObstacleOption, reasons


def image_figures(
    paper: Annotated[str, typer.Argument(help="Name of the paper, for instance ldl.")],
    source: Annotated[list[str] | None, typer.Option(help="A scored source; repeat it.")] = None,
    benchmark: Annotated[list[str] | None, typer.Option(help="A benchmark at hand; repeat it.")] = None,
    obstacle: ObstacleOption = None,
    results: Annotated[
        Path, typer.Option(help="Folder with runs/, reconstructions/ and scores/; figures/ goes there.")
    ] = Path("results"),
    benchmarks: Annotated[Path, typer.Option(help="Prepared benchmarks.")] = Path("data/benchmarks"),
    images: Annotated[Path, typer.Option(help="Folder with images that others have made.")] = Path("images"),
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Draw a paper's figures that are made of images; images.json says which are missing, and why."""
    import torch

    from sr.figures.image_figures import draw_image_figures
    from sr.figures.material import Material

    torch.set_num_threads(threads)
    found = (tuple(dict.fromkeys(source or [])), tuple(dict.fromkeys(benchmark or [])))
    material = Material(paper, *found, reasons(obstacle), results, benchmarks, images)
    draw_image_figures(material, typer.echo)


CurveOption = Annotated[list[Path] | None, typer.Option(help="CSV of `sr interpolation-curve`; repeat it.")]
NumbersOption = Annotated[
    Path, typer.Option(help="Folder with tables/, scores/ and runs/; figures/ goes there.")
]


def number_figures(
    paper: Annotated[str, typer.Argument(help="Name of the paper, for instance ldl.")],
    curve: CurveOption = None,
    source: Annotated[list[str] | None, typer.Option(help="A scored source of a study; repeat it.")] = None,
    benchmark: Annotated[list[str] | None, typer.Option(help="A benchmark at hand; repeat it.")] = None,
    obstacle: ObstacleOption = None,
    results: NumbersOption = Path("results"),
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Draw what tables, studies and runs tell: planes, ablations, training curves, depth, stability.

    results/figures/PAPER/numbers.json says what was made and what is missing, and why.
    """
    import torch

    from sr.figures import number_figures as figures
    from sr.figures.index import draw_figures

    torch.set_num_threads(threads)
    wanted = figures.number_figures(paper, results, curve or [])
    wanted |= figures.study_figures(paper, results, source or [], benchmark or [], reasons(obstacle))
    draw_figures(wanted, results / "figures" / paper / "numbers.json", typer.echo)


def benchmark_figures(
    source: Annotated[list[str] | None, typer.Option(help="A compared source; repeat it.")] = None,
    curve: CurveOption = None,
    results: NumbersOption = Path("results"),
) -> None:
    """Draw all methods of replications/benchmark.yaml in one plane for each benchmark."""
    from sr.figures import number_figures as figures
    from sr.figures.index import draw_figures

    wanted = figures.benchmark_figures(results, source or [], curve or [])
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
