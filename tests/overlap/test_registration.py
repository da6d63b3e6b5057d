"""The window that one image is of another is found."""

import numpy as np
import pytest

from sr.overlap.registration import register, wholes
from sr.overlap.thumbnails import thumbnail
from tests.overlap.pictures import cut, picture


def test_registration_finds_the_window() -> None:
    large = picture(5, 240, 320)
    small = cut(large, 0.2, 0.1, 0.7, 0.65)
    likeness, rows, columns = register(
        thumbnail(large, 96)[None],
        wholes(thumbnail(small, 96)[None], 16),
        np.array([[0.15, 0.72]], np.float32),
        np.array([[0.05, 0.72]], np.float32),
        step=0.1,
        rounds=8,
    )
    assert likeness[0] > 0.99
    assert rows[0] == pytest.approx([0.2, 0.7], abs=0.01)
    assert columns[0] == pytest.approx([0.1, 0.65], abs=0.01)
