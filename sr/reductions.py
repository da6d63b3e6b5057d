"""Ways in which images are reduced by four in the field, beside MATLAB's bicubic of `sr.degradation`.

Networks and papers differ in what they are fed, and the difference is up to 1 dB. Every function takes a
uint8 image (height x width [x 3]) whose sides are multiples of four.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sr.degradation import downscale, resize_float
from sr.images import Pixels

SCALE = 4

# Values 0..255: whole numbers, or those of an image that was never rounded.
LowResolution = Pixels | NDArray[np.float64]
Reduction = Literal[
    "matlab", "matlab_unrounded", "matlab_repeated", "pillow_bicubic", "pillow_lanczos", "opencv_bicubic"
]


def matlab_unrounded(hr: Pixels) -> NDArray[np.float64]:
    """MATLAB's bicubic of an image in doubles, which is rounded nowhere."""
    height, width = hr.shape[:2]
    return resize_float(hr.astype(np.float64), height // SCALE, width // SCALE)


def opencv_bicubic(hr: Pixels) -> Pixels:
    """OpenCV's `resize` with INTER_CUBIC: four pixels a side around the centre, without antialiasing.

    Keys' kernel at a = -0.75; at this scale every centre lies half-way between two pixels.
    """
    image = hr.astype(np.float64)
    for axis in (0, 1):
        centre = SCALE * np.arange(image.shape[axis] // SCALE) + 1
        taps = [image.take(centre + offset, axis=axis) for offset in (-1, 0, 1, 2)]
        image = 0.59375 * (taps[1] + taps[2]) - 0.09375 * (taps[0] + taps[3])
    return np.floor(image.clip(0.0, 255.0) + 0.5).astype(np.uint8)


def _pillow(kernel: Image.Resampling) -> Callable[[Pixels], Pixels]:
    def reduce(hr: Pixels) -> Pixels:
        height, width = hr.shape[:2]
        return np.array(Image.fromarray(hr).resize((width // SCALE, height // SCALE), kernel))

    return reduce


REDUCTIONS: dict[Reduction, Callable[[Pixels], LowResolution]] = {
    "matlab": lambda hr: downscale(hr, SCALE),
    "matlab_unrounded": matlab_unrounded,
    "matlab_repeated": lambda hr: downscale(hr, SCALE, "repeated"),
    "pillow_bicubic": _pillow(Image.Resampling.BICUBIC),
    "pillow_lanczos": _pillow(Image.Resampling.LANCZOS),
    "opencv_bicubic": opencv_bicubic,
}
