"""A training set packed once into two memory-mapped uint8 files, so that a crop costs a copy, not a decode.

A packed set is a folder: `hr.bin` and `lr.bin` hold the pixels of all images one after the other, each
3 x height x width (planes turn and flip several times faster than interleaved pixels), and `index.json`
says where each begins. LR is the exact degradation of the whole HR image, so that a crop of it is what the
benchmarks' LR images look like.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from sr.config import Strict, validate
from sr.degradation import downscale
from sr.errors import InputError
from sr.files import atomic_folder, file_hash
from sr.images import Pixels, as_rgb, crop_to_multiple, read_image
from sr.seals import read_record, write_record
from sr.sums import Memory

_HR, _LR = "hr.bin", "lr.bin"


class PackedImage(Strict):
    """One image of a packed set: HR size in pixels and where its pixels begin, in bytes."""

    name: str
    height: int
    width: int
    hr_offset: int
    lr_offset: int


class PackedIndex(Strict):
    """What `index.json` holds. `checksum` is the sha256 of hr.bin followed by lr.bin."""

    training_set: str
    scale: int
    checksum: str
    images: tuple[PackedImage, ...]


class PackedSet:
    """Read access to a packed training set; images are views into the memory-mapped files."""

    def __init__(self, folder: Path) -> None:
        path = folder / "index.json"
        if not path.is_file():
            raise InputError(f"{folder}: not a packed training set (index.json is missing); run `sr pack`.")
        remedy = f"delete {folder} and run `sr pack`"
        self.index = validate(read_record(path, remedy), PackedIndex, path)
        self.scale = self.index.scale
        # Rows of LR offset, HR offset, HR height and HR width, of every image.
        self.table = np.array(
            [(image.lr_offset, image.hr_offset, image.height, image.width) for image in self.index.images]
        )
        self._hr = self._open(folder / _HR, sum(i.height * i.width * 3 for i in self.index.images), remedy)
        self._lr = self._open(folder / _LR, len(self._hr) // self.scale**2, remedy)
        with Memory(folder) as memory:
            if not memory.confirms(self.index.checksum, _HR, _LR):
                raise InputError(
                    f"{folder}: {_HR} or {_LR} is damaged or was altered, for their checksum is not the"
                    f" index's; {remedy}."
                )

    def __len__(self) -> int:
        return len(self.index.images)

    @property
    def pixels(self) -> tuple[Pixels, Pixels]:
        """LR and HR pixels of all images, one after the other, in memory-mapped files."""
        return self._lr, self._hr

    def pair(self, number: int) -> tuple[Pixels, Pixels]:
        """LR and HR of one image, 3 x height x width."""
        image = self.index.images[number]
        small = (3, image.height // self.scale, image.width // self.scale)
        return (
            _view(self._lr, image.lr_offset, small),
            _view(self._hr, image.hr_offset, (3, image.height, image.width)),
        )

    @staticmethod
    def _open(path: Path, size: int, remedy: str) -> Pixels:
        if not path.is_file() or path.stat().st_size != size:
            raise InputError(f"{path}: missing or not of {size} bytes; {remedy}.")
        return np.memmap(path, dtype=np.uint8, mode="r")


def pack(
    name: str,
    images: Iterable[Path],
    folder: Path,
    scale: int = 4,
    on_image: Callable[[int], None] | None = None,
) -> PackedIndex:
    """Pack HR images and their exact LR into `folder`, atomically; grey images become RGB.

    on_image is told after each image how many are done. Raises InputError for unreadable images.
    """
    entries: list[PackedImage] = []
    with atomic_folder(folder) as temporary:
        with (temporary / _HR).open("wb") as hr_file, (temporary / _LR).open("wb") as lr_file:
            for path in images:
                hr = as_rgb(crop_to_multiple(read_image(path), scale))
                offsets = (hr_file.tell(), lr_file.tell())
                hr_file.write(hr.transpose(2, 0, 1).tobytes())
                lr_file.write(downscale(hr, scale).transpose(2, 0, 1).tobytes())
                height, width = hr.shape[:2]
                entries.append(
                    PackedImage(
                        name=path.stem, height=height, width=width, hr_offset=offsets[0], lr_offset=offsets[1]
                    )
                )
                if on_image:
                    on_image(len(entries))
        if not entries:
            raise InputError(f"{name}: holds no images to pack.")
        index = PackedIndex(
            training_set=name,
            scale=scale,
            checksum=file_hash(temporary / _HR, temporary / _LR),
            images=tuple(entries),
        )
        write_record(temporary / "index.json", TypeAdapter(PackedIndex).dump_python(index, mode="json"))
    return index


def _view(pixels: Pixels, offset: int, shape: tuple[int, int, int]) -> Pixels:
    return pixels[offset : offset + int(np.prod(shape))].reshape(shape)
