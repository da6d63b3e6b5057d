"""Pairs of a training and a test image that may show the same photograph."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sr.overlap.thumbnails import Floats, Intervals

Numbers = NDArray[np.intp]

# Windows whose ends are the same in so many steps a side are nearly the same.
_STEPS = 24


@dataclass(frozen=True)
class Candidates:
    """n pairs to look at, each field an array of n.

    image, test: which images. is_around: the test image is a window of the training image, and not the
    reverse. flip: how the one that is the window is mirrored (of `grid.flips`). rows, columns: the window's
    intervals in the other one. likeness: so far.
    """

    image: Numbers
    test: Numbers
    is_around: NDArray[np.bool_]
    flip: Numbers
    rows: Intervals
    columns: Intervals
    likeness: Floats

    def __len__(self) -> int:
        return len(self.image)

    def of(self, places: Numbers) -> "Candidates":
        """Some of them."""
        return Candidates(**{name: values[places] for name, values in vars(self).items()})

    def best_of_each(self, keys: Numbers, number: int) -> "Candidates":
        """The `number` likeliest of those with the same key."""
        order = np.lexsort((-self.likeness, keys))
        rank = np.arange(len(order)) - np.searchsorted(keys[order], keys[order])
        return self.of(order[rank < number])

    def distinct(self) -> "Candidates":
        """The likeliest of those that came to nearly the same window of the same pair."""
        windows = np.round(np.concatenate([self.rows, self.columns], axis=1) * _STEPS).astype(np.intp)
        same = np.column_stack([self.image, self.test, self.is_around, self.flip, windows])
        return self.best_of_each(np.unique(same, axis=0, return_inverse=True)[1].ravel(), 1)
