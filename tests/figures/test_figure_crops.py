import numpy as np
import pytest

from sr.figures.crops import Crop, most_different


def naive(images: list[np.ndarray], side: int) -> tuple[int, int]:
    """(left, top) of the crop with the largest mean deviation of details, by loops over all crops."""
    details = []
    for image in images:
        values = image.astype(float)
        for top in range(0, values.shape[0], 4):
            for left in range(0, values.shape[1], 4):
                for colour in range(3):
                    block = values[top : top + 4, left : left + 4, colour]
                    block -= block.mean()
        details.append(values)
    deviation = np.std(details, axis=0).mean(axis=2)
    best, place = -1.0, (0, 0)
    for top in range(deviation.shape[0] - side + 1):
        for left in range(deviation.shape[1] - side + 1):
            mean = deviation[top : top + side, left : left + side].mean()
            if mean > best + 1e-9:
                best, place = mean, (left, top)
    return place


@pytest.mark.parametrize("seed", range(5))
def test_the_crop_is_the_one_that_loops_find(seed: int) -> None:
    random = np.random.default_rng(seed)
    images = [random.integers(0, 256, (20, 28, 3), dtype=np.uint8) for _ in range(3)]
    crop = most_different(images, 6)
    assert (crop.left, crop.top) == naive(images, 6)
    assert (crop.width, crop.height) == (6, 6)


def test_a_tint_of_the_whole_does_not_count() -> None:
    first = np.full((32, 32, 3), 100, dtype=np.uint8)
    second = first + np.uint8(60)
    second[20, 12] += 10
    crop = most_different([first, second], 8)
    assert crop.left <= 12 < crop.left + 8
    assert crop.top <= 20 < crop.top + 8


def test_equal_images_show_the_first_crop() -> None:
    image = np.zeros((16, 16, 3), dtype=np.uint8)
    assert most_different([image, image], 8) == Crop(0, 0, 8, 8)


def test_small_images_are_shown_whole() -> None:
    image = np.zeros((8, 64, 3), dtype=np.uint8)
    assert most_different([image, image], 16) == Crop(0, 0, 16, 8)


def test_a_crop_is_cut_where_it_says() -> None:
    image = np.arange(10 * 12 * 3).reshape(10, 12, 3)
    assert np.array_equal(Crop(2, 3, 4, 5).of(image), image[3:8, 2:6])
