import numpy as np
import pytest

from sr.metrics.daala import DaalaSSIM, window
from sr.metrics.views import View

VIEW = View("Y", True, 0, "as_stored")


def by_windows(x, y, kernel):
    """The definition with loops: truncated windows, moments as sums, map weighted by the window's mass."""
    reach = len(kernel) // 2
    height, width = x.shape
    total = mass_total = 0.0
    for i in range(height):
        for j in range(width):
            sums = np.zeros(6)
            for di in range(max(-reach, -i), min(reach, height - 1 - i) + 1):
                for dj in range(max(-reach, -j), min(reach, width - 1 - j) + 1):
                    weight = kernel[di + reach] * kernel[dj + reach]
                    a, b = x[i + di, j + dj], y[i + di, j + dj]
                    sums += weight * np.array([1.0, a, b, a * a, b * b, a * b])
            mass, mx, my, xx, yy, xy = sums / sums[0]
            vx, vy, cov = xx - mx * mx, yy - my * my, xy - mx * my
            upper = (2 * mx * my + 2.55**2) * (2 * cov + 7.65**2)
            total += sums[0] * mass * upper / ((mx * mx + my * my + 2.55**2) * (vx + vy + 7.65**2))
            mass_total += sums[0]
    return total / mass_total


@pytest.mark.parametrize(("height", "width"), [(90, 24), (60, 33), (30, 40)])
def test_every_window_one_by_one(height, width):
    generator = np.random.default_rng(0)
    hr = generator.integers(0, 256, (height, width), dtype=np.uint8)
    sr = np.clip(hr + generator.normal(0, 20, hr.shape), 0, 255).astype(np.uint8)
    expected = by_windows(sr.astype(float), hr.astype(float), window(height, width))
    metric = DaalaSSIM(VIEW)
    assert metric.score(sr, metric.reference(hr)) == pytest.approx(expected, rel=1e-9)


def test_the_window_by_hand():
    # sigma 1.5: 256 / (sqrt(2 pi) 1.5) exp(-k^2 / 4.5) is 54.5, 28.0, 9.2, 1.9 and 0.26 for k = 1 to 5;
    # the reach is floor(1.5 sqrt(-2 ln(sqrt(pi / 2) 1.5 / 256))) = 4, and 256 - 2 (55 + 28 + 9 + 2) = 68.
    assert window(256, 256).tolist() == [2, 9, 28, 55, 68, 55, 28, 9, 2]


@pytest.mark.parametrize("height", [16, 100, 313, 504, 2000])
def test_the_window_has_whole_weights_that_sum_to_256(height):
    kernel = window(height, 400)
    assert kernel.sum() == 256
    assert (kernel == kernel.round()).all()
    assert len(kernel) % 2 == 1


def test_identical_images_score_one():
    hr = np.random.default_rng(0).integers(0, 256, (50, 60), dtype=np.uint8)
    metric = DaalaSSIM(VIEW)
    assert metric.score(hr, metric.reference(hr)) == pytest.approx(1.0)


def test_colours_are_the_mean_of_their_channels():
    """`sr score --channel RGB` under SRGAN's protocol."""
    sr, hr = (np.random.default_rng(seed).integers(0, 256, (30, 40, 3), dtype=np.uint8) for seed in (1, 2))
    grey, colours = DaalaSSIM(VIEW), DaalaSSIM(View("RGB", True, 0, "as_stored"))
    channels = [grey.score(sr[..., one], grey.reference(hr[..., one])) for one in range(3)]
    assert colours.score(sr, colours.reference(hr)) == pytest.approx(np.mean(channels), rel=1e-12)
