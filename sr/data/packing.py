"""A training set packed once into two memory-mapped uint8 files, so that a crop costs a copy, not a decode.

A packed set is a folder: `hr.bin` and `lr.bin` hold the pixels of all images one after the other, each
3 x height x width (planes turn and flip several times faster than interleaved pixels), and `index.json`
says where each begins. LR is the exact degradation of the whole HR image, so that a crop of it is what the
benchmarks' LR images look like.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import TypeAdapter

from sr.config import Strict, load_yaml, validate
from sr.degradation import downscale
from sr.errors import InputError
from sr.files import atomic_folder, write_json
from sr.images import Pixels, as_rgb, crop_to_multiple, read_image


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
        self.index = validate(load_yaml(path), PackedIndex, path)
        self.scale = self.index.scale
        self._hr = self._open(folder / "hr.bin", sum(i.height * i.width * 3 for i in self.index.images))
        self._lr = self._open(folder / "lr.bin", len(self._hr) // self.scale**2)

    def __len__(self) -> int:
        return len(self.index.images)

    def pair(self, number: int) -> tuple[Pixels, Pixels]:
        """LR and HR of one image, 3 x height x width."""
        image = self.index.images[number]
        small = (3, image.height // self.scale, image.width // self.scale)
        return (
            _view(self._lr, image.lr_offset, small),
            _view(self._hr, image.hr_offset, (3, image.height, image.width)),
        )

    @staticmethod
    def _open(path: Path, size: int) -> Pixels:
        if not path.is_file() or path.stat().st_size != size:
            raise InputError(f"{path}: missing or not of {size} bytes; delete its folder and run `sr pack`.")
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
        with (temporary / "hr.bin").open("wb") as hr_file, (temporary / "lr.bin").open("wb") as lr_file:
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
            checksum=_checksum(temporary / "hr.bin", temporary / "lr.bin"),
            images=tuple(entries),
        )
        write_json(temporary / "index.json", TypeAdapter(PackedIndex).dump_python(index, mode="json"))
    return index


def _view(pixels: Pixels, offset: int, shape: tuple[int, int, int]) -> Pixels:
    return pixels[offset : offset + int(np.prod(shape))].reshape(shape)


def _checksum(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            _feed(digest, stream)
    return digest.hexdigest()


def _feed(digest: "hashlib._Hash", stream: BinaryIO) -> None:
    while block := stream.read(1 << 20):
        digest.update(block)
