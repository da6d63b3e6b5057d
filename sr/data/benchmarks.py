"""A prepared benchmark: HR cropped to a multiple of the scale, and LR made from it exactly."""

import hashlib
from pathlib import Path

from sr.config import Strict, load_yaml, validate
from sr.degradation import downscale
from sr.errors import InputError
from sr.files import atomic_folder, write_json
from sr.images import crop_to_multiple, image_files, read_image, write_png


class BenchmarkIndex(Strict):
    """What a prepared benchmark's `index.json` holds. `checksum`: sha256 over the HR pixels."""

    benchmark: str
    scale: int
    images: tuple[str, ...]
    checksum: str


class Benchmark:
    """A folder with HR/, LR/ and index.json."""

    def __init__(self, folder: Path) -> None:
        path = folder / "index.json"
        if not path.is_file():
            raise InputError(f"{folder}: not a prepared benchmark (index.json is missing); run `sr prepare`.")
        self.folder = folder
        self.index = validate(load_yaml(path), BenchmarkIndex, path)

    def hr_files(self) -> list[Path]:
        """The cropped ground truths, sorted by name."""
        return image_files(self.folder / "HR")

    def lr_files(self) -> list[Path]:
        """The low-resolution images, in the order of `hr_files`."""
        return image_files(self.folder / "LR")


def prepare(name: str, images: list[Path], folder: Path, scale: int = 4) -> BenchmarkIndex:
    """Write HR/, LR/ and index.json for `images` into `folder`, atomically; grey images stay grey."""
    digest = hashlib.sha256()
    with atomic_folder(folder) as temporary:
        for path in images:
            hr = crop_to_multiple(read_image(path), scale)
            if not hr.size:
                raise InputError(f"{path}: smaller than {scale}x{scale} pixels; remove it.")
            write_png(temporary / "HR" / f"{path.stem}.png", hr)
            write_png(temporary / "LR" / f"{path.stem}.png", downscale(hr, scale))
            digest.update(path.stem.encode() + str(hr.shape).encode() + hr.tobytes())
        index = BenchmarkIndex(
            benchmark=name,
            scale=scale,
            images=tuple(path.stem for path in images),
            checksum=digest.hexdigest(),
        )
        write_json(temporary / "index.json", index.model_dump(mode="json"))
    return index
