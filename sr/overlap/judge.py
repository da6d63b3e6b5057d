"""No training image may be a test image, not even cut, scaled, mirrored, recompressed or turned grey.

A cascade: each stage costs more than the one before, and is left to what that one finds alike. Windows of a
grid: an image is compared with windows of every test image, and its windows with every test image, coarsely,
on thumbnails of 48 x 48. Registration: the likeliest windows are moved to where they are most alike. Pixels:
what is still alike is registered anew on larger thumbnails and compared in finer boxes. Images come in
batches, for one matrix product serves many. `python -m benchmarks.overlap` measures both rates.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sr.images import Pixels, as_rgb, read_image
from sr.overlap.candidates import Candidates
from sr.overlap.grid import Grid, flips, likely
from sr.overlap.registration import even_likeness, register, wholes
from sr.overlap.thumbnails import Floats, thumbnail

# Likeness from which two images show the same photograph. Of 319 benchmark images each was seen at 0.867 or
# more when cut to at least 0.6 of a side, scaled, mirrored, in grey or as JPEG; 15 million pairs of different
# photographs stayed below 0.776.
SAME = 0.85

_SIDE, _FINE_SIDE = 48, 160
# What is less alike than that at every window of the grid is given up; then the rounds of registration: bins,
# step, and what must be reached to go on. Two rounds begin coarsely: fine stripes are alike only close by.
_LIKELY = 0.64
_SEARCH = (
    (6, 0.06, 0.72),
    (6, 0.05, 0.77),
    (8, 0.05, 0.76),
    (8, 0.05, 0.8),
    (8, 0.03, 0.84),
    (8, 0.02, 0.85),
)
# At most so many windows of an image are gone on with, and at last of one image in one other.
_OF_IMAGE, _OF_PAIR = 512, 8

Reader = Callable[[], Pixels]


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
        self._digests: dict[str, str] = {}
        self._shapes: set[tuple[int, ...]] = set()
        small, fine = [], []
        for name, path in files.items():
            pixels = as_rgb(read_image(path))
            self._digests[_digest(pixels)] = name
            self._shapes.add(pixels.shape)
            small.append(thumbnail(pixels, _SIDE))
            fine.append(thumbnail(pixels, _FINE_SIDE))
        if self.names:
            self._small, self._fine = np.stack(small), np.stack(fine)
            self._grid = Grid(self._small)

    def signature(self, pixels: Pixels) -> NDArray[np.uint8]:
        """An image's thumbnail, which is all that the search needs."""
        return (thumbnail(pixels, _SIDE) + 0.5).astype(np.uint8).ravel()

    def twins(self, signatures: NDArray[np.uint8], readers: Sequence[Reader]) -> list[str | None]:
        """For each of n images the test image that it shows, in words; None for none."""
        found = self.hits(signatures, readers)
        return [f"{hits[0].test} (likeness {hits[0].likeness:.2f})" if hits else None for hits in found]

    def hits(self, signatures: NDArray[np.uint8], readers: Sequence[Reader]) -> list[list[Hit]]:
        """For each of n images all test images that it shows, the likeliest first.

        signatures: n x bytes. readers: what gives an image's pixels, called for every image, and once more
        for those that are alike to a test image.
        """
        if not self.names:
            return [[] for _ in readers]
        found = [self._equal(as_rgb(read())) for read in readers]
        for image, test, likeness in self._alike(signatures, readers):
            name = self.names[test]
            found[image][name] = max(likeness, found[image].get(name, SAME))
        return [sorted(map(Hit, own, own.values()), key=lambda hit: -hit.likeness) for own in found]

    def _equal(self, rgb: Pixels) -> dict[str, float]:
        """The test image with the very same pixels."""
        name = self._digests.get(_digest(rgb)) if rgb.shape in self._shapes else None
        return {name: 1.0} if name else {}

    def _alike(
        self, signatures: NDArray[np.uint8], readers: Sequence[Reader]
    ) -> Iterator[tuple[int, int, float]]:
        """Numbers of an image and of a test image that it shows, and how much they are alike."""
        small = signatures.reshape(-1, _SIDE, _SIDE).astype(np.float32)
        pairs = self._search(small)
        for image in np.unique(pairs.image):
            own = pairs.of(np.flatnonzero(pairs.image == image))
            tests, places = np.unique(own.test, return_inverse=True)
            fine = thumbnail(readers[image](), _FINE_SIDE)[None]
            own = replace(own, image=np.zeros_like(own.image), test=places)
            own = _on_pixels(own, fine, self._fine[tests])
            for test, likeness in zip(tests[own.test], own.likeness, strict=True):
                if likeness >= SAME:
                    yield int(image), int(test), float(likeness)

    def _search(self, small: Floats) -> Candidates:
        """The pairs that are alike on thumbnails (n x side x side)."""
        pairs = likely(Grid(small), self._grid, _LIKELY)
        for bins, step, least in _SEARCH:
            pairs = pairs.best_of_each(pairs.image, _OF_IMAGE)
            pairs = _registered(pairs, small, self._small, bins=bins, step=step, rounds=1)
            pairs = pairs.of(np.flatnonzero(pairs.likeness >= least)).distinct()
        return pairs.best_of_each(pairs.image * len(self.names) + pairs.test, _OF_PAIR)


def _on_pixels(pairs: Candidates, images: Floats, tests: Floats) -> Candidates:
    """The pairs with their likeness in fine boxes."""
    pairs = _registered(pairs, images, tests, bins=16, step=0.05, rounds=4)
    pairs = pairs.best_of_each(pairs.test, 2)
    pairs = _registered(pairs, images, tests, bins=32, step=0.015, rounds=4)
    likeness = even_likeness(*_ordered(pairs, images, tests, 32), pairs.rows, pairs.columns)
    return replace(pairs, likeness=likeness)


def _registered(
    pairs: Candidates, images: Floats, tests: Floats, *, bins: int, step: float, rounds: int
) -> Candidates:
    """The pairs with the windows where they are most alike, and how much."""
    if not len(pairs):
        return pairs
    large, small = _ordered(pairs, images, tests, bins)
    likeness, rows, columns = register(large, small, pairs.rows, pairs.columns, step=step, rounds=rounds)
    return replace(pairs, likeness=likeness, rows=rows, columns=columns)


def _ordered(pairs: Candidates, images: Floats, tests: Floats, bins: int) -> tuple[Floats, Floats]:
    """The larger image of each pair, and the flipped smaller one through boxes."""
    around = pairs.is_around
    large = np.empty((len(pairs), *images.shape[1:]), np.float32)
    large[around], large[~around] = images[pairs.image[around]], tests[pairs.test[~around]]
    wholes_of_images, wholes_of_tests = (flips(wholes(some, bins)) for some in (images, tests))
    small = np.empty((len(pairs), bins, bins), np.float32)
    small[around] = wholes_of_tests[pairs.test[around], pairs.flip[around]]
    small[~around] = wholes_of_images[pairs.image[~around], pairs.flip[~around]]
    return large, small


def _digest(pixels: Pixels) -> str:
    return sha256(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
