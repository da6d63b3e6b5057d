"""NIQE's parts against definitions, the whole against the straightforward version of `benchmarks`.

Values of the MATLAB release are not at hand; what is checked is that every step is the release's.
"""

import numpy as np
import pytest
import torch
from scipy.io import savemat
from scipy.special import gamma
from scipy.stats import gennorm

from benchmarks import naive_metrics
from sr.degradation import resize_float
from sr.errors import InputError, Unavailable
from sr.images import crop_to_multiple, image_files, read_image
from sr.metrics import niqe
from sr.metrics.banded import columns_joined


class Folder:
    """Stands for the assets: one file, or none."""

    def __init__(self, path):
        self.path = path

    def find(self, name):
        assert name == "niqe"
        return self.path

    def reason(self, name):
        return f"{name} is not there."


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Parameters in the release's format, positive definite."""
    generator = np.random.default_rng(0)
    root = generator.normal(0.0, 0.2, (36, 60))
    path = tmp_path_factory.mktemp("niqe") / "niqe_modelparameters.mat"
    savemat(path, {"mu_prisparam": generator.normal(1.0, 0.5, (1, 36)), "cov_prisparam": root @ root.T})
    return path


def scene(height, width, seed=0):
    generator = np.random.default_rng(seed)
    image = generator.normal(0.0, 1.0, (height, width, 3)).cumsum(axis=0).cumsum(axis=1)
    image = (image - image.min()) / np.ptp(image) * 255 + generator.normal(0.0, 6.0, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def asymmetric_sample(alpha, left, right, size, seed=0):
    """Draws of an asymmetric generalised Gaussian with scales `left` and `right`."""
    generator = np.random.default_rng(seed)
    size_of = np.abs(gennorm.rvs(alpha, size=size, random_state=generator))
    negative = generator.random(size) < left / (left + right)
    return np.where(negative, -left * size_of, right * size_of)


@pytest.mark.parametrize(("alpha", "left", "right"), [(2.0, 1.0, 1.0), (0.8, 0.3, 0.6), (3.5, 2.0, 1.2)])
def test_the_estimate_finds_a_known_distribution(alpha, left, right):
    values = torch.from_numpy(asymmetric_sample(alpha, left, right, 400_000))[None]
    shape, scale_left, scale_right = niqe.asymmetric_gaussian(niqe.moments(values))
    assert shape[0] == pytest.approx(alpha, rel=0.03)
    assert scale_left[0] == pytest.approx(left, rel=0.03)
    assert scale_right[0] == pytest.approx(right, rel=0.03)


def test_the_estimate_is_the_searched_one():
    values = np.stack([asymmetric_sample(0.3 + 0.4 * k, 0.2, 0.1 + 0.1 * k, 2304, k) for k in range(12)])
    found = np.stack(niqe.asymmetric_gaussian(niqe.moments(torch.from_numpy(values))), axis=1)
    expected = np.array([naive_metrics.aggd(row) for row in values])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_nearest_shape_is_that_of_the_full_search():
    shapes = 0.2 + 0.001 * np.arange(9801)
    ratios = gamma(2 / shapes) ** 2 / (gamma(1 / shapes) * gamma(3 / shapes))
    wanted = np.concatenate([np.random.default_rng(0).uniform(0.0, 0.8, 300), ratios[::400], [-1.0, 2.0]])
    expected = [shapes[np.argmin((ratios - value) ** 2)] for value in wanted]
    np.testing.assert_array_equal(niqe._nearest_shape(wanted), expected)
    assert niqe._nearest_shape(np.array([np.nan]))[0] == 0.2  # MATLAB's min of NaN is the first


def test_a_side_without_values_is_nan():
    shape, left, right = niqe.asymmetric_gaussian(niqe.moments(torch.tensor([[0.0, 1.0, 2.0, 0.0]]).double()))
    assert shape[0] == 0.2
    assert np.isnan(left[0])
    assert right[0] == pytest.approx(2.5**0.5 * (gamma(5.0) / gamma(15.0)) ** 0.5)


def test_halving_is_matlabs_resize_without_rounding():
    plane = np.random.default_rng(0).uniform(0, 255, (96, 192))
    padded = niqe._padded(torch.from_numpy(plane), niqe._mirrored)
    np.testing.assert_allclose(
        columns_joined(niqe._halving()(padded)).numpy(), resize_float(plane, 48, 96), rtol=0, atol=1e-10
    )


def test_local_normalisation_pixel_by_pixel():
    plane = np.random.default_rng(0).integers(0, 256, (96, 96)).astype(float)
    normalised = niqe._normalised(torch.from_numpy(plane)).numpy()
    offsets = np.arange(-3, 4)
    window = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * (7 / 6) ** 2))
    window /= window.sum()
    for i, j in [(0, 0), (0, 50), (95, 95), (40, 2), (48, 48)]:
        rows = np.clip(np.arange(i - 3, i + 4), 0, 95)
        columns = np.clip(np.arange(j - 3, j + 4), 0, 95)
        around = plane[np.ix_(rows, columns)]
        mu = (window * around).sum()
        sigma = np.sqrt((window * around**2).sum() - mu**2)
        assert normalised[i, j] == pytest.approx((plane[i, j] - mu) / (sigma + 1), rel=1e-9)


def test_flat_areas_are_exactly_zero():
    plane = torch.full((96, 96), 173.0, dtype=torch.float64)
    assert not niqe._normalised(plane).any()


def test_features_are_those_of_the_straightforward_version():
    image = scene(200, 310)[:192, :288].mean(axis=2)
    first = niqe.features(torch.from_numpy(image))[:, :18]
    normalised = naive_metrics.normalise(image)
    blocks = [normalised[i : i + 96, j : j + 96] for i in (0, 96) for j in (0, 96, 192)]
    np.testing.assert_allclose(first, [naive_metrics.block_features(block) for block in blocks], rtol=1e-8)


@pytest.mark.parametrize("size", [(204, 304), (330, 296), (296, 203)])
def test_the_score_is_that_of_the_straightforward_version(model, size):
    image = scene(*size)
    image[:70, :50] = 255  # a saturated corner
    metric = niqe.NIQE(Folder(model), "pirm")
    expected = naive_metrics.niqe(image, metric.mean, metric.covariance)
    assert metric.score(image) == pytest.approx(expected, rel=1e-8)


def test_a_flat_block_is_left_out(model):
    image = scene(200, 296)
    image[4:100, 4:100] = 90
    metric = niqe.NIQE(Folder(model), "pirm")
    expected = naive_metrics.niqe(image, metric.mean, metric.covariance)
    assert np.isfinite(expected)
    assert metric.score(image) == pytest.approx(expected, rel=1e-8)


def test_rows_beyond_whole_blocks_do_not_count(model):
    metric = niqe.NIQE(Folder(model), "release")
    image = scene(250, 300)
    assert metric.score(image) == metric.score(image[:192, :288])


def test_the_conventions(model):
    image = scene(210, 210)
    assert (niqe.pirm_luma(image) != niqe.rgb2gray(image)[4:-4, 4:-4]).any()
    grey = niqe.rgb2gray(image)
    release = niqe.NIQE(Folder(model), "release")
    assert release.score(image) == release.score(grey)


def test_an_image_without_structure_is_undefined(model):
    assert np.isnan(niqe.NIQE(Folder(model), "release").score(np.full((200, 200), 7, dtype=np.uint8)))


def test_smaller_than_a_block_is_refused(model):
    with pytest.raises(InputError, match="NIQE needs 96x96 pixels"):
        niqe.NIQE(Folder(model), "pirm").score(scene(103, 200))


def test_missing_and_broken_parameters(tmp_path):
    with pytest.raises(Unavailable, match="not there"):
        niqe.NIQE(Folder(None), "pirm")
    broken = tmp_path / "niqe_modelparameters.mat"
    savemat(broken, {"something": 1})
    with pytest.raises(InputError, match=r"niqe_modelparameters\.mat: not NIQE's parameters"):
        niqe.NIQE(Folder(broken), "pirm")


def test_degraded_images_score_worse_with_the_released_parameters(mirror):
    from sr.degradation import downscale, upscale

    metric = niqe.NIQE(Folder(mirror / "assets" / "niqe_modelparameters.mat"), "pirm")
    files = image_files(mirror / "benchmark" / "Set5" / "HR")
    for image in (crop_to_multiple(read_image(path), 4) for path in files):
        assert metric.score(image) < metric.score(upscale(downscale(image, 4), 4))
