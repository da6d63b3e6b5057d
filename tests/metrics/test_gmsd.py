import numpy as np
import pytest
import torch

from sr.metrics.gmsd import GMSD, gradient_magnitude


def pair(height, width):
    generator = np.random.default_rng(0)
    hr = generator.integers(0, 256, (height, width), dtype=np.uint8)
    return np.clip(hr + generator.normal(0, 25, hr.shape), 0, 255).astype(np.uint8), hr


def by_pixels(x, y):
    """Xue et al. with loops; outside the image counts as zero, as MATLAB's conv2 has it."""

    def at(image, i, j):
        inside = 0 <= i < image.shape[0] and 0 <= j < image.shape[1]
        return image[i, j] if inside else 0.0

    def magnitude(image):
        half = np.array(
            [
                [
                    sum(at(image, i + a, j + b) for a in (0, 1) for b in (0, 1)) / 4
                    for j in range(0, image.shape[1], 2)
                ]
                for i in range(0, image.shape[0], 2)
            ]
        )
        result = np.zeros_like(half)
        for i in range(half.shape[0]):
            for j in range(half.shape[1]):
                across = sum(at(half, i + k, j + 1) - at(half, i + k, j - 1) for k in (-1, 0, 1)) / 3
                down = sum(at(half, i + 1, j + k) - at(half, i - 1, j + k) for k in (-1, 0, 1)) / 3
                result[i, j] = (across**2 + down**2) ** 0.5
        return result

    m1, m2 = magnitude(x), magnitude(y)
    return np.std((2 * m1 * m2 + 170) / (m1**2 + m2**2 + 170), ddof=1)


@pytest.mark.parametrize(("height", "width"), [(24, 31), (33, 20)])
def test_every_pixel_one_by_one(height, width):
    sr, hr = pair(height, width)
    expected = by_pixels(sr.astype(float), hr.astype(float))
    assert GMSD().score(sr, GMSD().reference(hr)) == pytest.approx(expected, rel=1e-9)


def test_agrees_with_piq_on_its_own_similarity():
    """Given one channel of even size, piq differs only by dividing the deviation by N instead of N - 1."""
    piq = pytest.importorskip("piq")

    sr, hr = pair(96, 128)
    x, y = (torch.from_numpy(image)[None, None].double() / 255 for image in (sr, hr))
    ours = GMSD().score(sr, GMSD().reference(hr))
    count = 48 * 64
    theirs = float(piq.gmsd(x, y, data_range=1.0, t=170 / 255**2)) * (count / (count - 1)) ** 0.5
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_a_ramp_has_a_constant_gradient():
    ramp = np.tile(np.arange(0, 80, 2.0), (40, 1))
    # Averaged in pairs the ramp rises by 4 a pixel; two pixels apart and three rows over 3 make 8.
    assert gradient_magnitude(torch.from_numpy(ramp)).numpy()[2:-2, 2:-2] == pytest.approx(8.0)


def test_identical_images_score_zero():
    _, hr = pair(40, 40)
    assert GMSD().score(hr, GMSD().reference(hr)) == pytest.approx(0.0, abs=1e-12)


def test_colour_images_are_judged_by_their_grey_levels_without_a_border():
    """The release is given rgb2gray's 0..255, for which c = 170 is meant, not a luma of 16..235."""
    sr, hr = (np.stack(pair(33, 20)[n : n + 1] * 3, axis=2) for n in (0, 1))
    expected = by_pixels(sr[..., 0].astype(float), hr[..., 0].astype(float))
    assert GMSD().score(sr, GMSD().reference(hr)) == pytest.approx(expected, rel=1e-9)
