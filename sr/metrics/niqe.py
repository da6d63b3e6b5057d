"""NIQE of Mittal, Soundararajan and Bovik, "Making a completely blind image quality analyzer",
IEEE SPL 20(3), 2013, following the authors' MATLAB release step by step, with its released parameters.

Two departures are possible in print and hence named by the protocol (`Convention`); everything else is
the release: 96x96 blocks, two scales with MATLAB's `imresize(im, 0.5)` on doubles between them, 18
features a block and scale, all blocks kept, NaN features left out of mean and covariance.
One thing the release leaves to the rounding of its filter: in perfectly flat areas the difference of a
pixel and its local mean is nothing but rounding noise. Here it is zero, as it is in exact arithmetic.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import scipy
import torch
from numpy.typing import NDArray

from sr.data.assets import Assets
from sr.degradation import taps
from sr.device import scoring_device
from sr.errors import InputError, Unavailable
from sr.images import Pixels, as_rgb, luma
from sr.metrics.banded import Banded, columns_joined, gaussian
from sr.metrics.metric import Metric
from sr.metrics.threads import one_thread
from sr.metrics.views import rgb2gray, without_border

Convention = Literal["release", "pirm"]
Array = NDArray[np.float64]
_Outside = Callable[[torch.Tensor, int], tuple[torch.Tensor, torch.Tensor]]

_BLOCK = 96
BORDERS: dict[Convention, int] = {"release": 0, "pirm": 4}  # pixels cut at each side
_ROUNDING = 1e-9  # what the filter's rounding can make of a flat area, and far below any real difference

# Both filters, 7 taps at step 1 and 8 at step 2, reach so many pixels outwards.
_REACH = 3

_LOCAL = Banded(gaussian(7, 7.0 / 6.0), step=1, dtype=torch.float64)


class NIQE:
    """Distance of an image's block statistics from those of pristine images; lower is better.

    convention: `release` converts RGB by MATLAB's `rgb2gray` (uint8) and cuts no border, as the release's
    own demonstration; `pirm` takes the uint8 Y of `rgb2ycbcr` without 4 pixels at each side, as the
    scoring kit of the PIRM 2018 challenge. The processor makes the grey levels and estimates the blocks'
    distributions; the filters and sums between are done on the GPU where there is one.

    Raises Unavailable without the released parameters.
    """

    def __init__(self, assets: Assets, convention: Convention) -> None:
        path = assets.find("niqe")
        if path is None:
            raise Unavailable(assets.reason("niqe"))
        self.mean, self.covariance = _parameters(path)
        self.convention = convention
        self._device = scoring_device()

    def score(self, sr: Pixels) -> float:
        """NIQE of a uint8 image; NaN for one without any structure. Raises InputError below one block."""
        grey = rgb2gray(sr) if self.convention == "release" else pirm_luma(sr)
        with one_thread():
            # A copy, because torch takes neither a mirrored view nor, without a warning, a read-only image.
            found = features(torch.from_numpy(np.array(grey)).to(self._device).double())
        return _distance(self.mean, self.covariance, found)


def pirm_luma(pixels: Pixels) -> Pixels:
    """uint8 Y of MATLAB's `rgb2ycbcr` without 4 pixels at each side."""
    return luma(as_rgb(without_border(pixels, BORDERS["pirm"])), rounded=True).astype(np.uint8)


def features(image: torch.Tensor) -> Array:
    """36 features (18 at full and 18 at half size) of each whole 96x96 block: blocks x 36.

    image: height x width, 0..255, in double precision. Rows and columns beyond whole blocks are cut at the
    bottom and right.
    """
    height, width = (size - size % _BLOCK for size in image.shape)
    if not height or not width:
        raise InputError(
            f"NIQE needs {_BLOCK}x{_BLOCK} pixels inside the border, and the image leaves "
            f"{image.shape[1]}x{image.shape[0]}."
        )
    full = image[:height, :width].contiguous()
    half = columns_joined(_halving()(_padded(full, _mirrored)))
    return np.hstack([_scale_features(full, _BLOCK), _scale_features(half, _BLOCK // 2)])


def _scale_features(image: torch.Tensor, size: int) -> Array:
    """18 features of every size x size block, blocks numbered along the rows: blocks x 18.

    First shape and mean scale of the pixels; then shape, mean, left and right scale of the products of
    neighbours in four directions, taken around the edge of the block (MATLAB's `circshift`).
    """
    rows = _row_blocks(_normalised(image), size)
    alpha, left, right = asymmetric_gaussian(torch.cat([_neighbour_moments(row) for row in rows]))
    # Of the pixels themselves the release keeps the shape and one scale for both sides.
    features = [alpha[:, 0], (left[:, 0] + right[:, 0]) / 2.0]
    # An asymmetric generalised Gaussian is not centred: this is its mean (eta in the paper).
    mean = (right - left) * _gamma(2.0 / alpha) / _gamma(1.0 / alpha)
    for pair in range(1, 5):
        features += [alpha[:, pair], mean[:, pair], left[:, pair], right[:, pair]]
    return np.stack(features, axis=1)


def _normalised(image: torch.Tensor) -> torch.Tensor:
    """(I - mu) / (sigma + 1) under a 7x7 Gaussian window, the border repeated outwards."""
    padded = _padded(image, _repeated)
    mean, square = columns_joined(_LOCAL(padded)), columns_joined(_LOCAL(padded * padded))
    # Var = E[I^2] - mu^2; rounding can put it just below zero, and the release takes its size.
    sigma = square.addcmul_(mean, mean, value=-1.0).abs_().sqrt_()
    difference = torch.nn.functional.hardshrink(image - mean, _ROUNDING)
    return difference.div_(sigma.add_(1.0))


def _padded(image: torch.Tensor, outside: _Outside) -> torch.Tensor:
    for axis in (0, 1):
        before, after = outside(image, axis)
        image = torch.cat([before, image, after], dim=axis)
    return image


def _repeated(image: torch.Tensor, axis: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What lies before and after an image whose first and last line go on."""
    shape = [_REACH if one == axis else size for one, size in enumerate(image.shape)]
    return image.narrow(axis, 0, 1).expand(shape), image.narrow(axis, -1, 1).expand(shape)


def _mirrored(image: torch.Tensor, axis: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What lies before and after an image that is mirrored at its edges."""
    first, last = image.narrow(axis, 0, _REACH), image.narrow(axis, -_REACH, _REACH)
    return first.flip(axis), last.flip(axis)


def _row_blocks(plane: torch.Tensor, size: int) -> list[torch.Tensor]:
    """One tensor (blocks x size x size) for every row of blocks."""
    height, width = plane.shape
    blocks = plane.view(height // size, size, width // size, size).transpose(1, 2)
    return [row.contiguous() for row in blocks]


def _neighbour_moments(blocks: torch.Tensor) -> torch.Tensor:
    """Moments of the pixels and of four neighbour products of blocks x size x size: blocks x 5 x 5."""
    result = [moments(blocks)]
    # Horizontal, vertical and both diagonal neighbours; rolled, a block's edge meets its other side.
    for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
        result.append(moments(blocks.roll((down, across), dims=(1, 2)).mul_(blocks)))
    return torch.stack(result, dim=1)


def moments(values: torch.Tensor) -> torch.Tensor:
    """What the estimate needs of each item of the first axis: items x 5.

    Number of negative and of positive values, sum of squares of each, and the square of the mean
    size over the mean square.
    """
    samples = values.flatten(1)
    positive = samples.clamp_min(0.0)
    # Counts by sums instead of masks: positive - negative, then positive + negative.
    signs = samples.sign()
    balance = signs.sum(dim=1)
    nonzero = signs.abs_().sum(dim=1)
    square = torch.linalg.vector_norm(samples, dim=1).square()
    above = torch.linalg.vector_norm(positive, dim=1).square()
    # sum |x| = 2 sum max(x, 0) - sum x.
    size = 2.0 * positive.sum(dim=1) - samples.sum(dim=1)
    spread = size.square() / (samples.shape[1] * square)
    counts = [(nonzero - balance) / 2.0, (nonzero + balance) / 2.0]
    return torch.stack([*counts, (square - above).clamp_min_(0.0), above, spread], dim=1)


def asymmetric_gaussian(estimates: torch.Tensor) -> tuple[Array, Array, Array]:
    """Asymmetric generalised Gaussian from `moments` (... x 5): shape alpha, left and right scale.

    alpha is from the release's grid, 0.2 to 10 in steps of 0.001. As in MATLAB, a side without values
    gives NaN for its scale and the first alpha of the grid.
    """
    below, above, square_below, square_above, spread = np.moveaxis(estimates.cpu().numpy(), -1, 0)
    # Moment matching (Lasmar et al. 2009): the roots of each side's mean square, their ratio, and from it and
    # the spread what Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)) must be.
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.sqrt(square_below / below)
        right = np.sqrt(square_above / above)
        ratio = left / right
        alpha = _nearest_shape(spread * (ratio**3 + 1.0) * (ratio + 1.0) / (ratio**2 + 1.0) ** 2)
    # From standard deviations to the distribution's scale parameters.
    scale = np.sqrt(_gamma(1.0 / alpha) / _gamma(3.0 / alpha))
    return alpha, left * scale, right * scale


def _nearest_shape(ratios: Array) -> Array:
    """The grid's shape a whose Gamma(2/a)^2 / (Gamma(1/a) Gamma(3/a)) is nearest; that grows with a."""
    shapes, boundaries = _shape_grid()
    # Halfway between two neighbours of a growing function the nearer one changes.
    index = np.searchsorted(boundaries, ratios)
    return shapes[np.where(np.isnan(ratios), 0, index)]


@cache
def _shape_grid() -> tuple[Array, Array]:
    shapes: Array = 0.2 + 0.001 * np.arange(9801, dtype=np.float64)
    ratios = _gamma(2.0 / shapes) ** 2 / (_gamma(1.0 / shapes) * _gamma(3.0 / shapes))
    return shapes, (ratios[:-1] + ratios[1:]) / 2.0


@cache
def _halving() -> Banded:
    """The 8 taps of MATLAB's antialiased bicubic for factor 0.5, the same at every pixel."""
    return Banded(taps(64, 32)[0][16], step=2, dtype=torch.float64)


def _gamma(values: Array) -> Array:
    """The gamma function."""
    return scipy.special.gamma(values)


def _distance(mean: Array, covariance: Array, blocks: Array) -> float:
    """Distance between the pristine Gaussian and the image's, with MATLAB's rules for NaN."""
    counts = np.sum(~np.isnan(blocks), axis=0)
    if not counts.all():
        return float("nan")
    difference = mean - np.nansum(blocks, axis=0) / counts
    # Eq. 10: sqrt(d^T ((S1 + S2) / 2)^-1 d), with a pseudo-inverse, for few blocks make S2 singular.
    pooled = (covariance + _covariance(blocks)) / 2.0
    # MATLAB's tolerance for `pinv`: singular values below size x eps of the largest count as zero.
    tolerance = len(pooled) * np.finfo(np.float64).eps
    inverse = torch.linalg.pinv(torch.from_numpy(pooled), rtol=tolerance, hermitian=True).numpy()
    return float(np.sqrt(difference @ inverse @ difference))


def _covariance(blocks: Array) -> Array | np.float64:
    """`nancov`: over the rows without NaN. A single block is a vector to MATLAB and gives its variance."""
    if len(blocks) == 1:
        return np.float64(np.var(blocks[~np.isnan(blocks)], ddof=1))
    complete = blocks[~np.isnan(blocks).any(axis=1)]
    centred = complete - complete.mean(axis=0)
    return centred.T @ centred / max(len(complete) - 1, 1)


def _parameters(path: Path) -> tuple[Array, Array]:
    """Mean (36) and covariance (36 x 36) of the pristine model."""
    try:
        content = scipy.io.loadmat(path)
        mean = np.asarray(content["mu_prisparam"], dtype=np.float64).reshape(36)
        covariance = np.asarray(content["cov_prisparam"], dtype=np.float64).reshape(36, 36)
    except (KeyError, ValueError, OSError, NotImplementedError) as error:
        raise InputError(f"{path}: not NIQE's parameters ({error}); fetch it again.") from error
    return mean, covariance


METRIC = Metric(
    name="NIQE",
    better="lower",
    kind="no reference",
    build=lambda conventions, assets: NIQE(assets, conventions.niqe),
    assets=lambda _conventions: ("niqe",),
    light=True,
)
