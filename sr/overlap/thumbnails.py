"""Small luma images, windows of them, and what of a window is compared.

A window is two intervals (begin, length), of rows and of columns, as shares of the image's sides. Seen
through bins x bins boxes it has the same form whatever the size of its image.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sr.images import Pixels, as_rgb

Floats = NDArray[np.float32]
Intervals = NDArray[np.float32]

# Grey levels of contrast below which an image is as good as of one colour, so that noise is no likeness.
_CONTRAST = 2.0
# Grey levels by which two neighbours differ for no more than compression.
_COMPRESSION = 2.0


def thumbnail(pixels: Pixels, side: int) -> Floats:
    """Luma of an image (ITU-R BT.601, 0..255) as side x side box means, whatever its shape."""
    grey = Image.fromarray(np.ascontiguousarray(as_rgb(pixels))).convert("L").convert("F")
    return np.asarray(grey.resize((side, side), Image.Resampling.BOX))


def differences(images: NDArray[np.floating]) -> NDArray[np.floating]:
    """Differences between neighbours along both axes: ... x n x n to ... x 2n(n - 1)."""
    down, right = images[..., 1:, :] - images[..., :-1, :], images[..., 1:] - images[..., :-1]
    return np.concatenate([part.reshape(*images.shape[:-2], -1) for part in (down, right)], axis=-1)


def looks(windows: Floats) -> Floats:
    """Differences of bins x bins windows at unit length, or shorter for those of almost one colour."""
    vectors = differences(windows)
    floor = np.float32(_CONTRAST * np.sqrt(vectors.shape[-1]))
    length = np.sqrt(np.einsum("...d,...d->...", vectors, vectors))
    vectors /= np.maximum(length, floor)[..., None]
    return vectors


def rooted_looks(windows: Floats) -> Floats:
    """Roots of the differences, with their signs, at unit length: a strong edge counts for less.

    Below some grey levels, where compression decides, they are no longer roots.
    """
    vectors = differences(windows)
    vectors = vectors / np.sqrt(np.abs(vectors) + _COMPRESSION)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)


@cache
def coordinates(bins: int) -> Floats:
    """2 bins (bins - 1) x (bins^2 - 1): an orthonormal basis of the looks, which keeps their products.

    That many differences have only as many degrees of freedom as the boxes have, but for their mean.
    """
    boxes = np.eye(bins * bins).reshape(-1, bins, bins)
    directions = np.linalg.svd(differences(boxes))[2]
    return directions[: bins * bins - 1].T.astype(np.float32)


def through_boxes(intervals: NDArray[np.floating], bins: int, side: int) -> Floats:
    """Weights with which the `side` rows of an image become the `bins` boxes of intervals.

    ... x 2 to ... x bins x side; each row of weights sums to one.
    """
    begin, length = np.moveaxis(intervals.astype(np.float32)[..., None, :], -1, 0)
    first = ((begin + length * (np.arange(bins, dtype=np.float32) / bins)) * side)[..., None]
    last = first + length[..., None] * (side / bins)
    pixel = np.arange(side, dtype=np.float32)
    weights = np.minimum(pixel + 1, last) - np.maximum(pixel, first)
    return weights.clip(0.0, 1.0) * (bins / (side * length[..., None]))


def all_windows(images: Floats, boxes: Floats) -> Floats:
    """Every window of n intervals of rows and n of columns of images (... x side x side).

    boxes: n x bins x side. Gives ... x n x n x bins x bins.
    """
    n, bins, side = boxes.shape
    flat = boxes.reshape(n * bins, side)
    seen = flat @ images @ flat.T
    return np.swapaxes(seen.reshape(*seen.shape[:-2], n, bins, n, bins), -2, -3)


def means(images: Floats, intervals: Intervals, bins: int) -> Floats:
    """Means of an image's rows in the boxes of its intervals, with the parts of rows at their ends.

    images: n x rows x columns, intervals: n x m x 2. Gives n x m x bins x columns.
    """
    n, rows, width = images.shape
    begin, length = intervals[..., :1], intervals[..., 1:]
    edges = (begin + length * (np.arange(bins + 1, dtype=np.float32) / bins)) * np.float32(rows)
    row = np.minimum(edges.astype(np.intp), rows - 1)
    place = row + rows * np.arange(n)[:, None, None]
    # Sums of all that is above an edge: whole rows, but for a part of the one that it cuts.
    sums = np.cumsum(images, axis=1).reshape(-1, width).take(place, axis=0)
    below = (row + 1 - edges).astype(np.float32)[..., None]
    sums -= below * images.reshape(-1, width).take(place, axis=0)
    return (sums[:, :, 1:] - sums[:, :, :-1]) * (np.float32(bins / rows) / length)[..., None]
