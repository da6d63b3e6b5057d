"""A prepared benchmark: HR cropped to a multiple of the scale, and LR made from it exactly."""

import hashlib
from pathlib import Path

from sr.config import Strict, validate
from sr.degradation import downscale
from sr.errors import InputError
from sr.files import atomic_folder, is_one_of, refuse_other_files
from sr.images import crop_to_multiple, image_files, read_image, write_png
from sr.seals import read_record, write_record
from sr.sums import MEMORY, Memory, Sums, check, sums_of

INDEX = "index.json"
_FILES = (INDEX, MEMORY, "HR/*.png", "LR/*.png")


class BenchmarkIndex(Strict):
    """What a prepared benchmark's `index.json` holds.

    checksum: sha256 over the HR pixels, whatever way they are stored. files: sums of HR/*.png and LR/*.png.
    """

    benchmark: str
    scale: int
    images: tuple[str, ...]
    checksum: str
    files: Sums


class Benchmark:
    """A folder with HR/, LR/ and index.json.

    Raises InputError when it is none, or when its images are not exactly those that were prepared.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / INDEX
        if not path.is_file():
            raise InputError(f"{folder}: not a prepared benchmark (index.json is missing); run `sr prepare`.")
        self.folder = folder
        remedy = f"delete {folder} and run `sr prepare`"
        record = read_record(path, remedy)
        if "files" not in record:
            raise InputError(f"{path}: was written before benchmarks carried checksums; {remedy}.")
        self.index = validate(record, BenchmarkIndex, path)
        for part in ("HR", "LR"):
            for image in image_files(folder / part):
                if f"{part}/{image.name}" not in self.index.files:
                    raise InputError(f"{image}: is no image of the benchmark; {remedy}.")
        check(folder, self.index.files, remedy)

    def hr_files(self) -> list[Path]:
        """The cropped ground truths, sorted by name."""
        return image_files(self.folder / "HR")

    def lr_files(self) -> list[Path]:
        """The low-resolution images, in the order of `hr_files`."""
        return image_files(self.folder / "LR")


def prepare(name: str, images: list[Path], folder: Path, scale: int = 4) -> BenchmarkIndex:
    """Write HR/, LR/ and index.json for `images` into `folder`, atomically; grey images stay grey.

    Raises InputError for an image that can not be read, and for a folder that holds anything but a benchmark.
    """
    _refuse_to_replace(folder)
    digest = hashlib.sha256()
    with atomic_folder(folder) as temporary:
        for path in images:
            hr = crop_to_multiple(read_image(path), scale)
            if not hr.size:
                raise InputError(f"{path}: smaller than {scale}x{scale} pixels; remove it.")
            write_png(temporary / "HR" / f"{path.stem}.png", hr)
            write_png(temporary / "LR" / f"{path.stem}.png", downscale(hr, scale))
            digest.update(path.stem.encode() + str(hr.shape).encode() + hr.tobytes())
        names = [f"{part}/{path.stem}.png" for path in images for part in ("HR", "LR")]
        index = BenchmarkIndex(
            benchmark=name,
            scale=scale,
            images=tuple(path.stem for path in images),
            checksum=digest.hexdigest(),
            files=sums_of(temporary, names),
        )
        # What was just written need not be read again to be known.
        with Memory(temporary) as memory:
            for part, one in index.files.items():
                memory.remember(one.sha256, part)
        write_record(temporary / INDEX, index.model_dump(mode="json"))
    return index


def _refuse_to_replace(folder: Path) -> None:
    """Raise InputError where something else than a benchmark, a person's photographs, would be lost."""
    index = folder / INDEX
    # A packed training set has an index of that name, too.
    if index.is_file() and b'"benchmark"' not in index.read_bytes():
        raise InputError(f"{folder}: holds something else than a benchmark; choose another folder.")
    # Snakemake removes the index before it has a benchmark made anew, but not what is remembered of the rest.
    known = index.is_file() or (folder / MEMORY).is_file()
    refuse_other_files(folder, lambda name: known and is_one_of(name, _FILES))
