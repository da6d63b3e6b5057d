import math

import numpy as np
import pytest

from sr.errors import InputError
from sr.images import luma
from sr.metrics.psnr import PSNR
from sr.metrics.views import View, rgb2gray

Y = View("Y", False, 4, "as_rgb")


def pair(shape=(40, 52, 3)):
    generator = np.random.default_rng(0)
    return [generator.integers(0, 256, shape, dtype=np.uint8) for _ in range(2)]


def test_psnr_is_that_of_the_formula():
    sr, hr = pair()
    error = np.mean((luma(sr, rounded=False) - luma(hr, rounded=False))[4:-4, 4:-4] ** 2)
    expected = 10 * np.log10(255**2 / error)
    assert PSNR(Y).score(sr, PSNR(Y).reference(hr)) == pytest.approx(expected, rel=1e-6)


def test_constant_difference_of_five_grey_levels():
    hr = np.full((20, 20), 100, dtype=np.uint8)
    metric = PSNR(View("Y", False, 4, "as_stored"))
    assert metric.score(hr + 5, metric.reference(hr)) == pytest.approx(20 * math.log10(255 / 5))


def test_identical_images_are_infinite():
    sr, _ = pair()
    assert PSNR(Y).score(sr, PSNR(Y).reference(sr)) == math.inf


def test_only_the_border_differs():
    sr, _ = pair()
    hr = sr.copy()
    hr[:4], hr[-4:], hr[:, :4], hr[:, -4:] = 0, 0, 0, 0
    assert PSNR(Y).score(sr, PSNR(Y).reference(hr)) == math.inf


def test_rounded_luma_is_matlabs():
    rounded = View("Y", True, 0, "as_rgb")(
        np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], dtype=np.uint8)
    )
    assert rounded.tolist() == [[81.0, 145.0, 41.0]]  # rgb2ycbcr(uint8) in MATLAB


def test_unrounded_luma_is_within_a_ten_thousandth():
    pixels = pair((64, 64, 3))[0]
    assert np.abs(View("Y", False, 0, "as_rgb")(pixels) - luma(pixels, rounded=False)).max() < 1e-4


def test_grey_images_as_stored_or_as_rgb():
    grey = np.array([[0, 255]], dtype=np.uint8)
    assert View("Y", True, 0, "as_stored")(grey).tolist() == [[0.0, 255.0]]
    assert View("Y", True, 0, "as_rgb")(grey).tolist() == [[16.0, 235.0]]


def test_rgb_has_the_channels_first():
    pixels = pair((6, 8, 3))[0]
    view = View("RGB", False, 1, "as_rgb")(pixels)
    assert view.shape == (3, 4, 6)
    assert (view[1] == pixels[1:-1, 1:-1, 1]).all()


def test_rgb2gray_weights():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
    assert rgb2gray(colours).tolist() == [[76, 150, 29, 255]]  # rgb2gray(uint8) in MATLAB


def test_all_border_is_refused():
    with pytest.raises(InputError, match="8x40 is all border"):
        Y(np.zeros((40, 8, 3), dtype=np.uint8))
