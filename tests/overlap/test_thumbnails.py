"""Boxes against sums over finely divided axes, and coordinates against the looks themselves."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from sr.overlap.thumbnails import coordinates, looks, means, through_boxes

INTERVALS = np.array([[0.0, 1.0], [0.13, 0.61], [0.4, 0.6]], np.float32)


def expected(values: NDArray[np.float64]) -> list[list[float]]:
    fine = np.repeat(values, 1000)
    edges = [
        np.round((begin + length * np.arange(7) / 6) * len(fine)).astype(int) for begin, length in INTERVALS
    ]
    return [[fine[first:last].mean() for first, last in pairwise(some)] for some in edges]


def test_boxes_are_means_of_the_pixels_they_cover() -> None:
    values = np.random.default_rng(0).random(48)
    assert through_boxes(INTERVALS, 6, 48) @ values == pytest.approx(np.array(expected(values)), abs=2e-3)


def test_means_of_rows_are_too() -> None:
    images = np.random.default_rng(1).random((2, 48, 3)).astype(np.float32)
    found = means(images, np.stack([INTERVALS, INTERVALS]), 6)
    for image, boxes in zip(images, found, strict=True):
        for column in range(3):
            assert boxes[..., column] == pytest.approx(np.array(expected(image[:, column])), abs=2e-3)


def test_coordinates_keep_the_products_of_looks() -> None:
    windows = looks(np.random.default_rng(2).random((5, 6, 6)).astype(np.float32) * 255)
    compact = windows @ coordinates(6)
    assert compact.shape == (5, 35)
    assert compact @ compact.T == pytest.approx(windows @ windows.T, abs=1e-5)
