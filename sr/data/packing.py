"""A training set packed once into two memory-mapped uint8 files, so that a crop costs a copy, not a decode.

A packed set is a folder: `hr.bin` and `lr.bin` hold the pixels of all images one after the other, each
3 x height x width (planes turn and flip several times faster than interleaved pixels), `sizes.npy` their
sizes, and `index.json` what the set is. LR is the exact degradation of the whole HR image, so that a crop of
it is what the benchmarks' LR images look like.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sr.config import Strict, validate
from sr.errors import InputError
from sr.images import Pixels
from sr.seals import read_record
from sr.sums import Memory, Sums, check

HR, LR, SIZES, INDEX = "hr.bin", "lr.bin", "sizes.npy", "index.json"
# A run's record names so many of each kind; the index of its training set has all.
_NAMED = 100


class Remark(Strict):
    """What happened to one image. what: the kind, in words. detail: more of it, where there is more."""

    name: str
    what: Literal[
        "unreadable", "smaller than the scale", "a test image", "CMYK", "palette", "one bit", "named wrongly"
    ]
    detail: str = ""


class PackedIndex(Strict):
    """What `index.json` holds.

    checksum: the sha256 of hr.bin followed by lr.bin. rule: how the images were chosen. images: how many
    there are. at_least: how many a training must be able to use. left_out, converted: images with which
    something was amiss. compared_with: benchmarks (name -> checksum) whose images are not among these.
    """

    training_set: str
    scale: int
    checksum: str
    rule: str
    images: int
    at_least: int
    left_out: tuple[Remark, ...] = ()
    converted: tuple[Remark, ...] = ()
    compared_with: dict[str, str] = Field(default_factory=dict)
    files: Sums


class PackedSet:
    """Read access to a packed training set; images are views into the memory-mapped files.

    sizes: heights and widths of the HR images in pixels, images x 2.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / INDEX
        if not path.is_file():
            raise InputError(f"{folder}: not a packed training set ({INDEX} is missing); run `sr pack`.")
        remedy = f"delete {folder} and run `sr pack`"
        record = read_record(path, remedy)
        if "benchmark" in record:
            raise InputError(
                f"{folder}: is a prepared benchmark and no training set; to train on its images give"
                f" {folder / 'HR'}."
            )
        if isinstance(record.get("images"), list):
            raise InputError(f"{path}: was written before training sets were chosen by rules; {remedy}.")
        self.index = validate(record, PackedIndex, path)
        check(folder, self.index.files, remedy)
        self.scale = self.index.scale
        self.sizes: NDArray[np.uint32] = np.load(folder / SIZES, mmap_mode="r")
        values = self.sizes.astype(np.int64).prod(axis=1) * 3
        begins = np.cumsum(values) - values
        # Rows of LR offset, HR offset, HR height and HR width, of every image.
        self.table = np.column_stack((begins // self.scale**2, begins, self.sizes)).astype(np.int64)
        size = int(values.sum())
        self._hr = _opened(folder / HR, size, remedy)
        self._lr = _opened(folder / LR, size // self.scale**2, remedy)
        with Memory(folder) as memory:
            if not memory.confirms(self.index.checksum, HR, LR):
                raise InputError(
                    f"{folder}: {HR} or {LR} is damaged or was altered, for their checksum is not the"
                    f" index's; {remedy}."
                )

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def pixels(self) -> tuple[Pixels, Pixels]:
        """LR and HR pixels of all images, one after the other, in memory-mapped files."""
        return self._lr, self._hr

    def pair(self, number: int) -> tuple[Pixels, Pixels]:
        """LR and HR of one image, 3 x height x width."""
        lr_offset, hr_offset, height, width = self.table[number].tolist()
        small = (3, height // self.scale, width // self.scale)
        return _view(self._lr, lr_offset, small), _view(self._hr, hr_offset, (3, height, width))

    def fitting(self, patch: int) -> NDArray[np.int64]:
        """Numbers of the images that are at least as large as a patch of so many pixels a side."""
        return np.flatnonzero(self.sizes.min(axis=1) >= patch)

    def account(self, patch: int) -> dict[str, Any]:
        """What a run that cuts such patches says of its images: the rule, how many, and which are left out.

        Of each kind the number and the first names.
        """
        return {
            "rule": self.index.rule,
            "packed": len(self),
            "smaller_than_the_patch": len(self) - len(self.fitting(patch)),
            "left_out": _summed_up(self.index.left_out),
            "converted": _summed_up(self.index.converted),
            "compared_with": self.index.compared_with,
        }


def in_words(remarks: Sequence[Remark]) -> str:
    """Of each kind of remark how many there are, and the first image: `2 CMYK (a.jpg, ...)`."""
    first: dict[str, Remark] = {}
    for remark in remarks:
        first.setdefault(remark.what, remark)
    counts: Counter[str] = Counter(remark.what for remark in remarks)
    return ", ".join(
        f"{counts[what]} {what} ({', '.join([one.name, *(['...'] if counts[what] > 1 else [])])})"
        for what, one in first.items()
    )


def _summed_up(remarks: Iterable[Remark]) -> dict[str, Any]:
    kinds: dict[str, list[str]] = {}
    for remark in remarks:
        kinds.setdefault(remark.what, []).append(
            f"{remark.name}: {remark.detail}" if remark.detail else remark.name
        )
    return {what: {"count": len(names), "first": names[:_NAMED]} for what, names in kinds.items()}


def _opened(path: Path, size: int, remedy: str) -> Pixels:
    if not path.is_file() or path.stat().st_size != size:
        raise InputError(f"{path}: missing or not of {size} bytes; {remedy}.")
    return np.memmap(path, dtype=np.uint8, mode="r")


def _view(pixels: Pixels, offset: int, shape: tuple[int, int, int]) -> Pixels:
    return pixels[offset : offset + int(np.prod(shape))].reshape(shape)
