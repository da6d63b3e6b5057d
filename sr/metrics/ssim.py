"""SSIM of Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE TIP 13(4), 2004, Eq. 13, as in the authors' MATLAB release.

Window: 11x11 Gaussian, sigma 1.5; only positions where the window lies inside the image count;
K1 = 0.01, K2 = 0.03, L = 255; the score is the mean of the map.

In double precision, so that it is the release's value to rounding; in single precision it would move by up
to 3e-6. With m and E for means under the window, the four factors are made of three filtered planes:

    2 mx my + C1                2 sxy + C2 = E[2xy + C1 + C2] - (2 mx my + C1)
    mx^2 + my^2 + C1    sx^2 + sy^2 + C2 = E[x^2 + y^2 + C1 + C2] - (mx^2 + my^2 + C1)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from sr.data.assets import Assets
from sr.device import scoring_device
from sr.errors import InputError
from sr.images import Pixels
from sr.metrics.banded import COLUMNS, ROWS, Banded, gaussian
from sr.metrics.daala import DaalaSSIM
from sr.metrics.metric import Conventions, FullReference, Metric
from sr.metrics.threads import workers
from sr.metrics.views import View, without_border

_C1 = (0.01 * 255.0) ** 2
_C2 = (0.03 * 255.0) ** 2
_WINDOWED = Banded(gaussian(11, 1.5), step=1, dtype=torch.float64)
_MARGIN = _WINDOWED.margin
_MOST_ROWS = 24 * ROWS  # of the map at a time, at most: what is computed with stays in a processor's cache


@dataclass(frozen=True)
class Original:
    """What SSIM needs of one strip of the HR image, y.

    pixels: y. squares: y^2 + C1 + C2. Under the window: mean, my, and squared_mean, my^2 + C1.
    """

    pixels: torch.Tensor
    squares: torch.Tensor
    mean: torch.Tensor
    squared_mean: torch.Tensor


class SSIM:
    """Structural similarity on a view of the images (with several channels: their mean).

    The view is taken by the processor, its planes are compared on the GPU where there is one.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._device = scoring_device()
        self._inside = replace(view, border=0)

    def reference(self, hr: Pixels) -> list[list[Original]]:
        """The HR image's share, strip by strip, of every channel."""

        def originals(strip: Pixels) -> list[Original]:
            return [_original(plane) for plane in self._planes(strip)]

        with workers() as each:
            return list(each(originals, self._strips(hr)))

    def score(self, sr: Pixels, reference: list[list[Original]]) -> float:
        """Mean of the SSIM map, 1 for identical images. Raises InputError below 11x11 pixels."""

        def sums(strip: Pixels, originals: list[Original]) -> torch.Tensor:
            planes = zip(self._planes(strip), originals, strict=True)
            return torch.stack([_map_sum(plane, original) for plane, original in planes]).sum()

        strips = self._strips(sr)
        with workers() as each:
            total = torch.stack(list(each(sums, strips, reference))).sum().item()
        places = sum((len(strip) - _MARGIN) * (strip.shape[1] - _MARGIN) for strip in strips)
        return total / (places * len(reference[0]))

    def _strips(self, pixels: Pixels) -> list[Pixels]:
        """Overlapping strips of rows that share no row of the map: an even number, nearly equal."""
        inner = without_border(pixels, self.view.border)
        height, width = inner.shape[:2]
        if min(height, width) <= _MARGIN:
            raise InputError(
                f"SSIM needs 11x11 pixels inside the border, and the image leaves {width}x{height}."
            )
        rows = height - _MARGIN
        pairs = -(-rows // (2 * _MOST_ROWS))
        step = ROWS * -(-rows // (2 * pairs * ROWS))
        return [inner[top : top + step + _MARGIN] for top in range(0, rows, step)]

    def _planes(self, strip: Pixels) -> Sequence[torch.Tensor]:
        """Its channels in the view."""
        seen = torch.from_numpy(self._inside(strip)).to(self._device)
        return seen.view(-1, *seen.shape[-2:]).unbind()


def _original(plane: torch.Tensor) -> Original:
    pixels = _WINDOWED.padded(plane)
    mean = _WINDOWED(pixels)
    squares = torch.addcmul(pixels.new_full((), _C1 + _C2), pixels, pixels)
    return Original(pixels, squares, mean, torch.addcmul(pixels.new_full((), _C1), mean, mean))


def _map_sum(plane: torch.Tensor, hr: Original) -> torch.Tensor:
    """Sum over one strip of Eq. 13: (2 mx my + C1)(2 sxy + C2) / ((mx^2 + my^2 + C1)(sx^2 + sy^2 + C2))."""
    pixels = _WINDOWED.padded(plane)
    mean = _WINDOWED(pixels)
    products = _WINDOWED(torch.addcmul(pixels.new_full((), _C1 + _C2), pixels, hr.pixels, value=2.0))
    squares = _WINDOWED(torch.addcmul(hr.squares, pixels, pixels))
    means = torch.addcmul(mean.new_full((), _C1), mean, hr.mean, value=2.0)
    squared_means = torch.addcmul(hr.squared_mean, mean, mean)
    upper = products.sub_(means).mul_(means)
    lower = squares.sub_(squared_means).mul_(squared_means)
    similarity = upper.div_(lower)[:, : len(plane) - _MARGIN]
    last = plane.shape[1] - _MARGIN - (len(similarity) - 1) * COLUMNS
    return similarity[:-1].sum() + similarity[-1, :, :last].sum()


def _build(conventions: Conventions, _assets: Assets) -> FullReference:
    way = SSIM if conventions.ssim == "wang" else DaalaSSIM
    return way(conventions.view)


METRIC = Metric(name="SSIM", better="higher", kind="full reference", build=_build, light=True)
