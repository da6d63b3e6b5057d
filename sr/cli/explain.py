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
