"""`sr degrade`, `sr prepare`, `sr pack`: from images to benchmarks and training sets."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from sr.data.packing import PackedIndex

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


def own_images(text: str) -> tuple[str, list[Path]] | None:
    """A folder's images, and a name for them that can stand in paths; None where `text` is no folder."""
    from sr.data.catalogue import catalogue
    from sr.errors import InputError
    from sr.images import image_files

    folder = Path(text)
    if not folder.is_dir():
        return None
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


def prepared_benchmarks() -> list[Path]:
    """The benchmarks that are prepared where the workflow keeps them."""
    return sorted(index.parent for index in default_place("benchmarks", ".").glob("*/index.json"))


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
    from sr.data.assets import Assets

    name, images = own_images(benchmark) or (benchmark, Assets.from_environment(mirror).images(benchmark))
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
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(
            help="Prepared benchmark, whose images may not be in the set; repeat it. Default: for a set of"
            " the catalogue all that are prepared in data/benchmarks, for a folder none."
        ),
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
    from sr.overlap.judge import TestImages

    own = own_images(training_set)
    name, images = own or (training_set, Assets.from_environment(mirror).chosen(training_set))
    folders = [] if own else prepared_benchmarks()
    prepared = [Benchmark(folder) for folder in benchmark or folders]
    judge = TestImages(
        {one.index.benchmark: one.index.checksum for one in prepared},
        {f"{one.index.benchmark}/{file.name}": file for one in prepared for file in one.hr_files()},
    )
    place = output or default_place("packed", name)
    index = packer.pack(name, images, place, judge=judge, refuse_twins=overlap == "refuse", threads=threads)
    _print_packed(name, place, index)


def _print_packed(name: str, place: Path, index: "PackedIndex") -> None:
    from sr.data.packing import in_words

    typer.echo(f"{name}: {index.images} images packed in {place} ({index.rule}).")
    for what, remarks in (("left out", index.left_out), ("converted", index.converted)):
        if remarks:
            typer.echo(f"{name}: {what}: {in_words(remarks)}.")


def pack_own(name: str, images: list[Path], place: Path) -> None:
    """Pack a person's own images under a name, and say how many they are."""
    from sr.data import packer

    _print_packed(name, place, packer.pack(name, images, place))


def overlap(
    training_set: Annotated[Path, typer.Argument(help="Folder of a packed training set.")],
    benchmarks: Annotated[list[Path], typer.Argument(help="Prepared benchmarks.")],
    output: Annotated[Path | None, typer.Option(help="File for the result.")] = None,
) -> None:
    """Say which images a training set shared with benchmarks, and that it holds none of them any more."""
    from sr.data.benchmarks import Benchmark
    from sr.data.catalogue import catalogue
    from sr.data.packing import PackedSet
    from sr.errors import InputError
    from sr.files import write_text
    from sr.planning.parameters import option

    index = PackedSet(training_set).index
    # A set of one's own is packed from its folder, which the index does not name.
    images = index.training_set if index.training_set in catalogue().assets else "FOLDER-OF-ITS-IMAGES"
    for one in (Benchmark(folder).index for folder in benchmarks):
        if index.compared_with.get(one.benchmark) != one.checksum:
            raise InputError(
                f"{training_set}: has not been compared with the images of {one.benchmark}; run `sr pack"
                f" {images} --output {training_set} {option('benchmark', benchmarks)}`."
            )
    twins = [f"{one.name} was left out: {one.detail}" for one in index.left_out if one.what == "a test image"]
    names = ", ".join(folder.name for folder in benchmarks)
    result = f"{index.training_set} ({index.images} images, {index.rule}) shares no image with {names}."
    text = "\n".join([result, *twins])
    typer.echo(text)
    if output:
        write_text(output, text + "\n")
