import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from sr.figures.brightness import distance, histogram, mean_grey


def test_a_flat_image_is_in_one_range() -> None:
    image = np.full((12, 12, 3), 100, dtype=np.uint8)
    shares = histogram([image, image])
    assert shares[100 // 8] == 1
    assert len(shares) == 32


def test_shares_are_counted_over_all_images_together() -> None:
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, size, dtype=np.uint8) for size in ((10, 12, 3), (30, 20, 3))]
    counts = [0] * 32
    for image in images:
        grey = np.floor(image @ [0.298936, 0.587043, 0.114021] + 0.5)
        for value in gaussian_filter(grey, 3.0).ravel():
            counts[int(value // 8)] += 1
    # Weights of six digits may put single pixels into the neighbouring range.
    assert np.abs(histogram(images) - np.array(counts) / sum(counts)).max() <= 2 / sum(counts)


def test_distance_and_mean() -> None:
    data = pd.DataFrame({"grey": [0, 8, 16], "first": [0.5, 0.5, 0.0], "second": [0.0, 0.5, 0.5]})
    assert distance(data["first"], data["second"]) == pytest.approx(0.5)
    assert distance(data["first"], data["first"]) == 0
    assert mean_grey(data, "first") == pytest.approx(8)
