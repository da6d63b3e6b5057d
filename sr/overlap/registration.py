"""Which window of one image shows all of another: found by climbing to where the two are most alike."""

import numpy as np

from sr.overlap.thumbnails import (
    Floats,
    Intervals,
    all_windows,
    looks,
    means,
    rooted_looks,
    through_boxes,
)

_WHOLE = np.array([[0.0, 1.0]])
# Both ends of an interval move by one step, or stay.
_MOVES = np.array([(first, last) for first in (-1, 0, 1) for last in (-1, 0, 1)], np.float32)
_SHRINKING = 0.6
# No window is smaller than that, somewhat less than the crops that are looked for.
_SMALLEST = 0.5


def wholes(images: Floats, bins: int) -> Floats:
    """Whole images (n x side x side) through bins x bins boxes: n x bins x bins."""
    return all_windows(images, through_boxes(_WHOLE, bins, images.shape[-1]))[:, 0, 0]


def register(
    large: Floats, small: Floats, rows: Intervals, columns: Intervals, *, step: float, rounds: int
) -> tuple[Floats, Intervals, Intervals]:
    """For n pairs of images the window of the large one that is most like the small one.

    large: n x side x side. small: n x bins x bins, whole images through as many boxes as they are to be
    compared in. rows, columns: where to begin, n x 2. step: how far the ends of an interval move at first, as
    a share of its length; each round, less. A round moves the rows, then the columns.
    Gives the likenesses (-1 to 1) and the windows' intervals.
    """
    turned, small_turned = np.swapaxes(large, 1, 2), np.swapaxes(small, 1, 2)
    likeness = np.zeros(len(large), np.float32)
    for _ in range(rounds):
        _, rows = _climbed(large, small, rows, columns, step)
        likeness, columns = _climbed(turned, small_turned, columns, rows, step)
        step *= _SHRINKING
    return likeness, rows, columns


def even_likeness(large: Floats, small: Floats, rows: Intervals, columns: Intervals) -> Floats:
    """For the same how alike all of the small image is to the window, its texture as much as its edges.

    The roots of the differences are compared: two horizons, each the strongest edge of its picture, are
    otherwise as alike as two copies.
    """
    windows = _windows(large, rows[:, None], columns, small.shape[-1])[:, 0]
    return np.einsum("nd,nd->n", rooted_looks(windows), rooted_looks(small))


def _climbed(
    large: Floats, small: Floats, rows: Intervals, columns: Intervals, step: float
) -> tuple[Floats, Intervals]:
    """The best of the moves of the rows, and its likeness."""
    near = _moved(rows, step)
    windows = looks(_windows(large, near, columns, small.shape[-1]))
    found = np.einsum("nmd,nd->nm", windows, looks(small))
    best = found.argmax(axis=1)
    number = np.arange(len(large))
    return found[number, best], near[number, best]


def _windows(images: Floats, rows: Intervals, columns: Intervals, bins: int) -> Floats:
    """Windows of m intervals of rows and one of columns of each image: n x m x bins x bins."""
    strips = images @ np.swapaxes(through_boxes(columns, bins, images.shape[-1]), -1, -2)
    return means(strips, rows, bins)


def _moved(intervals: Intervals, step: float) -> Intervals:
    """n x 2 to n x 9 x 2: every interval with its ends moved, inside the image."""
    begin, length = intervals[:, None, 0], intervals[:, None, 1]
    first = (begin + step * length * _MOVES[:, 0]).clip(0.0, 1.0 - _SMALLEST)
    last = (begin + length * (1.0 + step * _MOVES[:, 1])).clip(first + _SMALLEST, 1.0)
    return np.stack([first, last - first], axis=-1)
