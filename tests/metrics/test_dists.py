"""DISTS against its definition, written out naively, and against piq with the same weights."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from torch.nn import functional

from sr.data.assets import Assets
from sr.errors import InputError, Unavailable
from sr.images import Pixels, read_image
from sr.metrics import dists as module
from sr.metrics.dists import DISTS, l2_pool

piq = pytest.importorskip("piq")

EXAMPLES = Path(__file__).parents[1] / "fixtures" / "lpips"
CHANNELS = (3, 64, 128, 256, 512, 512)


class StandInAssets:
    def __init__(self, dists: Path | None, vgg16: Path | None) -> None:
        self._paths = {"dists": dists, "vgg16": vgg16}

    def find(self, name: str) -> Path | None:
        return self._paths[name]

    def reason(self, name: str) -> str:
        return f"{name} was never fetched"


@pytest.fixture(scope="module")
def vgg() -> torch.nn.Sequential:
    """VGG16's convolutions with weights that keep the signal's size from layer to layer."""
    torch.manual_seed(0)
    with torch.device("meta"):
        network = torchvision.models.vgg16().features
    network.to_empty(device="cpu")
    for layer in network:
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.normal_(layer.weight, std=(2.0 / layer.weight[0].numel()) ** 0.5)
            torch.nn.init.normal_(layer.bias, std=0.1)
    return network.requires_grad_(False)


@pytest.fixture(scope="module")
def similarity_weights() -> dict[str, torch.Tensor]:
    """Random alpha and beta that do not sum to one."""
    generator = torch.Generator().manual_seed(1)
    shape = (1, sum(CHANNELS), 1, 1)
    return {name: torch.rand(shape, generator=generator) for name in ("alpha", "beta")}


@pytest.fixture
def metric(
    vgg: torch.nn.Sequential,
    similarity_weights: dict[str, torch.Tensor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> DISTS:
    path = tmp_path / "weights.pt"
    torch.save(similarity_weights, path)
    backbone = {f"features.{key}": value for key, value in vgg.state_dict().items()}
    monkeypatch.setattr(module, "load_backbone", lambda *_: backbone)
    return DISTS(StandInAssets(path, Path("vgg16")))


def image_pair(height: int = 49, width: int = 66) -> tuple[Pixels, Pixels]:
    generator = np.random.default_rng(5)
    hr = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
    noise = generator.integers(-60, 60, hr.shape)
    return np.clip(hr + noise, 0, 255).astype(np.uint8), hr


def naive_pool(features: torch.Tensor) -> torch.Tensor:
    """sqrt(g * x^2) with the 3 x 3 Hann window g, at every other pixel, zeros outside (eq. 1)."""
    window = np.hanning(5)[1:-1]
    weights = np.outer(window, window) / np.outer(window, window).sum()
    squares = functional.pad(features.double() ** 2, (1, 1, 1, 1))
    height, width = features.shape[-2:]
    rows, columns = math.ceil(height / 2), math.ceil(width / 2)
    out = torch.zeros(*features.shape[:2], rows, columns, dtype=torch.float64)
    for row in range(rows):
        for column in range(columns):
            patch = squares[:, :, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            out[:, :, row, column] = (patch * torch.from_numpy(weights)).sum(dim=(2, 3))
    return out.sqrt()


def naive_layers(vgg: torch.nn.Sequential, pixels: Pixels) -> list[torch.Tensor]:
    image = torch.from_numpy(pixels / 255.0).permute(2, 0, 1)[None]
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(1, 3, 1, 1)
    layers, features = [image], (image - mean) / deviation
    for block in ([0, 2], [5, 7], [10, 12, 14], [17, 19, 21], [24, 26, 28]):
        if block[0]:
            features = naive_pool(features)
        for position in block:
            weight, bias = vgg[position].weight.double(), vgg[position].bias.double()
            features = functional.conv2d(features, weight, bias, padding=1).clamp(min=0)
        layers.append(features)
    return layers


def naive_dists(vgg: torch.nn.Sequential, weights: dict[str, torch.Tensor], sr: Pixels, hr: Pixels) -> float:
    alpha, beta = (weights[name].double().flatten().numpy() for name in ("alpha", "beta"))
    total, distance, number = (alpha.sum() + beta.sum()), 1.0, 0
    for x_layer, y_layer in zip(naive_layers(vgg, sr), naive_layers(vgg, hr), strict=True):
        for x, y in zip(x_layer[0].numpy(), y_layer[0].numpy(), strict=True):
            texture = (2 * x.mean() * y.mean() + 1e-6) / (x.mean() ** 2 + y.mean() ** 2 + 1e-6)
            covariance = ((x - x.mean()) * (y - y.mean())).mean()
            structure = (2 * covariance + 1e-6) / (x.var() + y.var() + 1e-6)
            distance -= (alpha[number] * texture + beta[number] * structure) / total
            number += 1
    return distance


def test_score_is_the_definition(
    metric: DISTS, vgg: torch.nn.Sequential, similarity_weights: dict[str, torch.Tensor]
) -> None:
    sr, hr = image_pair()
    reference = metric.reference(hr)
    for image in (sr, hr[::-1].copy()):
        expected = naive_dists(vgg, similarity_weights, image, hr)
        assert expected > 0.01
        assert metric.score(image, reference) == pytest.approx(expected, abs=1e-6)


def test_score_is_piqs_where_piq_does_not_resize(
    metric: DISTS,
    vgg: torch.nn.Sequential,
    similarity_weights: dict[str, torch.Tensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    total = sum(value.sum() for value in similarity_weights.values())
    normalised = {name: value / total for name, value in similarity_weights.items()}
    backbone = torch.nn.Module()
    backbone.features = torch.nn.Sequential(*vgg)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *_, **__: normalised)
    monkeypatch.setattr(piq.perceptual, "vgg16", lambda **_: backbone)
    other = piq.DISTS()
    sr, hr = image_pair(64, 80)
    tensors = [torch.from_numpy(image / 255.0).float().permute(2, 0, 1)[None] for image in (sr, hr)]
    assert metric.score(sr, metric.reference(hr)) == pytest.approx(other(*tensors).item(), abs=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (4, 6), (7, 5)])
def test_l2_pool_is_its_definition(size: tuple[int, int]) -> None:
    features = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(6))
    torch.testing.assert_close(l2_pool(features).double(), naive_pool(features), rtol=1e-5, atol=1e-5)


def test_an_image_is_at_distance_zero_from_itself(metric: DISTS) -> None:
    _, hr = image_pair()
    assert metric.score(hr, metric.reference(hr)) == pytest.approx(0.0, abs=1e-9)


def test_grey_is_rgb_with_three_equal_channels(metric: DISTS) -> None:
    one, two = (image[:, :, 0] for image in image_pair())
    rgb_one, rgb_two = (np.stack([grey] * 3, axis=2) for grey in (one, two))
    assert metric.score(one, metric.reference(two)) == metric.score(rgb_one, metric.reference(rgb_two))


def test_sizes_must_agree(metric: DISTS) -> None:
    sr, hr = image_pair()
    with pytest.raises(InputError, match="differ in size"):
        metric.score(sr[:, 1:], metric.reference(hr))


@pytest.mark.parametrize("absent", ["dists", "vgg16"])
def test_missing_weights_give_the_reason(absent: str) -> None:
    paths: dict[str, Path | None] = {"dists": Path("weights.pt"), "vgg16": Path("vgg16"), absent: None}
    with pytest.raises(Unavailable, match=f"{absent} was never fetched"):
        DISTS(StandInAssets(**paths))


def test_example_images_with_the_released_weights() -> None:
    """Values that the authors' package DISTS_pytorch 0.1 gives for these files, without resize."""
    assets = Assets.from_environment()
    for name in ("dists", "vgg16"):
        if assets.find(name) is None:
            pytest.skip(assets.reason(name))
    metric = DISTS(assets)
    reference = metric.reference(read_image(EXAMPLES / "ex_ref.png"))
    scores = [metric.score(read_image(EXAMPLES / name), reference) for name in ("ex_p0.png", "ex_p1.png")]
    assert scores == pytest.approx((0.38793, 0.22502), abs=1e-4)
