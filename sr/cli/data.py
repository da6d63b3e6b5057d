"""`sr degrade`, `sr prepare`, `sr pack`: from images to benchmarks and training sets."""

import re
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


def named_images(text: str, mirror: Path | None) -> tuple[str, list[Path]]:
    """The images of a folder, or of a set in the catalogue, and a name that can stand in paths."""
    from sr.data.assets import Assets
    from sr.data.catalogue import catalogue
    from sr.errors import InputError
    from sr.images import image_files

    folder = Path(text)
    if not folder.is_dir():
        return text, Assets.from_environment(mirror).images(text)
    name = re.sub(r"[^A-Za-z0-9_]+", "_", folder.resolve().name).strip("_")
    if not name or name in catalogue().assets:
        raise InputError(
            f"{folder}: name the folder with letters and digits, and not as a set of the catalogue."
        )
    return name, image_files(folder)


def default_place(kind: str, name: str) -> Path:
    """Where the workflow keeps a set, so that it finds it."""
    from sr.project import data_folder

    return data_folder() / kind / name


def prepare(
    benchmark: Annotated[
        str, typer.Argument(help="Name in the catalogue, for instance Set5, or a folder of images.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for HR/, LR/ and index.json; default: data/benchmarks/NAME."),
    ] = None,
    mirror: MirrorOption = None,
) -> None:
    """Make a benchmark ready: HR cropped to a multiple of 4, LR by the exact degradation."""
    from sr.data import benchmarks

    name, images = named_images(benchmark, mirror)
    place = output or default_place("benchmarks", name)
    index = benchmarks.prepare(name, images, place)
    typer.echo(f"{name}: {len(index.images)} images prepared in {place}")


def pack(
    training_set: Annotated[
        str, typer.Argument(help="Name in the catalogue, for instance DIV2K_train, or a folder of images.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for hr.bin, lr.bin and index.json; default: data/packed/NAME."),
    ] = None,
    mirror: MirrorOption = None,
) -> None:
    """Pack a training set into memory-mapped files, with the LR images made exactly."""
    name, images = named_images(training_set, mirror)
    pack_images(name, images, output or default_place("packed", name))


def pack_images(name: str, images: list[Path], place: Path) -> None:
    """Pack images under a name, and say how many they are."""
    from sr.data import packing
    from sr.progress import progress

    with progress(f"packing {name}", len(images)) as report:
        index = packing.pack(name, images, place, on_image=report)
    typer.echo(f"{name}: {len(index.images)} images packed in {place}")


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
