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
    benchmark: Annotated[
        list[Path] | None, typer.Option(help="Prepared benchmarks, whose images may not be in the set.")
    ] = None,
    overlap: Annotated[
        Literal["leave_out", "refuse"], typer.Option(help="What to do with images that are test images.")
    ] = "leave_out",
    threads: Annotated[int, typer.Option(min=1, help="Images that are read at the same time.")] = 1,
) -> None:
    """Pack a training set into memory-mapped files, with the LR images made exactly.

    Images that can not be used or are test images are left out, and listed in its index.json; killed, it goes
    on where it was.
    """
    from sr.data import packer
    from sr.data.assets import Assets
    from sr.data.benchmarks import Benchmark
    from sr.data.packing import in_words
    from sr.overlap.judge import TestImages

    chosen = Assets.from_environment(mirror).chosen(training_set)
    prepared = [Benchmark(folder) for folder in benchmark or []]
    judge = TestImages(
        {one.index.benchmark: one.index.checksum for one in prepared},
        {f"{one.index.benchmark}/{file.name}": file for one in prepared for file in one.hr_files()},
    )
    index = packer.pack(
        training_set, chosen, output, judge=judge, refuse_twins=overlap == "refuse", threads=threads
    )
    typer.echo(f"{training_set}: {index.images} images packed in {output} ({index.rule}).")
    for what, remarks in (("left out", index.left_out), ("converted", index.converted)):
        if remarks:
            typer.echo(f"{training_set}: {what}: {in_words(remarks)}.")


def overlap(
    training_set: Annotated[Path, typer.Argument(help="Folder of a packed training set.")],
    benchmarks: Annotated[list[Path], typer.Argument(help="Prepared benchmarks.")],
    output: Annotated[Path | None, typer.Option(help="File for the result.")] = None,
) -> None:
    """Say which images a training set shared with benchmarks, and that it holds none of them any more."""
    from sr.data.benchmarks import Benchmark
    from sr.data.packing import PackedSet
    from sr.errors import InputError
    from sr.files import write_text

    index = PackedSet(training_set).index
    for one in (Benchmark(folder).index for folder in benchmarks):
        if index.compared_with.get(one.benchmark) != one.checksum:
            raise InputError(
                f"{training_set}: has not been compared with the images of {one.benchmark}; run"
                f" `sr pack {index.training_set} --output {training_set}` with --benchmark for each."
            )
    twins = [f"{one.name} was left out: {one.detail}" for one in index.left_out if one.what == "a test image"]
    names = ", ".join(folder.name for folder in benchmarks)
    result = f"{index.training_set} ({index.images} images, {index.rule}) shares no image with {names}."
    text = "\n".join([result, *twins])
    typer.echo(text)
    if output:
        write_text(output, text + "\n")
