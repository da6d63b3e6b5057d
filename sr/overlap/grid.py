"""Where one image may be a window of another: the windows of a grid, compared coarsely, many at once."""

import numpy as np
from numpy.typing import NDArray

from sr.overlap.candidates import Candidates, Numbers
from sr.overlap.thumbnails import Floats, all_windows, coordinates, looks, through_boxes

_BINS = 6
# Windows of so much of a side, each a part of its length from the next: crops that keep less of a side than
# the smallest are not looked for.
_LENGTHS, _STRIDE = (1.0, 0.9, 0.8, 0.7, 0.6), 0.15
# Windows whose middles are in the same of so many parts of a side are one place.
_PARTS = 8
# So many whole images are compared with the windows of so many at once, to stay in the processor's cache.
_WHOLES_AT_ONCE, _WINDOWS_AT_ONCE = 16, 8


def flips(images: Floats) -> Floats:
    """n x side x side to n x 4 x side x side: unchanged, mirrored, upside down, and both."""
    return np.stack([images[:, ::down, ::right] for down in (1, -1) for right in (1, -1)], axis=1)


class Grid:
    """What is compared of n images (n x side x side).

    wholes: n x 4 x d, of the flipped images. windows: n x windows x d.
    """

    def __init__(self, images: Floats) -> None:
        side = images.shape[-1]
        whole = through_boxes(np.array([[0.0, 1.0]]), _BINS, side)
        self.wholes = _compact(all_windows(flips(images), whole)[..., 0, 0, :, :])
        windows = _compact(all_windows(images, through_boxes(_INTERVALS, _BINS, side)))
        self.windows = windows.reshape(len(images), len(_PLACES), -1).take(_BY_PLACE, axis=1)


def likely(images: Grid, tests: Grid, least: float) -> Candidates:
    """The pairs that are so much alike, either one a window of the other; of every place the best window."""
    image, flip, test, window, likeness = _alike(images.wholes, tests.windows, least)
    test2, flip2, image2, window2, likeness2 = _alike(tests.wholes, images.windows, least)
    windows = np.concatenate([window, window2])
    found = Candidates(
        image=np.concatenate([image, image2]),
        test=np.concatenate([test, test2]),
        is_around=np.arange(len(windows)) >= len(window),
        flip=np.concatenate([flip, flip2]),
        rows=_ROWS[windows],
        columns=_COLUMNS[windows],
        likeness=np.concatenate([likeness, likeness2]),
    )
    return found.of(np.lexsort((windows, found.flip, found.is_around, found.test, found.image)))


def _alike(
    wholes: Floats, windows: Floats, least: float
) -> tuple[Numbers, Numbers, Numbers, Numbers, Floats]:
    """Of whole images (n x 4 x d) and windows of others (m x w x d) those with at least such a product.

    Gives the whole ones' numbers and flips, the others' numbers and windows, and the products: of every place
    the best at once, for images of smooth gradients are alike at nearly every window.
    """
    found: list[tuple[NDArray[np.generic], ...]] = []
    for first in range(0, len(wholes), _WHOLES_AT_ONCE):
        some = wholes[first : first + _WHOLES_AT_ONCE]
        for begin in range(0, len(windows), _WINDOWS_AT_ONCE):
            others = windows[begin : begin + _WINDOWS_AT_ONCE]
            products = some.reshape(-1, some.shape[-1]) @ others.reshape(-1, some.shape[-1]).T
            shape = (*some.shape[:2], *others.shape[:2])
            alike = _best_of_places(products.reshape(shape), least)
            whole, flip, other, window = np.unravel_index(alike, shape)
            found.append((whole + first, flip, other + begin, window, products.ravel()[alike]))
    whole, flip, other, window, likeness = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return whole, flip, other, window, likeness


def _best_of_places(products: Floats, least: float) -> Numbers:
    """Where in products (... x windows) the best of every place is, if it is the least or more."""
    alike = np.flatnonzero(products >= least)
    values, window = products.ravel()[alike], alike % len(_PLACES)
    # Windows of one place lie side by side.
    place = alike - window + _PLACES[window]
    begins = np.flatnonzero(np.diff(place, prepend=-1))
    best = np.repeat(np.maximum.reduceat(values, begins), np.diff(begins, append=len(alike)))
    is_best = np.flatnonzero(values == best)
    # Of several that are equally alike the first.
    return alike[is_best[np.unique(place[is_best], return_index=True)[1]]]


def _compact(windows: Floats) -> Floats:
    return looks(windows) @ coordinates(_BINS)


def _intervals() -> NDArray[np.float32]:
    found = []
    for length in _LENGTHS:
        number = int(np.ceil((1.0 - length) / (length * _STRIDE) - 1e-9)) + 1
        found += [(begin, length) for begin in np.linspace(0.0, 1.0 - length, number)]
    return np.array(found, np.float32)


def _parts(intervals: NDArray[np.float32]) -> Numbers:
    """In which part of a side the middles are."""
    return ((intervals[:, 0] + intervals[:, 1] / 2) * _PARTS).astype(np.intp)


_INTERVALS = _intervals()
_ROWS = np.repeat(_INTERVALS, len(_INTERVALS), axis=0)
_COLUMNS = np.tile(_INTERVALS, (len(_INTERVALS), 1))
_PLACES = _parts(_ROWS) * _PARTS + _parts(_COLUMNS)
_BY_PLACE = np.argsort(_PLACES, kind="stable")
_ROWS, _COLUMNS, _PLACES = _ROWS[_BY_PLACE], _COLUMNS[_BY_PLACE], _PLACES[_BY_PLACE]
