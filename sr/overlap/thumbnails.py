"""Small luma images, windows of them, and what of a window is compared.

A window is two intervals (begin, length), of rows and of columns, as shares of the image's sides. Seen
through bins x bins boxes it has the same form whatever the size of its image.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sr.images import Pixels, as_rgb, luma

Floats = NDArray[np.float32]

# Grey levels of contrast below which an image is as good as of one colour, so that noise is no likeness.
_CONTRAST = 2.0


def thumbnail(pixels: Pixels, side: int) -> Floats:
    """Luma of an image as side x side box means, 16..235, whatever its shape."""
    grey = luma(as_rgb(pixels), rounded=False).astype(np.float32)
    return np.asarray(Image.fromarray(grey).resize((side, side), Image.Resampling.BOX))


def differences(images: NDArray[np.floating]) -> NDArray[np.floating]:
    """Differences between neighbours along both axes: ... x n x n to ... x 2n(n - 1)."""
    flat = [np.diff(images, axis=axis).reshape(*images.shape[:-2], -1) for axis in (-2, -1)]
    return np.concatenate(flat, axis=-1)


def looks(windows: Floats) -> Floats:
    """Differences of bins x bins windows at unit length, or shorter for those of almost one colour."""
    vectors = differences(windows)
    floor = _CONTRAST * np.sqrt(vectors.shape[-1])
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), floor)


def rooted_looks(windows: Floats) -> Floats:
    """Roots of the differences, with their signs, at unit length: a strong edge counts for less."""
    vectors = differences(windows)
    vectors = np.sign(vectors) * np.sqrt(np.abs(vectors))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)


def through_boxes(intervals: NDArray[np.float64], bins: int, side: int) -> Floats:
    """Weights with which the `side` rows of an image become the `bins` boxes of intervals.

    ... x 2 to ... x bins x side; each row of weights sums to one.
    """
    begin, length = np.moveaxis(intervals.astype(np.float32)[..., None, :], -1, 0)
    first = ((begin + length * (np.arange(bins, dtype=np.float32) / bins)) * side)[..., None]
    last = first + length[..., None] * (side / bins)
    pixel = np.arange(side, dtype=np.float32)
    weights = np.minimum(pixel + 1, last)
    weights -= np.maximum(pixel, first)
    np.clip(weights, 0.0, 1.0, out=weights)
    weights *= bins / (side * length[..., None])
    return weights


def all_windows(images: Floats, rows: Floats, columns: Floats) -> Floats:
    """Every window of n row intervals and m column intervals of images (... x side x side).

    rows: ... x n x bins x side, columns: ... x m x bins x side. Gives ... x n x m x bins x bins.
    """
    *_, n, bins, side = rows.shape
    m = columns.shape[-3]
    left = rows.reshape(*rows.shape[:-3], n * bins, side)
    right = columns.reshape(*columns.shape[:-3], m * bins, side)
    boxes = left @ images @ np.swapaxes(right, -1, -2)
    return np.swapaxes(boxes.reshape(*boxes.shape[:-2], n, bins, m, bins), -2, -3)
