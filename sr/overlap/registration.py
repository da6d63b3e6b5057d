"""Which window of one image shows all of another: found by climbing to where the two are most alike."""

import numpy as np
from numpy.typing import NDArray

from sr.overlap.thumbnails import Floats, all_windows, looks, rooted_looks, through_boxes

Intervals = NDArray[np.float64]

_WHOLE = np.array([[0.0, 1.0]])
# Both ends of an interval move by one step, or stay.
_MOVES = np.array([(first, last) for first in (-1, 0, 1) for last in (-1, 0, 1)], np.float64)
_SHRINKING = 0.6
# No window is smaller than that, somewhat less than the crops that are looked for.
_SMALLEST = 0.5


def whole_looks(images: Floats, bins: int) -> Floats:
    """What is compared of whole images (... x side x side): ... x 2 bins (bins - 1)."""
    boxes = through_boxes(_WHOLE, bins, images.shape[-1])
    return looks(all_windows(images, boxes, boxes))[..., 0, 0, :]


def register(
    large: Floats,
    small: Floats,
    rows: Intervals,
    columns: Intervals,
    *,
    bins: int,
    step: float,
    rounds: int,
) -> tuple[Floats, Intervals, Intervals]:
    """For n pairs of images (n x side x side) the window of the large one that is most like the small one.

    rows, columns: where to begin, n x 2. bins: boxes a side through which they are compared. step: how far
    the ends of an interval move at first, as a share of its length; each round, less.
    Gives the likenesses (-1 to 1) and the windows' intervals.
    """
    wanted = whole_looks(small, bins)
    number, side = np.arange(len(large)), large.shape[-1]
    likeness = np.zeros(len(large), np.float32)
    for _ in range(rounds):
        near_rows, near_columns = _moved(rows, step), _moved(columns, step)
        windows = all_windows(
            large, through_boxes(near_rows, bins, side), through_boxes(near_columns, bins, side)
        )
        found = np.einsum("nijd,nd->nij", looks(windows), wanted).reshape(len(large), -1)
        best = found.argmax(axis=1)
        likeness = found[number, best]
        rows = near_rows[number, best // len(_MOVES)]
        columns = near_columns[number, best % len(_MOVES)]
        step *= _SHRINKING
    return likeness, rows, columns


def even_likeness(large: Floats, small: Floats, rows: Intervals, columns: Intervals, *, bins: int) -> Floats:
    """For n pairs how alike all of the small image is to a window of the large one, texture as much as edges.

    The roots of the differences are compared: two horizons, each the strongest edge of its picture, are
    otherwise as alike as two copies.
    """
    side, whole = large.shape[-1], through_boxes(_WHOLE, bins, large.shape[-1])
    boxes = (through_boxes(intervals[:, None], bins, side) for intervals in (rows, columns))
    windows = rooted_looks(all_windows(large, *boxes)[:, 0, 0])
    return np.einsum("nd,nd->n", windows, rooted_looks(all_windows(small, whole, whole)[:, 0, 0]))


def _moved(intervals: Intervals, step: float) -> Intervals:
    """n x 2 to n x 9 x 2: every interval with its ends moved, inside the image."""
    begin, length = intervals[:, None, 0], intervals[:, None, 1]
    first = (begin + step * length * _MOVES[:, 0]).clip(0.0, 1.0 - _SMALLEST)
    last = (begin + length * (1.0 + step * _MOVES[:, 1])).clip(first + _SMALLEST, 1.0)
    return np.stack([first, last - first], axis=-1)
