"""No training image may be a test image, not even cut, scaled, mirrored, recompressed or turned grey.

Two stages. Features: an image is compared with windows of every test image, and its windows with every test
image, on thumbnails of 48 x 48; the likeliest are registered. Pixels: what is still alike is registered anew
on the images themselves and compared in finer boxes. `python -m benchmarks overlap` measures both rates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sr.images import Pixels, as_rgb, read_image
from sr.overlap.registration import Intervals, even_likeness, register, whole_looks
from sr.overlap.thumbnails import Floats, all_windows, looks, through_boxes, thumbnail

# Likeness from which two images show the same photograph. Copies cut, scaled, mirrored, in grey and as JPEG
# of quality 30 keep 0.96; a horizon has been seen at 0.39 of another.
SAME = 0.85

_SIDE, _BINS = 48, 6
_FINE_SIDE = 160
# Windows of so much of a side, each a quarter of its length from the next: crops that keep less of a side
# than the smallest are not looked for.
_LENGTHS, _STRIDE = (1.0, 0.85, 0.72, 0.6), 0.25
# The search goes on with ever fewer of the likeliest places; what is then less than likely is given up.
_PAIRS, _WINDOWS_OF_EACH = 64, 2
_SEARCH = ((16, 6, 0.12), (8, 8, 0.08), (8, 8, 0.05), (8, 8, 0.03), (8, 8, 0.02))  # kept, bins, step
_LIKELY = 0.8
_FLIPS = ((False, False), (False, True), (True, False), (True, True))


@dataclass(frozen=True)
class Hit:
    """A test image that another image shows. likeness: -1 to 1."""

    test: str
    likeness: float


class TestImages:
    """The images of benchmarks, to compare training images with.

    compared_with: benchmark -> checksum. files: name -> image file. Raises InputError for an unreadable one.
    """

    __test__ = False  # no tests for pytest
    signature_size = _SIDE * _SIDE

    def __init__(self, compared_with: Mapping[str, str], files: Mapping[str, Path]) -> None:
        self.compared_with = dict(compared_with)
        self.names = list(files)
        pixels = [read_image(path) for path in files.values()]
        self._digests = {_digest(image): name for name, image in zip(self.names, pixels, strict=True)}
        if self.names:
            self._small = np.stack([thumbnail(image, _SIDE) for image in pixels])
            self._fine = np.stack([thumbnail(image, _FINE_SIDE) for image in pixels])
            self._whole = whole_looks(self._small, _BINS)
            self._windows = _windows(self._small)

    def signature(self, pixels: Pixels) -> NDArray[np.uint8]:
        """An image's thumbnail, which is all that the first stage needs."""
        return (thumbnail(pixels, _SIDE) + 0.5).astype(np.uint8)

    def twin(self, signature: NDArray[np.uint8], pixels: Callable[[], Pixels]) -> str | None:
        """The test image that an image shows, in words; None for none."""
        hits = self.hits(signature, pixels)
        return f"{hits[0].test} (likeness {hits[0].likeness:.2f})" if hits else None

    def hits(self, signature: NDArray[np.uint8], pixels: Callable[[], Pixels]) -> list[Hit]:
        """All test images that an image shows, the likeliest first."""
        if not self.names:
            return []
        equal = self._digests.get(_digest(pixels()))
        found = {equal: 1.0} if equal else {}
        candidates = self._candidates(signature.reshape(_SIDE, _SIDE).astype(np.float32))
        if candidates:
            fine = thumbnail(pixels(), _FINE_SIDE)
            for test, likeness in self._on_pixels(fine, candidates):
                found[self.names[test]] = max(likeness, found.get(self.names[test], 0.0))
        hits = [Hit(name, likeness) for name, likeness in found.items() if likeness >= SAME]
        return sorted(hits, key=lambda hit: -hit.likeness)

    def _candidates(self, image: Floats) -> list["_Candidate"]:
        """The pairs that are alike in their features, after registration."""
        flipped = np.stack([_flipped(image, flip) for flip in _FLIPS])
        # Of image and test, either may be a window of the other.
        inside = _products(whole_looks(flipped, _BINS), self._windows)
        around = np.swapaxes(_products(self._whole, _windows(flipped)), 0, 1)
        pairs = [
            _Candidate(bool(way), flip, test, *_GRID[window])
            for way, flip, test, window in _likeliest(np.stack([inside, around]))
        ]
        for kept, bins, step in _SEARCH:
            tests = self._small[[pair.test for pair in pairs]]
            images = flipped[[pair.flip for pair in pairs]]
            likeness, pairs = _registered(pairs, tests, images, bins=bins, step=step, rounds=1)
            order = np.argsort(-likeness)[:kept]
            likeness, pairs = likeness[order], [pairs[place] for place in order]
        best: dict[int, _Candidate] = {}
        for pair, alike in zip(pairs, likeness, strict=True):
            if alike >= _LIKELY:
                best.setdefault(pair.test, pair)
        return list(best.values())

    def _on_pixels(self, fine: Floats, pairs: Sequence["_Candidate"]) -> list[tuple[int, float]]:
        tests = self._fine[[pair.test for pair in pairs]]
        images = np.stack([_flipped(fine, _FLIPS[pair.flip]) for pair in pairs])
        _, pairs = _registered(pairs, tests, images, bins=16, step=0.05, rounds=4)
        _, pairs = _registered(pairs, tests, images, bins=32, step=0.015, rounds=4)
        likeness = even_likeness(*_ordered(pairs, tests, images), bins=32)
        return [(pair.test, float(alike)) for pair, alike in zip(pairs, likeness, strict=True)]


@dataclass(frozen=True)
class _Candidate:
    """A pair to look at: is_around: the test image is a window of the training image, and not the reverse."""

    is_around: bool
    flip: int
    test: int
    rows: NDArray[np.float64]
    columns: NDArray[np.float64]


def _registered(
    pairs: Sequence[_Candidate], tests: Floats, images: Floats, *, bins: int, step: float, rounds: int
) -> tuple[Floats, list[_Candidate]]:
    """Likenesses of the pairs, and the pairs with the windows where they are most alike."""
    likeness, rows, columns = register(*_ordered(pairs, tests, images), bins=bins, step=step, rounds=rounds)
    windows = zip(pairs, rows, columns, strict=True)
    return likeness, [replace(pair, rows=row, columns=column) for pair, row, column in windows]


def _ordered(
    pairs: Sequence[_Candidate], tests: Floats, images: Floats
) -> tuple[Floats, Floats, Intervals, Intervals]:
    """The larger image of each pair, the smaller one, and the window of the larger one."""
    around = np.array([pair.is_around for pair in pairs])[:, None, None]
    rows, columns = (np.stack([getattr(pair, axis) for pair in pairs]) for axis in ("rows", "columns"))
    return np.where(around, images, tests), np.where(around, tests, images), rows, columns


def _likeliest(likeness: Floats) -> list[tuple[int, int, int, int]]:
    """Way, flip, test and window of the most alike (2 x flips x tests x windows), two windows a pair."""
    best = likeness.max(axis=-1).ravel()
    places = []
    for place in np.argpartition(-best, min(_PAIRS, len(best) - 1))[:_PAIRS]:
        way, flip, test = (int(n) for n in np.unravel_index(place, likeness.shape[:-1]))
        windows = np.argpartition(-likeness[way, flip, test], _WINDOWS_OF_EACH)[:_WINDOWS_OF_EACH]
        places += [(way, flip, test, int(window)) for window in windows]
    return places


def _intervals() -> Intervals:
    found = []
    for length in _LENGTHS:
        number = int(np.ceil((1.0 - length) / (length * _STRIDE) - 1e-9)) + 1
        found += [(begin, length) for begin in np.linspace(0.0, 1.0 - length, number)]
    return np.array(found)


_BOXES = through_boxes(_intervals(), _BINS, _SIDE)
_GRID = [(rows, columns) for rows in _intervals() for columns in _intervals()]


def _windows(images: Floats) -> Floats:
    """What is compared of the windows of the grid: images x windows x 2 bins (bins - 1)."""
    windows = looks(all_windows(images, _BOXES, _BOXES))
    return windows.reshape(len(images), len(_GRID), -1)


def _products(looks_of_images: Floats, windows: Floats) -> Floats:
    """Likeness of each of n images (n x d) to each of the windows of m others (m x w x d): n x m x w."""
    products = looks_of_images @ windows.reshape(-1, windows.shape[-1]).T
    return products.reshape(len(looks_of_images), *windows.shape[:-1])


def _flipped(image: Floats, flip: tuple[bool, bool]) -> Floats:
    vertically, horizontally = flip
    return image[:: -1 if vertically else 1, :: -1 if horizontally else 1]


def _digest(pixels: Pixels) -> str:
    rgb = as_rgb(pixels)
    return sha256(repr(rgb.shape).encode() + np.ascontiguousarray(rgb).tobytes()).hexdigest()
