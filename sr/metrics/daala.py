"""SSIM as computed by `dump_ssim` of the Daala video codec's tools, which SRGAN (sec. 3.1) measured with.

It differs from Wang's SSIM in three ways. The Gaussian's sigma grows with the image, 1.5/256 of its
height; its weights are whole numbers that sum to 256. Windows reach over the border, where they are cut
and renormalised. The map's mean is weighted by how much of the window lies inside the image.

Weights that sum to 256 are those of the commit that SRGAN names (its KERNEL_SHIFT is 8). With them SRGAN's
nearest and bicubic rows come out within 0.0014 on a rounded luma, and within 0.0005 on an unrounded one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sr.device import scoring_device
from sr.images import Pixels
from sr.metrics.banded import Banded, columns_joined
from sr.metrics.views import View

_WEIGHT = 256  # sum of a kernel's weights
_C1 = (255.0 * 0.01) ** 2
_C2 = (255.0 * 0.03) ** 2


@dataclass(frozen=True)
class WindowSums:
    """Of the HR plane: its pixels, window sums of pixels and squares, and the window's mass inside."""

    window: Banded
    pixels: Tensor
    sums: Tensor
    squares: Tensor
    mass: Tensor


class DaalaSSIM:
    """Daala's SSIM on a view of the images that gives whole numbers (with several channels: their mean).

    The view is taken by the processor, its planes are compared on the GPU where there is one.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._device = scoring_device()

    def reference(self, hr: Pixels) -> list[WindowSums]:
        """Window sums of the HR image's planes."""
        return [_window_sums(plane) for plane in self._planes(hr)]

    def score(self, sr: Pixels, reference: list[WindowSums]) -> float:
        """SSIM in -1..1, 1 for identical images."""
        planes = zip(self._planes(sr), reference, strict=True)
        values = [_similarity(plane, original) for plane, original in planes]
        return sum(values) / len(values)

    def _planes(self, image: Pixels) -> Sequence[Tensor]:
        """Its channels in the view."""
        seen = torch.from_numpy(self.view(image)).to(self._device)
        return seen.view(-1, *seen.shape[-2:]).unbind()


def _window_sums(pixels: Tensor) -> WindowSums:
    kernel = Banded(window(*pixels.shape), step=1, dtype=pixels.dtype)
    planes = (pixels, pixels * pixels, torch.ones_like(pixels))
    return WindowSums(kernel, pixels, *(_summed(plane, kernel) for plane in planes))


def _similarity(pixels: Tensor, reference: WindowSums) -> float:
    kernel = reference.window
    x, y, mass = _summed(pixels, kernel), reference.sums, reference.mass
    # All moments below are sums, so each product carries the window's mass squared.
    scale = mass * mass
    covariance = _summed(pixels * reference.pixels, kernel).mul_(mass).sub_(x * y)
    energy = (x * x).addcmul_(y, y)
    variances = _summed(pixels * pixels, kernel).add_(reference.squares).mul_(mass).sub_(energy)
    upper = (2.0 * x * y).add_(_C1 * scale).mul_(covariance.mul_(2.0).add_(_C2 * scale))
    lower = energy.add_(_C1 * scale).mul_(variances.add_(_C2 * scale))
    return float(upper.div_(lower).mul_(mass).sum() / mass.sum())


def window(height: int, width: int) -> NDArray[np.float64]:
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


def _summed(plane: Tensor, kernel: Banded) -> Tensor:
    """Sums under a window around every pixel; what lies outside counts as zero."""
    height, width = plane.shape
    return columns_joined(kernel(kernel.padded(plane, kernel.margin // 2)))[:height, :width]
