"""A part of an image, and where several versions of one differ most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sr.images import Pixels

# Side of the part that is shown; the smallest benchmark images are 228 wide.
SIDE = 96

_BLOCK = 4  # pixels a side that one pixel of the input tells the mean of


@dataclass(frozen=True)
class Crop:
    """A rectangle inside an image, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def of(self, pixels: Pixels) -> Pixels:
        """The part of an image, height x width [x 3]."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]


def most_different(images: Sequence[Pixels], side: int = SIDE) -> Crop:
    """The side x side crop in which the details of images of one size (height x width x 3) differ most.

    Details are the values minus the mean of their 4x4 block: another brightness or tint of the whole says
    little about a method. The crop is that with the largest mean, over pixels and colours, of a detail's
    standard deviation between the images; the first, row by row, of equals. An image smaller than the
    crop is shown whole in that direction. Heights and widths are multiples of 4.
    """
    differences = _deviation([_details(image) for image in images])
    height, width = (min(side, size) for size in differences.shape)
    sums = np.pad(differences.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    top, left = np.unravel_index(np.argmax(inside), inside.shape)
    return Crop(int(left), int(top), width, height)


def _details(image: Pixels) -> NDArray[np.float32]:
    """Every value minus the mean of its 4x4 block."""
    height, width, colours = image.shape
    blocks = image.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK, colours).astype(np.float32)
    details: NDArray[np.float32] = (blocks - blocks.mean(axis=(1, 3), keepdims=True)).reshape(image.shape)
    return details


def _deviation(images: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Standard deviation between the images at every pixel, mean over the colours: height x width."""
    total, squares = np.zeros(images[0].shape), np.zeros(images[0].shape)
    for image in images:
        total += image
        squares += np.square(image, dtype=np.float64)
    # Multiples of 1/16, so the difference of squares is exact and nowhere negative.
    variance = (len(images) * squares - total**2) / len(images) ** 2
    deviation: NDArray[np.float64] = np.sqrt(variance).mean(axis=2)
    return deviation
