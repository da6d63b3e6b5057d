"""FID against closed forms, SciPy's matrix square root and piq's Inception network."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import linalg
from torchvision.models import inception_v3

from sr.errors import InputError, Unavailable
from sr.metrics.fid import FID, frechet_distance

fid_inception = pytest.importorskip("piq.feature_extractors.fid_inception")


class StandInAssets:
    """Only the Inception weights, or nothing."""

    def __init__(self, inception: Path | None) -> None:
        self._inception = inception

    def find(self, name: str) -> Path | None:
        return self._inception if name == "inception" else None

    def reason(self, name: str) -> str:
        return f"{name} lies on no index"


def random_inception() -> dict[str, torch.Tensor]:
    """Weights of the network's shapes that keep the signal's size through its 48 layers."""
    generator = torch.Generator().manual_seed(0)
    weights = inception_v3(weights=None, num_classes=1008, aux_logits=False, init_weights=False).state_dict()
    for name, value in weights.items():
        if value.ndim == 4:
            fan_in = value[0].numel()
            weights[name] = torch.randn(value.shape, generator=generator) * (2.0 / fan_in) ** 0.5
        elif name.endswith(("bias", "running_mean")):
            weights[name] = 0.1 * torch.randn(value.shape, generator=generator)
    return weights


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inception") / "weights.pth"
    torch.save(random_inception(), path)
    return path


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    generator = np.random.default_rng(1)
    paths = []
    for number, size in enumerate([(40, 60, 3), (64, 48), (350, 310, 3), (30, 90, 3)]):
        path = tmp_path / f"{number}.png"
        smooth = generator.integers(0, 256, (5, 5, *size[2:]), dtype=np.uint8)
        Image.fromarray(smooth).resize(size[1::-1], Image.Resampling.BICUBIC).save(path)
        paths.append(path)
    return paths


def between(weights_file: Path, first: list[Path], second: list[Path]) -> float:
    fid = FID(StandInAssets(weights_file))
    return fid.score([fid.features(path) for path in first], [fid.features(path) for path in second])


def test_diagonal_covariances_have_a_closed_form() -> None:
    variances1, variances2 = np.array([1.0, 4.0, 9.0]), np.array([16.0, 1.0, 9.0])
    expected = 3**2 + 4**2 + ((np.sqrt(variances1) - np.sqrt(variances2)) ** 2).sum()
    distance = frechet_distance([0, 0, 0], np.diag(variances1), [3, 4, 0], np.diag(variances2))
    assert distance == pytest.approx(expected, rel=1e-12)


def test_commuting_covariances_have_a_closed_form() -> None:
    generator = np.random.default_rng(0)
    basis, _ = np.linalg.qr(generator.normal(size=(20, 20)))
    variances1, variances2 = generator.uniform(0.01, 50, size=(2, 20))
    mean1, mean2 = generator.normal(size=(2, 20))
    expected = ((mean1 - mean2) ** 2).sum() + ((np.sqrt(variances1) - np.sqrt(variances2)) ** 2).sum()
    distance = frechet_distance(mean1, basis * variances1 @ basis.T, mean2, basis * variances2 @ basis.T)
    assert distance == pytest.approx(expected, rel=1e-10)


def test_general_covariances_agree_with_the_matrix_square_root() -> None:
    generator = np.random.default_rng(2)
    mean1, mean2 = generator.normal(size=(2, 12))
    cov1, cov2 = (np.cov(generator.normal(size=(12, 40)) * generator.uniform(1, 5)) for _ in range(2))
    root = linalg.sqrtm(cov1 @ cov2).real
    expected = ((mean1 - mean2) ** 2).sum() + np.trace(cov1 + cov2 - 2 * root)
    assert frechet_distance(mean1, cov1, mean2, cov2) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(mean2, cov2, mean1, cov1) == pytest.approx(expected, rel=1e-9)


def test_singular_covariances() -> None:
    """Rank one, u u^T and v v^T: the square root's trace is |u . v|; a point has covariance zero."""
    generator = np.random.default_rng(3)
    u, v = generator.normal(size=(2, 300))
    zero = np.zeros(300)
    expected = u @ u + v @ v - 2 * abs(u @ v)
    assert frechet_distance(zero, np.outer(u, u), zero, np.outer(v, v)) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(zero, np.outer(u, u), zero, np.outer(u, u)) == pytest.approx(0.0, abs=1e-9)
    point = np.zeros((300, 300))
    assert frechet_distance(u, point, v, point) == pytest.approx(((u - v) ** 2).sum(), rel=1e-12)


def test_score_follows_from_piqs_network_and_numpys_covariance(
    weights_file: Path, images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = torch.load(weights_file, weights_only=True)
    monkeypatch.setattr(fid_inception, "load_state_dict_from_url", lambda *_, **__: weights)
    network = fid_inception.InceptionV3().eval()

    def features(files: list[Path]) -> np.ndarray:
        rows = []
        for path in files:
            pixels = np.array(Image.open(path).convert("RGB"), dtype=np.float32) / 255
            # What a network makes is a multiple of 4, and the original is compared as far.
            pixels = pixels[: len(pixels) // 4 * 4, : pixels.shape[1] // 4 * 4]
            with torch.no_grad():
                rows.append(network(torch.from_numpy(pixels).permute(2, 0, 1)[None])[0].flatten().numpy())
        return np.array(rows, dtype=np.float64)

    first, second = features(images[:2]), features(images[2:])
    expected = frechet_distance(first.mean(0), np.cov(first.T), second.mean(0), np.cov(second.T))
    score = between(weights_file, images[:2], images[2:])
    assert expected > 1.0
    assert score == pytest.approx(expected, rel=1e-4)


def test_equal_sets_are_at_distance_zero(weights_file: Path, images: list[Path]) -> None:
    assert between(weights_file, images, images[::-1]) == pytest.approx(0.0, abs=1e-6)


def test_one_image_is_no_set(weights_file: Path, images: list[Path]) -> None:
    with pytest.raises(InputError, match="at least two"):
        between(weights_file, images[:1], images)


def test_missing_weights_give_the_reason() -> None:
    with pytest.raises(Unavailable, match="inception lies on no index"):
        FID(StandInAssets(None))


def test_missing_package_is_named(weights_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piq.feature_extractors", None)
    with pytest.raises(Unavailable, match=r"piq.*metrics"):
        FID(StandInAssets(weights_file))
