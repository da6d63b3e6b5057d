"""`sr degrade`, `sr prepare`, `sr pack`: from images to benchmarks and training sets."""

from pathlib import Path
from typing import Annotated, Literal

import typer

MirrorOption = Annotated[
    Path | None, typer.Option(help="Folder that holds assets in their original layout; tried first.")
]


def degrade(
    source: Annotated[Path, typer.Argument(help="Folder of 8-bit RGB or grey images.")],
    output: Annotated[Path, typer.Option(help="Folder for the results, PNG under the same names.")],
    scale: Annotated[int, typer.Option(min=2, help="Integer factor.")] = 4,
    direction: Annotated[Literal["down", "up"], typer.Option(help="Reduce or enlarge.")] = "down",
) -> None:
    """Resize a folder of images exactly as MATLAB's bicubic imresize does.

    Going down, images are first cropped at the bottom and right to a multiple of the scale.
    """
    from sr import degradation, images
    from sr.errors import InputError
    from sr.progress import progress

    files = images.image_files(source)
    if output.resolve() == source.resolve():
        raise InputError(f"--output {output}: is the folder of the originals; choose another one.")
    with progress(f"{direction}scale by {scale}", len(files)) as report:
        for done, path in enumerate(files, start=1):
            pixels = images.read_image(path)
            if direction == "down":
                cropped = images.crop_to_multiple(pixels, scale)
                if not cropped.size:
                    raise InputError(f"{path}: smaller than {scale}x{scale} pixels; remove it.")
                result = degradation.downscale(cropped, scale)
            else:
                result = degradation.upscale(pixels, scale)
            images.write_png(output / f"{path.stem}.png", result)
            report(done)
    typer.echo(f"{len(files)} images written to {output}")


def prepare(
    benchmark: Annotated[str, typer.Argument(help="Name in the catalogue, for instance Set5.")],
    output: Annotated[Path, typer.Option(help="Folder for HR/, LR/ and index.json.")],
    mirror: MirrorOption = None,
) -> None:
    """Make a benchmark ready: HR cropped to a multiple of 4, LR by the exact degradation."""
    from sr.data import benchmarks
    from sr.data.assets import Assets

    index = benchmarks.prepare(benchmark, Assets.from_environment(mirror).images(benchmark), output)
    typer.echo(f"{benchmark}: {len(index.images)} images prepared in {output}")


def pack(
    training_set: Annotated[str, typer.Argument(help="Name in the catalogue, for instance DIV2K_train.")],
    output: Annotated[Path, typer.Option(help="Folder for hr.bin, lr.bin and index.json.")],
    mirror: MirrorOption = None,
    threads: Annotated[int, typer.Option(min=1, help="Images that are read at the same time.")] = 1,
) -> None:
    """Pack a training set into memory-mapped files, with the LR images made exactly.

    Images that can not be used are left out and listed in its index.json; killed, it goes on where it was.
    """
    from sr.data import packer
    from sr.data.assets import Assets
    from sr.data.packing import in_words

    chosen = Assets.from_environment(mirror).chosen(training_set)
    index = packer.pack(training_set, chosen, output, threads=threads)
    typer.echo(f"{training_set}: {index.images} images packed in {output} ({index.rule}).")
    for what, remarks in (("left out", index.left_out), ("converted", index.converted)):
        if remarks:
            typer.echo(f"{training_set}: {what}: {in_words(remarks)}.")


def overlap(
    training_set: Annotated[str, typer.Argument(help="Name in the catalogue.")],
    benchmarks: Annotated[list[Path], typer.Argument(help="Prepared benchmarks.")],
    output: Annotated[Path | None, typer.Option(help="File for the result.")] = None,
    mirror: MirrorOption = None,
) -> None:
    """Refuse a training set that shares an image with a benchmark, exactly or nearly."""
    from sr.data.assets import Assets
    from sr.data.benchmarks import Benchmark
    from sr.data.overlap import check_disjoint
    from sr.files import write_text

    train = Assets.from_environment(mirror).images(training_set)
    test = [file for folder in benchmarks for file in Benchmark(folder).hr_files()]
    check_disjoint(train, test)
    names = ", ".join(folder.name for folder in benchmarks)
    result = f"{training_set} ({len(train)} images) shares no image with {names} ({len(test)} images)."
    typer.echo(result)
    if output:
        write_text(output, result + "\n")
