"""`sr explain`: why does my number differ from the printed one?"""

from pathlib import Path
from typing import Annotated

import typer

from sr.cli.data import MirrorOption


def explain(
    sr: Annotated[Path, typer.Argument(help="Your reconstructions: a folder, or one image.")],
    hr: Annotated[Path, typer.Argument(help="The originals: a folder, or one image.")],
    printed: Annotated[
        str, typer.Option(help="What should have come out, as it is printed: PSNR=26.28,SSIM=0.6985.")
    ] = "",
    paper: Annotated[
        str | None, typer.Option(help="Take the printed numbers from this paper; needs --cell.")
    ] = None,
    cell: Annotated[
        str | None, typer.Option(help="Item, dataset and method, for instance 'Table 2, Set14, ESRGAN'.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="JSON file for everything that was computed.")] = None,
    mirror: MirrorOption = None,
) -> None:
    """Score images in every way that is in use, and say which of them give the printed numbers.

    Accidents are looked for first: images that are shifted, mixed up, of another size, JPEG-compressed, made
    from other low-resolution images than MATLAB's, or written with red and blue swapped.
    """
    from sr.allocator import keep_memory
    from sr.data.assets import Assets
    from sr.errors import InputError
    from sr.explain.explanation import explain as explained
    from sr.explain.page import as_json, page
    from sr.explain.printed import of_cell, parse
    from sr.files import write_json

    if (paper is None) != (cell is None):
        raise InputError("--paper and --cell: give both, or none of them.")
    if printed and paper:
        raise InputError("--printed and --cell: give one of them.")
    keep_memory()
    numbers = of_cell(paper, cell) if paper and cell else parse(printed)
    found = explained(sr, hr, numbers, Assets.from_environment(mirror))
    typer.echo(page(found), nl=False)
    if json:
        write_json(json, as_json(found))


def multiverse(
    paper: Annotated[str, typer.Argument(help="Name of the paper, for instance srgan.")],
    results: Annotated[
        Path,
        typer.Option(help="Folder with tables/ and reconstructions/; multiverse/ and figures/ go there."),
    ] = Path("results"),
    benchmarks: Annotated[Path, typer.Option(help="Prepared benchmarks.")] = Path("data/benchmarks"),
    images: Annotated[Path, typer.Option(help="Folder with images that others have made.")] = Path("images"),
    mirror: MirrorOption = None,
) -> None:
    """Score what fills a paper's printed cells under every convention in use, and draw which of them give the
    printed numbers.

    results/multiverse/PAPER.csv has every value, PAPER_nearest.csv the nearest of each cell (`sr verdicts`).
    """
    from functools import partial

    from sr.allocator import keep_memory
    from sr.data.assets import Assets
    from sr.explain.multiverse import Folders, summaries, write_nearest, write_outcomes
    from sr.explain.multiverse import multiverse as tried
    from sr.figures.figure import draw_figures
    from sr.report.specification_curve import draw_specifications
    from sr.verdicts.summary import load_tables

    keep_memory()
    rows = [row for row in load_tables(results / "tables") if row.paper == paper]
    folders = Folders(results, benchmarks, images)
    found = tried(rows, folders, Assets.from_environment(mirror))
    write_outcomes(results / "multiverse" / f"{paper}.csv", found)
    write_nearest(results / "multiverse" / f"{paper}_nearest.csv", found)
    figure = {"specification_curve": partial(draw_specifications, paper, found)}
    draw_figures(figure, results / "figures" / paper / "multiverse.json", typer.echo)
    given = sum("none gives it" not in text for text in summaries(found).values())
    typer.echo(f"{paper}: {given} of {len(summaries(found))} cells are given by some convention")
