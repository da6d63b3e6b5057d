"""Straightforward PSNR, SSIM and NIQE in NumPy and SciPy, written line by line from their definitions.

They are what the fast versions in `sr.metrics` are measured against, for speed (`bench_metrics`) and for
values (tests/metrics). Nothing here is slowed down on purpose: whole-array operations in double precision
and SciPy's separable filters.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve, correlate1d
from scipy.special import gamma

from sr.degradation import resize_float
from sr.images import Pixels, luma

Array = NDArray[np.float64]


def view(pixels: Pixels, border: int) -> Array:
    """Y of an RGB image, unrounded, without border."""
    return luma(pixels, rounded=False)[border:-border, border:-border]


def psnr(sr: Pixels, hr: Pixels, border: int) -> float:
    """10 log10(255^2 / MSE) on Y."""
    error = np.mean((view(sr, border) - view(hr, border)) ** 2)
    return float(10.0 * np.log10(255.0**2 / error))


def ssim(sr: Pixels, hr: Pixels, border: int) -> float:
    """Wang et al. 2004 on Y: 11x11 Gaussian window, sigma 1.5, valid region."""
    x, y = view(sr, border), view(hr, border)
    c1, c2 = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2
    mx, my = _window(x), _window(y)
    xx = _window(x * x) - mx * mx
    yy = _window(y * y) - my * my
    xy = _window(x * y) - mx * my
    return float(np.mean((2 * mx * my + c1) * (2 * xy + c2) / ((mx * mx + my * my + c1) * (xx + yy + c2))))


def ssim_by_filter2d(sr: Pixels, hr: Pixels, border: int) -> float:
    """The same as BasicSR's metrics make it: five passes of OpenCV's `filter2D` with the 11x11 window."""
    import cv2

    weights = _gaussian(11, 1.5)
    window = np.outer(weights, weights)

    def mean(plane: Array) -> Array:
        return cv2.filter2D(plane, -1, window)[5:-5, 5:-5]

    x, y = view(sr, border), view(hr, border)
    c1, c2 = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2
    mx, my = mean(x), mean(y)
    mxx, myy, mxy = mx * mx, my * my, mx * my
    xx, yy, xy = mean(x * x) - mxx, mean(y * y) - myy, mean(x * y) - mxy
    return float(np.mean((2 * mxy + c1) * (2 * xy + c2) / ((mxx + myy + c1) * (xx + yy + c2))))


def niqe(pixels: Pixels, mean: Array, covariance: Array) -> float:
    """Mittal et al. 2013 on the uint8 Y of an RGB image without 4 pixels at each side, block by block."""
    image = luma(pixels, rounded=True)[4:-4, 4:-4]
    rows, columns = image.shape[0] // 96, image.shape[1] // 96
    image = image[: rows * 96, : columns * 96]
    scales = []
    for size in (96, 48):
        normalised = normalise(image)
        blocks = [
            normalised[top : top + size, left : left + size]
            for top in range(0, rows * size, size)
            for left in range(0, columns * size, size)
        ]
        scales.append([block_features(block) for block in blocks])
        image = resize_float(image, image.shape[0] // 2, image.shape[1] // 2)
    features = np.hstack([np.array(scale) for scale in scales])
    difference = mean - np.nanmean(features, axis=0)
    complete = features[~np.isnan(features).any(axis=1)]
    inverse = np.linalg.pinv((covariance + np.cov(complete, rowvar=False)) / 2.0)
    return float(np.sqrt(difference @ inverse @ difference))


def normalise(image: Array) -> Array:
    """(I - mu) / (sigma + 1) under a 7x7 Gaussian of sigma 7/6; rounding noise of flat areas is zero."""
    weights = _gaussian(7, 7.0 / 6.0)
    window = np.outer(weights, weights)
    mu = convolve(image, window, mode="nearest")
    sigma = np.sqrt(np.abs(convolve(image * image, window, mode="nearest") - mu * mu))
    difference = image - mu
    difference[np.abs(difference) < 1e-9] = 0.0
    return difference / (sigma + 1.0)


def block_features(block: Array) -> list[float]:
    """18 features of one block."""
    alpha, left, right = aggd(block.ravel())
    features = [alpha, (left + right) / 2.0]
    for shift in ((0, 1), (1, 0), (1, 1), (1, -1)):
        alpha, left, right = aggd((block * np.roll(block, shift, axis=(0, 1))).ravel())
        features += [alpha, (right - left) * gamma(2.0 / alpha) / gamma(1.0 / alpha), left, right]
    return features


def aggd(values: Array) -> tuple[float, float, float]:
    """Asymmetric generalised Gaussian by moments and a search of the whole grid of shapes."""
    shapes = np.arange(0.2, 10.0005, 0.001)
    ratios = gamma(2.0 / shapes) ** 2 / (gamma(1.0 / shapes) * gamma(3.0 / shapes))
    left, right = _root_mean_square(values[values < 0]), _root_mean_square(values[values > 0])
    ratio = left / right
    moments = np.mean(np.abs(values)) ** 2 / np.mean(values**2)
    moments = moments * (ratio**3 + 1.0) * (ratio + 1.0) / (ratio**2 + 1.0) ** 2
    alpha = float(shapes[np.argmin((ratios - moments) ** 2)])  # NaN everywhere: the first, as in MATLAB
    scale = np.sqrt(gamma(1.0 / alpha) / gamma(3.0 / alpha))
    return alpha, left * scale, right * scale


def _root_mean_square(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) else np.nan


def _window(plane: Array) -> Array:
    weights = _gaussian(11, 1.5)
    return correlate1d(correlate1d(plane, weights, axis=0), weights, axis=1)[5:-5, 5:-5]


def _gaussian(size: int, sigma: float) -> Array:
    weights = np.exp(-0.5 * ((np.arange(size) - size // 2) / sigma) ** 2)
    return weights / weights.sum()
