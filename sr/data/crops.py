"""Random training crops as a pure function of (seed, step, index in the global batch).

Nothing is remembered between steps, so nothing has to be replayed to resume, and a rank of a
distributed run draws the whole batch's numbers and cuts only its own slice.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from sr.data.packing import PackedSet
from sr.errors import InputError
from sr.images import Pixels

Sampling = Literal["area", "image"]


@dataclass(frozen=True)
class Augmentation:
    """Which of the eight symmetries of the square a crop may get."""

    flip: bool
    rotate: bool


class CropSampler:
    """Draws aligned LR and HR crops from a packed training set.

    batch: size of the global batch. patch: side of the HR crop in pixels, a multiple of the scale.
    sampling: an image is drawn in proportion to its area, or each is as likely. The field cuts images into
    sub-images of one size and draws these, so that a set of many small pictures counts by its area.
    distinct_images: every crop of a batch comes from another image (SRGAN, sec. 3.2).
    Images that are smaller than the patch are never drawn.
    Raises InputError when the set can not serve such crops.
    """

    def __init__(
        self,
        packed: PackedSet,
        *,
        seed: int,
        batch: int,
        patch: int,
        augmentation: Augmentation,
        sampling: Sampling,
        distinct_images: bool,
    ) -> None:
        self._images = packed.fitting(patch)
        _check(packed, len(self._images), batch, patch, distinct_images)
        self.packed = packed
        self.seed = seed
        self.size = batch
        self.patch = patch
        self.augmentation = augmentation
        self.chances = _shares_of_area(packed, self._images) if sampling == "area" else None
        self.distinct_images = distinct_images

    def batch(self, step: int, part: slice = slice(None)) -> tuple[torch.Tensor, torch.Tensor]:
        """LR and HR crops of one step, uint8, N x 3 x height x width; `part` selects a rank's share."""
        scale, small = self.packed.scale, self.patch // self.packed.scale
        places = self.places(step)[part].tolist()
        lr = np.empty((len(places), 3, small, small), np.uint8)
        hr = np.empty((len(places), 3, self.patch, self.patch), np.uint8)
        for number, (image, top, left, flip, turns) in enumerate(places):
            lr_image, hr_image = self.packed.pair(image)
            lr[number] = _augment(lr_image[:, top : top + small, left : left + small], flip, turns)
            top, left = top * scale, left * scale
            hr[number] = _augment(hr_image[:, top : top + self.patch, left : left + self.patch], flip, turns)
        return torch.from_numpy(lr), torch.from_numpy(hr)

    def places(self, step: int) -> NDArray[np.int64]:
        """Where the crops of a step's whole batch come from: rows of image, top and left in LR pixels,
        whether it is flipped (0 or 1), and how many quarter turns it makes then.
        """
        images, rows, columns, flips, turns = self._draw(step)
        _, _, heights, widths = self.packed.table[images].T
        scale, small = self.packed.scale, self.patch // self.packed.scale
        tops = (rows * (heights // scale - small + 1)).astype(np.int64)
        lefts = (columns * (widths // scale - small + 1)).astype(np.int64)
        return np.stack((images, tops, lefts, flips, turns), axis=1).astype(np.int64)

    def mixing(self, step: int, part: slice = slice(None)) -> torch.Tensor:
        """One uniform draw in [0, 1) for each image of a step's batch; `part` selects a rank's share."""
        # Same key, another counter: a stream of its own.
        random = np.random.Generator(np.random.Philox(key=[self.seed, step], counter=[0, 0, 0, 1]))
        return torch.from_numpy(random.random(self.size, dtype=np.float32)[part])

    def _draw(self, step: int) -> tuple[np.ndarray, ...]:
        """Image, relative row and column in [0, 1), flip and quarter turns of every crop of the batch."""
        random = np.random.Generator(np.random.Philox(key=[self.seed, step]))
        drawn = random.choice(len(self._images), self.size, replace=not self.distinct_images, p=self.chances)
        rows, columns = random.random((2, self.size))
        flips = random.random(self.size) < 0.5
        turns = random.integers(0, 4, self.size)
        return (
            self._images[drawn],
            rows,
            columns,
            flips & self.augmentation.flip,
            turns * self.augmentation.rotate,
        )


def _shares_of_area(packed: PackedSet, images: NDArray[np.int64]) -> NDArray[np.float64]:
    areas = packed.sizes[images].astype(np.float64).prod(axis=1)
    return areas / areas.sum()


def _augment(crop: Pixels, flip: int, turns: int) -> Pixels:
    return np.rot90(crop[:, :, ::-1] if flip else crop, turns, axes=(1, 2))


def _check(packed: PackedSet, fitting: int, batch: int, patch: int, distinct_images: bool) -> None:
    name = packed.index.training_set
    if patch % packed.scale:
        raise InputError(f"patch: {patch} is not a multiple of the scale {packed.scale}.")
    needed = max(1, packed.index.at_least)
    if fitting < needed:
        raise InputError(
            f"training set {name}: only {fitting} of its {len(packed)} images are as large as the {patch} px"
            f" patch, where {needed} are needed; choose a smaller patch or larger images."
        )
    if distinct_images and batch > fitting:
        raise InputError(
            f"training set {name}: a batch of {batch} distinct images can not come from {fitting} images;"
            " choose a smaller batch or set distinct_images to false."
        )
