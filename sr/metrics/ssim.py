"""SSIM of Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE TIP 13(4), 2004, Eq. 13, as in the authors' MATLAB release.

Window: 11x11 Gaussian, sigma 1.5; only positions where the window lies inside the image count;
K1 = 0.01, K2 = 0.03, L = 255; the score is the mean of the map.

In double precision, so that it is the release's value to rounding; in single precision it would move by up
to 3e-6. The middle grey is subtracted first, which keeps squares small.
"""

from dataclasses import dataclass

import torch

from sr.data.assets import Assets
from sr.errors import InputError
from sr.images import Pixels
from sr.metrics.banded import BLOCK, Banded, gaussian
from sr.metrics.daala import DaalaSSIM
from sr.metrics.metric import Conventions, FullReference, Metric
from sr.metrics.threads import workers
from sr.metrics.views import Plane, View

_C1 = (0.01 * 255.0) ** 2
_C2 = (0.03 * 255.0) ** 2
_WINDOWED = Banded(gaussian(11, 1.5), step=1, dtype=torch.float64)
_MARGIN = _WINDOWED.margin

_MIDDLE = 128.0  # subtracted from every pixel, so that squares stay small
_ROWS = 12 * BLOCK  # rows of the map made at a time


@dataclass(frozen=True)
class Moments:
    """Of one HR strip: its pixels, and under the window its mean and variance."""

    pixels: torch.Tensor
    mean: torch.Tensor
    variance: torch.Tensor


class SSIM:
    """Structural similarity on a view of the images (with several channels: their mean)."""

    def __init__(self, view: View) -> None:
        self.view = view

    def reference(self, hr: Pixels) -> list[Moments]:
        """Window means and variances of the HR image."""
        with workers() as each:
            return list(each(_moments, _strips(self.view(hr))))

    def score(self, sr: Pixels, reference: list[Moments]) -> float:
        """Mean of the SSIM map, 1 for identical images. Raises InputError below 11x11 pixels."""
        strips = _strips(self.view(sr))
        with workers() as each:
            total = sum(each(_map_sum, strips, reference))
        return total / sum((len(strip) - _MARGIN) * (strip.shape[1] - _MARGIN) for strip in strips)


def _strips(image: Plane) -> list[Plane]:
    """Overlapping strips of rows that share no row of the map, of all channels."""
    height, width = image.shape[-2:]
    if min(height, width) <= _MARGIN:
        raise InputError(f"SSIM needs 11x11 pixels inside the border, and the image leaves {width}x{height}.")
    return [
        plane[top : top + _ROWS + _MARGIN]
        for plane in image.reshape(-1, height, width)
        for top in range(0, height - _MARGIN, _ROWS)
    ]


def _padded(strip: Plane) -> torch.Tensor:
    """The strip around middle grey, with zeros below and on the right up to whole blocks."""
    height, width = strip.shape
    pixels = torch.zeros(_whole_blocks(height), _whole_blocks(width), dtype=torch.float64)
    torch.sub(torch.from_numpy(strip), _MIDDLE, out=pixels[:height, :width])
    return pixels


def _whole_blocks(size: int) -> int:
    return size + -(size - _MARGIN) % BLOCK


def _moments(strip: Plane) -> Moments:
    pixels = _padded(strip)
    mean, square = _WINDOWED(pixels), _WINDOWED(pixels * pixels)
    return Moments(pixels, mean, square.addcmul_(mean, mean, value=-1.0))


def _map_sum(strip: Plane, reference: Moments) -> float:
    """Sum over one strip of Eq. 13: (2 mx my + C1)(2 sxy + C2) / ((mx^2 + my^2 + C1)(sx^2 + sy^2 + C2))."""
    pixels = _padded(strip)
    mean, variance = _WINDOWED(pixels), _WINDOWED(pixels * pixels)
    covariance = _WINDOWED(pixels * reference.pixels)
    covariance.addcmul_(mean, reference.mean, value=-1.0)
    variance.addcmul_(mean, mean, value=-1.0).add_(reference.variance)
    mx, my = mean.add_(_MIDDLE), reference.mean + _MIDDLE
    upper = torch.mul(mx, my).mul_(2.0).add_(_C1).mul_(covariance.mul_(2.0).add_(_C2))
    lower = mx.mul_(mx).addcmul_(my, my).add_(_C1).mul_(variance.add_(_C2))
    similarity = upper.div_(lower)[:, : len(strip) - _MARGIN]
    last = strip.shape[1] - _MARGIN - (len(similarity) - 1) * BLOCK
    return sum(float(part.sum(dtype=torch.float64)) for part in (similarity[:-1], similarity[-1, :, :last]))


def _build(conventions: Conventions, _assets: Assets) -> FullReference:
    way = SSIM if conventions.ssim == "wang" else DaalaSSIM
    return way(conventions.view)


METRIC = Metric(name="SSIM", better="higher", kind="full reference", build=_build, light=True)
