"""Windows of the grid against a plain comparison of everything with everything."""

import tracemalloc
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from sr.overlap.candidates import Candidates
from sr.overlap.grid import Grid, flips, likely
from sr.overlap.thumbnails import Floats, looks, through_boxes, thumbnail
from tests.overlap.pictures import picture

LEAST = 0.4
# What two ways to take a product may differ by.
NEAR = 1e-4

# Which images, which way round and mirrored how; and the place of the window: the eighths its middle is in.
Key = tuple[int, int, bool, int, tuple[int, int]]


def intervals() -> list[tuple[float, float]]:
    """Of each length as many as a side needs for steps of at most 0.15 of that length."""
    numbers = {1.0: 1, 0.9: 2, 0.8: 3, 0.7: 4, 0.6: 6}
    return [
        (begin, length) for length, number in numbers.items() for begin in np.linspace(0, 1 - length, number)
    ]


INTERVALS = np.array(intervals(), np.float32)
WINDOWS = np.array(list(product(INTERVALS, INTERVALS)))
EIGHTHS = [(row, column) for row, column in ((WINDOWS @ [1, 0.5]) * 8).astype(int).tolist()]


def compared(wholes: Floats, others: Floats) -> NDArray[np.floating]:
    """All 4 flips of n images x all windows of m: n x 4 x m x 256, how much they are alike."""
    whole, boxes = through_boxes(np.array([[0.0, 1.0]]), 6, 48)[0], through_boxes(INTERVALS, 6, 48)
    wanted = looks(np.einsum("br,nfrc,dc->nfbd", whole, flips(wholes), whole, optimize=True))
    windows = looks(np.einsum("ibr,nrc,jdc->nijbd", boxes, others, boxes, optimize=True))
    return np.einsum("nfk,mwk->nfmw", wanted, windows.reshape(len(others), len(WINDOWS), -1))


def seen(found: Candidates) -> Iterator[tuple[tuple[int, int, bool, int], int, float]]:
    """Which pair, the number of its window, and the likeness."""
    windows = np.stack([found.rows, found.columns], axis=1)
    for number, window in enumerate(windows):
        pair = (found.image[number], found.test[number], found.is_around[number], found.flip[number])
        image, test, is_around, flip = (value.item() for value in pair)
        same = np.flatnonzero((window == WINDOWS).all(axis=(1, 2)))
        yield (image, test, is_around, flip), same.item(), found.likeness[number].item()


def test_the_likeliest_window_of_every_place_is_found() -> None:
    images = np.stack([thumbnail(picture(seed), 48) for seed in range(19)])
    tests = np.stack([thumbnail(picture(seed), 48) for seed in range(17, 30)])
    products = {
        False: compared(images, tests),
        True: compared(tests, images).transpose(2, 1, 0, 3),
    }
    best: dict[Key, float] = {}
    for is_around, values in products.items():
        for image, flip, test in np.ndindex(values.shape[:3]):
            for place, value in zip(EIGHTHS, values[image, flip, test].tolist(), strict=True):
                key = (image, test, is_around, flip, place)
                best[key] = max(value, best.get(key, -1.0))

    found: dict[Key, float] = {}
    for (image, test, is_around, flip), window, value in seen(likely(Grid(images), Grid(tests), LEAST)):
        assert products[is_around][image, flip, test, window] == pytest.approx(value, abs=NEAR)
        key = (image, test, is_around, flip, EIGHTHS[window])
        assert key not in found
        found[key] = value

    assert min(found.values()) >= LEAST
    assert {key: best[key] for key in found} == pytest.approx(found, abs=NEAR)
    # None is missing, whatever rounding makes of those at the very limit.
    assert {key for key, value in best.items() if value >= LEAST + NEAR} <= found.keys()
    assert len(found) > 1000
    # The two images that both lists have, as wholes.
    assert {(image, test) for (image, test, *_), value in found.items() if value > 0.999} == {
        (17, 0),
        (18, 1),
    }


def test_skies_take_little_memory() -> None:
    """Smooth gradients are alike at nearly every window: 1.2 million of them here, of 36864 places."""
    random = np.random.default_rng(0)
    slopes = np.linspace(0, 1, 48, dtype=np.float32)
    strengths = random.uniform(60, 150, (60, 1, 1)).astype(np.float32)
    skies = strengths * slopes[:, None] + random.uniform(-30, 30, (60, 1, 1)).astype(np.float32) * slopes
    images, tests = Grid(skies[:12]), Grid(skies[12:])
    tracemalloc.start()
    found = likely(images, tests, LEAST)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) > 30000
    assert peak < 20e6
