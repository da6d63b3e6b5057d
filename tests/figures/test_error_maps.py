import math

import numpy as np
import pytest

from sr.figures.crops import Crop
from sr.figures.error_maps import error_map, table


def test_errors_are_norms_over_the_colours() -> None:
    random = np.random.default_rng(0)
    output, original = (random.integers(0, 256, (3, 4, 3), dtype=np.uint8) for _ in range(2))
    errors = error_map(output, original)
    for row in range(3):
        for column in range(4):
            squares = [
                ((int(a) - int(b)) / 255) ** 2
                for a, b in zip(output[row, column], original[row, column], strict=True)
            ]
            assert errors[row, column] == pytest.approx(math.sqrt(sum(squares)))


def test_the_table_places_each_pixel_in_its_image() -> None:
    maps = {"with": np.arange(6.0).reshape(2, 3), "without": np.zeros((2, 3))}
    data = table(maps, Crop(left=10, top=20, width=3, height=2))
    assert data.columns.tolist() == ["x", "y", "with", "without"]
    row = data[(data["x"] == 12) & (data["y"] == 21)]
    assert row["with"].tolist() == [5.0]
