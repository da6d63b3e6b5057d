import numpy as np
import pytest

from sr.errors import InputError
from sr.metrics.ssim import SSIM
from sr.metrics.views import View

VIEW = View("Y", False, 4, "as_rgb")


def noisy_pair(height, width, seed=0):
    generator = np.random.default_rng(seed)
    smooth = generator.normal(0.0, 4.0, (height, width, 3)).cumsum(axis=0).cumsum(axis=1)
    hr = (smooth - smooth.min()) / np.ptp(smooth) * 255
    sr = hr + generator.normal(0.0, 12.0, hr.shape)
    return [np.clip(image, 0, 255).round().astype(np.uint8) for image in (sr, hr)]


def value(sr, hr, view=VIEW):
    return SSIM(view).score(sr, SSIM(view).reference(hr))


def by_windows(x, y):
    """SSIM straight from Eq. 13, one window after the other."""
    offsets = np.arange(-5, 6)
    window = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for i in range(x.shape[0] - 10):
        for j in range(x.shape[1] - 10):
            a, b = x[i : i + 11, j : j + 11], y[i : i + 11, j : j + 11]
            ma, mb = (window * a).sum(), (window * b).sum()
            va, vb = (window * (a - ma) ** 2).sum(), (window * (b - mb) ** 2).sum()
            cov = (window * (a - ma) * (b - mb)).sum()
            c1, c2 = 2.55**2, 7.65**2
            values.append((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))
    return np.mean(values)


@pytest.mark.parametrize(("height", "width"), [(19, 19), (20, 45), (50, 35)])
def test_every_window_one_by_one(height, width):
    sr, hr = noisy_pair(height, width)
    expected = by_windows(VIEW(sr).astype(float), VIEW(hr).astype(float))
    assert value(sr, hr) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("height", "width"), [(300, 211), (768, 1024), (64, 530)])
def test_agrees_with_scikit_image_on_the_valid_region(height, width):
    metrics = pytest.importorskip("skimage.metrics")
    sr, hr = noisy_pair(height, width)
    _, similarity = metrics.structural_similarity(
        VIEW(sr).astype(float),
        VIEW(hr).astype(float),
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    assert value(sr, hr) == pytest.approx(similarity[5:-5, 5:-5].mean(), rel=1e-5)


def test_agrees_with_the_straightforward_version():
    from benchmarks.naive_metrics import ssim

    sr, hr = noisy_pair(520, 400, seed=1)
    assert value(sr, hr) == pytest.approx(ssim(sr, hr, 4), rel=1e-5)


def test_saturated_images_do_not_lose_precision():
    generator = np.random.default_rng(3)
    hr = 255 - generator.integers(0, 2, (100, 100, 3), dtype=np.uint8)
    sr = 255 - generator.integers(0, 2, (100, 100, 3), dtype=np.uint8)
    expected = by_windows(VIEW(sr).astype(float), VIEW(hr).astype(float))
    assert value(sr, hr) == pytest.approx(expected, rel=1e-5)


def test_identical_images_score_one():
    _, hr = noisy_pair(60, 70)
    assert value(hr, hr) == pytest.approx(1.0, abs=1e-6)


def test_colour_is_the_mean_over_channels():
    sr, hr = noisy_pair(40, 44)
    channels = [value(sr[..., c], hr[..., c], View("Y", False, 4, "as_stored")) for c in range(3)]
    assert value(sr, hr, View("RGB", False, 4, "as_rgb")) == pytest.approx(np.mean(channels), rel=1e-6)


def test_too_small_is_refused():
    pixels = np.zeros((18, 40, 3), dtype=np.uint8)
    with pytest.raises(InputError, match="SSIM needs 11x11 pixels"):
        SSIM(VIEW).reference(pixels)


def test_agrees_with_two_dimensional_filters_of_opencv():
    pytest.importorskip("cv2")
    from benchmarks.naive_metrics import ssim_by_filter2d

    sr, hr = noisy_pair(203, 150, seed=2)
    assert value(sr, hr) == pytest.approx(ssim_by_filter2d(sr, hr, 4), rel=1e-9)
