"""What of an image a protocol measures on: which channel, rounded or not, how much border, what of grey."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sr.errors import InputError
from sr.images import Pixels, as_rgb, luma

Plane = NDArray[np.float64]

# The luminance row of the inverse of the NTSC matrix (YIQ to RGB).
_GREY = np.linalg.inv(np.array([[1.0, 0.956, 0.621], [1.0, -0.272, -0.647], [1.0, -1.106, 1.703]]))[0]

_STRIP = 64  # rows converted at a time, so that intermediate values stay in the processor's cache


@dataclass(frozen=True)
class View:
    """One paper's way to look at an image before comparing it.

    channel: Y of MATLAB's `rgb2ycbcr` (16..235), or RGB.
    y_rounded: Y as whole numbers, as MATLAB gives it for uint8 images.
    border: pixels removed at each side.
    grey: what an image stored as single-channel counts as: its values as stored (0..255, no 16..235
    mapping), or an RGB image of three equal channels.
    """

    channel: Literal["Y", "RGB"]
    y_rounded: bool
    border: int
    grey: Literal["as_stored", "as_rgb"]

    def __call__(self, pixels: Pixels) -> Plane:
        """height x width (Y, or grey as stored) or 3 x height x width (RGB), values 0..255."""
        inner = without_border(pixels, self.border)
        if inner.ndim == 2 and self.grey == "as_stored":
            return inner.astype(np.float64)
        if self.channel == "RGB":
            return np.ascontiguousarray(as_rgb(inner).transpose(2, 0, 1), dtype=np.float64)
        plane = np.empty(inner.shape[:2])
        for top in range(0, len(inner), _STRIP):
            rows = as_rgb(inner[top : top + _STRIP])
            plane[top : top + _STRIP] = luma(rows, rounded=self.y_rounded)
        return plane


def rgb2gray(pixels: Pixels) -> Pixels:
    """MATLAB's `rgb2gray` on uint8, 0..255; an image stored as grey stays as it is."""
    if pixels.ndim == 2:
        return pixels
    return np.floor(pixels @ _GREY + 0.5).astype(np.uint8)


def without_border(pixels: Pixels, border: int) -> Pixels:
    """Remove `border` pixels at each side. Raises InputError when nothing would be left."""
    height, width = pixels.shape[:2]
    if min(height, width) <= 2 * border:
        raise InputError(f"an image of {width}x{height} is all border: {border} pixels are cut at each side.")
    return pixels[border : height - border, border : width - border]
