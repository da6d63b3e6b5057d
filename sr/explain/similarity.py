"""SSIM maps of all kinds in use. Where windows lie inside the image, cutting a border only cuts the map."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from sr.metrics.banded import gaussian
from sr.metrics.views import Plane

Kind = Literal["wang", "scikit-image", "uniform"]
Map = NDArray[np.float32]

_C1 = (0.01 * 255.0) ** 2
_C2 = (0.03 * 255.0) ** 2
_MIDDLE = 128.0  # taken off first, so that single precision is enough


@dataclass(frozen=True)
class Window:
    """Weights along one axis, and what the variances under the window are multiplied by."""

    weights: NDArray[np.float64]
    unbiased: float = 1.0


WINDOWS: dict[Kind, Window] = {
    "wang": Window(gaussian(11, 1.5)),
    # `structural_similarity` as it is called without further arguments: the sample's covariance.
    "scikit-image": Window(np.full(7, 1.0 / 7.0), 49.0 / 48.0),
    "uniform": Window(np.full(8, 1.0 / 8.0)),
}


def similarity_map(sr: Plane, hr: Plane, kind: Kind) -> Map:
    """SSIM at every place where the window lies inside the image; planes are height x width, 0..255."""
    window = WINDOWS[kind]
    x, y = ((plane - _MIDDLE).astype(np.float32) for plane in (sr, hr))
    mean_x, mean_y = _filtered(x, window), _filtered(y, window)
    variance_x = (_filtered(x * x, window) - mean_x**2) * np.float32(window.unbiased)
    variance_y = (_filtered(y * y, window) - mean_y**2) * np.float32(window.unbiased)
    covariance = (_filtered(x * y, window) - mean_x * mean_y) * np.float32(window.unbiased)
    mean_x, mean_y = mean_x + np.float32(_MIDDLE), mean_y + np.float32(_MIDDLE)
    upper = (2.0 * mean_x * mean_y + _C1) * (2.0 * covariance + _C2)
    lower = (mean_x**2 + mean_y**2 + _C1) * (variance_x + variance_y + _C2)
    result: Map = (upper / lower).astype(np.float32)
    return result


def size_of_window(kind: Kind) -> int:
    """Side of the window in pixels."""
    return len(WINDOWS[kind].weights)


def _filtered(plane: Map, window: Window) -> Map:
    size = len(window.weights)
    first = size // 2
    inner = tuple(slice(first, side - (size - 1 - first)) for side in plane.shape)
    rows = correlate1d(plane, window.weights, axis=0, mode="constant")
    return correlate1d(rows[inner[0]], window.weights, axis=1, mode="constant")[:, inner[1]]
