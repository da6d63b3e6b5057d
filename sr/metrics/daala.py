"""SSIM as computed by `dump_ssim` of the Daala video codec's tools, which SRGAN (sec. 3.1) measured with.

It differs from Wang's SSIM in three ways. The Gaussian's sigma grows with the image, 1.5/256 of its
height; its weights are whole numbers that sum to 256. Windows reach over the border, where they are cut
and renormalised. The map's mean is weighted by how much of the window lies inside the image.

Weights that sum to 256 are those of the commit that SRGAN names (its KERNEL_SHIFT is 8). With them SRGAN's
nearest and bicubic rows come out within 0.0014 on a rounded luma, and within 0.0005 on an unrounded one.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from sr.images import Pixels
from sr.metrics.views import View

Array = NDArray[np.float64]

_WEIGHT = 256  # sum of a kernel's weights
_C1 = (255.0 * 0.01) ** 2
_C2 = (255.0 * 0.03) ** 2


@dataclass(frozen=True)
class WindowSums:
    """Of the HR plane: its pixels, window sums of pixels and squares, and the window's mass inside."""

    pixels: Array
    sums: Array
    squares: Array
    mass: Array


class DaalaSSIM:
    """Daala's SSIM on a view of the images; the view must give one channel of whole numbers."""

    def __init__(self, view: View) -> None:
        self.view = view

    def reference(self, hr: Pixels) -> WindowSums:
        """Window sums of the HR plane."""
        pixels = self.view(hr).astype(np.float64)
        kernel = window(*pixels.shape)
        mass = _summed(np.ones_like(pixels), kernel)
        return WindowSums(pixels, _summed(pixels, kernel), _summed(pixels * pixels, kernel), mass)

    def score(self, sr: Pixels, reference: WindowSums) -> float:
        """SSIM in -1..1, 1 for identical images."""
        pixels = self.view(sr).astype(np.float64)
        kernel = window(*pixels.shape)
        x, y, mass = _summed(pixels, kernel), reference.sums, reference.mass
        # All moments below are sums, so each product carries the window's mass squared.
        scale = mass * mass
        covariance = _summed(pixels * reference.pixels, kernel) * mass - x * y
        energy = x * x + y * y
        variances = (_summed(pixels * pixels, kernel) + reference.squares) * mass - energy
        similarity = (2.0 * x * y + _C1 * scale) * (2.0 * covariance + _C2 * scale)
        similarity /= (energy + _C1 * scale) * (variances + _C2 * scale)
        return float((mass * similarity).sum() / mass.sum())


def window(height: int, width: int) -> Array:
    """One-dimensional kernel for images of this size: an odd number of whole weights with sum 256.

    It ends where a weight would fall below half a unit; the middle takes what rounding left over.
    """
    sigma = height * 1.5 / 256.0
    limit = np.sqrt(np.pi / 2.0) * sigma / _WEIGHT
    reach = 0 if limit >= 1.0 else int(sigma * np.sqrt(-2.0 * np.log(limit)))
    reach = min(reach, min(height, width) - 1)
    offsets = np.arange(1, reach + 1)
    side = np.floor(_WEIGHT / (np.sqrt(2.0 * np.pi) * sigma) * np.exp(-0.5 * (offsets / sigma) ** 2) + 0.5)
    return np.concatenate([side[::-1], [_WEIGHT - 2.0 * side.sum()], side])


def _summed(plane: Array, kernel: Array) -> Array:
    rows = scipy.ndimage.correlate1d(plane, kernel, axis=0, mode="constant")
    return scipy.ndimage.correlate1d(rows, kernel, axis=1, mode="constant")
