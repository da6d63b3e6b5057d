"""From which low-resolution images was a reconstruction made?

Whatever a method does, its images are a function of what it was fed. So what they become when MATLAB reduces
them is predicted, by least squares, from the 5 x 5 low-resolution pixels around, once for every way to reduce
the originals: with the images that were really used the least is left over, since all others hold detail that
the method never saw. MATLAB's bicubic, that of an older `imresize` and Pillow's have one kernel and differ at
the image's edge alone, so they are told apart by predictions of the outermost pixels.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sr.explain.pairs import SCALE, Pair
from sr.images import as_rgb, crop_to_multiple
from sr.reductions import REDUCTIONS, Reduction, matlab_unrounded

Array = NDArray[np.float64]

NAMES: dict[Reduction, str] = {
    "matlab": "MATLAB's bicubic",
    "matlab_repeated": "MATLAB's bicubic with edge pixels repeated (an older imresize, SelfExSR's)",
    "pillow_bicubic": "Pillow's bicubic",
    "pillow_lanczos": "Pillow's Lanczos",
    "opencv_bicubic": "OpenCV's bicubic without antialiasing",
}
_ONE_KERNEL: tuple[Reduction, ...] = ("matlab", "matlab_repeated", "pillow_bicubic")

_SIDE = 5

# How much less than with any other way must be left over before one is named: of the root mean square.
_CLEARLY = 0.98


@dataclass(frozen=True)
class Kernel:
    """What can be told.

    likely: the ways that leave the least, one where it is clear, none where nothing is. left: by way, the
    root mean square that can not be predicted, in grey levels.
    """

    likely: tuple[Reduction, ...]
    left: dict[Reduction, float]


def recognise(pairs: Sequence[Pair]) -> Kernel:
    """The way in which the images were reduced that `pairs` were reconstructed from."""
    inside = {name: _Prediction() for name in NAMES}
    edge = {name: _Prediction() for name in _ONE_KERNEL}
    for pair in pairs:
        sr, hr = (crop_to_multiple(as_rgb(image), SCALE) for image in (pair.sr, pair.hr))
        if min(sr.shape[:2]) < 2 * SCALE * _SIDE:
            continue
        reduced = matlab_unrounded(sr)
        for name in NAMES:
            lr = REDUCTIONS[name](hr).astype(np.float64)
            inside[name].learn(lr, reduced, _SIDE // 2)
            if name in edge:
                for turned_lr, turned in zip(_turned(lr), _turned(reduced), strict=True):
                    edge[name].learn(turned_lr[:_SIDE], turned[:_SIDE], 0)
    left = {name: prediction.left() for name, prediction in inside.items()}
    return Kernel(_likely(left, {name: prediction.left() for name, prediction in edge.items()}), left)


class _Prediction:
    """Least squares over all images: what one value is in the pixels around it and a constant."""

    def __init__(self) -> None:
        size = _SIDE**2 + 2
        self._products = np.zeros((size, size))
        self._count = 0

    def learn(self, lr: Array, reduced: Array, row: int) -> None:
        """Add what an image says. row: which row in a window of pixels is that of the predicted one."""
        middle = _SIDE // 2
        for channel in range(3):
            windows = sliding_window_view(lr[..., channel], (_SIDE, _SIDE))
            height, width = windows.shape[:2]
            wanted = reduced[row : row + height, middle : middle + width, channel].reshape(-1, 1)
            known = windows.reshape(-1, _SIDE**2)
            rows = np.hstack([known, np.ones_like(wanted), wanted])
            self._products += rows.T @ rows
            self._count += len(rows)

    def left(self) -> float:
        """Root mean square of what is left over."""
        if not self._count:
            return math.nan
        known, mixed, square = self._products[:-1, :-1], self._products[:-1, -1], self._products[-1, -1]
        solution = np.linalg.lstsq(known, mixed, rcond=1e-12)[0]
        return math.sqrt(max(square - float(mixed @ solution), 0.0) / self._count)


def _turned(image: Array) -> Iterator[Array]:
    """An image with each of its four edges at the top."""
    for quarter in range(4):
        yield np.rot90(image, quarter)


def _likely(left: dict[Reduction, float], edge: dict[Reduction, float]) -> tuple[Reduction, ...]:
    family = min(left[name] for name in _ONE_KERNEL)
    others = sorted((name for name in left if name not in _ONE_KERNEL), key=lambda name: left[name])
    if left[others[0]] < _CLEARLY * min(family, left[others[1]]):
        return (others[0],)
    if not family < _CLEARLY * left[others[0]]:
        return ()
    nearest, following = sorted(_ONE_KERNEL, key=lambda name: edge[name])[:2]
    return (nearest,) if edge[nearest] < _CLEARLY * edge[following] else _ONE_KERNEL
