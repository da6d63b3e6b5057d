"""GMSD of Xue, Zhang, Mou and Bovik, "Gradient magnitude similarity deviation", IEEE TIP 23(2), 2014.

Luminance is averaged over 2x2 pixels and every second one kept; gradients are Prewitt filters over 3;
GMS = (2 m1 m2 + c) / (m1^2 + m2^2 + c) with c = 170 for grey levels 0..255; the score is the standard
deviation of GMS over the image (Eqs. 1 to 6). What a protocol measures PSNR on does not concern it: the
constant is meant for MATLAB's `rgb2gray` of the whole image, 0..255, as the authors' release is called.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from sr.images import Pixels
from sr.metrics.metric import Metric
from sr.metrics.views import rgb2gray

Array = NDArray[np.float64]

_C = 170.0


class GMSD:
    """Gradient magnitude similarity deviation of grey levels; 0 for identical images."""

    def reference(self, hr: Pixels) -> Array:
        """Gradient magnitude of the HR image at half size."""
        return gradient_magnitude(rgb2gray(hr).astype(np.float64))

    def score(self, sr: Pixels, reference: Array) -> float:
        """Standard deviation of the gradient magnitude similarity."""
        magnitude = gradient_magnitude(rgb2gray(sr).astype(np.float64))
        similarity = (2.0 * magnitude * reference + _C) / (magnitude**2 + reference**2 + _C)
        return float(similarity.std(ddof=1))  # MATLAB's std2


def gradient_magnitude(plane: Array) -> Array:
    """Prewitt gradient magnitude of a plane reduced by two; outside the image counts as zero (`conv2`)."""
    padded = np.pad(plane, ((0, 1), (0, 1)))
    averaged = (padded[:-1, :-1] + padded[1:, :-1] + padded[:-1, 1:] + padded[1:, 1:]) / 4.0
    half = averaged[::2, ::2]
    ones, step = np.ones(3), np.array([1.0, 0.0, -1.0]) / 3.0
    across = _along(_along(half, ones, 0), step, 1)
    down = _along(_along(half, ones, 1), step, 0)
    return np.hypot(across, down)


def _along(plane: Array, weights: Array, axis: int) -> Array:
    return scipy.ndimage.correlate1d(plane, weights, axis=axis, mode="constant")


METRIC = Metric(
    name="GMSD",
    better="lower",
    kind="full reference",
    build=lambda _conventions, _assets: GMSD(),
    light=True,
)
