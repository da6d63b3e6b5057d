"""LPIPS against the package's own forward pass and against published values of its example images."""

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from sr.data.assets import Assets
from sr.errors import InputError, Unavailable
from sr.images import Pixels, read_image
from sr.metrics import lpips as module
from sr.metrics.lpips import LPIPS
from tests.metrics.lpips_package import package, package_score

pytest.importorskip("lpips")

EXAMPLES = Path(__file__).parents[1] / "fixtures" / "lpips"


class StandInAssets:
    """Has every weight file or none."""

    def __init__(self, *, present: bool = True) -> None:
        self._present = present

    def find(self, name: str) -> Path | None:
        return Path(name) if self._present else None

    def reason(self, name: str) -> str:
        return f"{name} was never fetched"


def random_backbone(name: str) -> dict[str, torch.Tensor]:
    """Weights by torchvision's names that keep the signal's size from layer to layer."""
    with torch.device("meta"):
        shapes = {"alexnet": torchvision.models.alexnet, "vgg16": torchvision.models.vgg16}[name]()
    generator = torch.Generator().manual_seed(0)
    weights = {}
    for key, value in shapes.state_dict().items():
        if key.startswith("features."):
            scale = (2.0 / value[0].numel()) ** 0.5 if value.ndim == 4 else 0.1
            weights[key] = scale * torch.randn(value.shape, generator=generator)
    return weights


@pytest.fixture
def metric(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> LPIPS:
    monkeypatch.setattr(module, "load_backbone", lambda _, name: random_backbone(name))
    return LPIPS(request.param, StandInAssets())


def random_images(count: int, height: int = 70, width: int = 93) -> list[Pixels]:
    generator = np.random.default_rng(4)
    return [generator.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(count)]


@pytest.mark.parametrize(("metric", "backbone"), [("alex", "alex"), ("vgg", "vgg")], indirect=["metric"])
@pytest.mark.parametrize("strip", [2**22, 5000], ids=["one strip", "many strips"])
def test_one_reference_serves_all_sources_as_the_package_would(
    metric: LPIPS, backbone: str, strip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STRIP", strip)
    network = package(backbone, "0.1", random_backbone({"alex": "alexnet", "vgg": "vgg16"}[backbone]))
    hr, *sources = random_images(3)
    sources.append(np.clip(hr.astype(int) + 20, 0, 255).astype(np.uint8))
    reference = metric.reference(hr)
    for source in sources:
        expected = package_score(network, source, hr)
        assert expected > 0.001
        assert metric.score(source, reference) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("metric", ["alex"], indirect=True)
def test_an_image_is_at_distance_zero_from_itself(metric: LPIPS) -> None:
    (hr,) = random_images(1)
    assert metric.score(hr, metric.reference(hr)) == 0.0


@pytest.mark.parametrize("metric", ["alex"], indirect=True)
def test_grey_is_rgb_with_three_equal_channels(metric: LPIPS) -> None:
    one, two = (image[:, :, 0] for image in random_images(2))
    rgb_one, rgb_two = (np.stack([grey] * 3, axis=2) for grey in (one, two))
    assert metric.score(one, metric.reference(two)) == metric.score(rgb_one, metric.reference(rgb_two))


@pytest.mark.parametrize("metric", ["alex"], indirect=True)
def test_sizes_must_agree(metric: LPIPS) -> None:
    hr, sr = random_images(2)
    with pytest.raises(InputError, match="differ in size"):
        metric.score(sr[8:], metric.reference(hr))


@pytest.mark.parametrize(
    ("metric", "side"), [("alex", 31), ("vgg", 16)], indirect=["metric"], ids=["alex", "vgg"]
)
def test_smallest_side(metric: LPIPS, side: int) -> None:
    one, two = random_images(2, side, side)
    assert metric.score(one, metric.reference(two)) > 0.0
    with pytest.raises(InputError, match=f"at least {side}"):
        metric.reference(one[1:])


def test_missing_weights_give_the_reason() -> None:
    with pytest.raises(Unavailable, match="alexnet was never fetched"):
        LPIPS("alex", StandInAssets(present=False))


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lpips", None)
    with pytest.raises(Unavailable, match=r"package lpips.*metrics"):
        LPIPS("alex", StandInAssets())


def test_building_it_is_silent(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(module, "load_backbone", lambda _, name: random_backbone(name))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LPIPS("alex", StandInAssets())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("backbone", "weights", "values"),
    [("alex", "alexnet", (0.7219, 0.1376)), ("vgg", "vgg16", (0.5686, 0.4217))],
)
def test_example_images_of_the_package(backbone: str, weights: str, values: tuple[float, float]) -> None:
    """Values of the package's own example images with the official weights."""
    assets = Assets.from_environment()
    if assets.find(weights) is None:
        pytest.skip(assets.reason(weights))
    metric = LPIPS(backbone, assets)
    reference = metric.reference(read_image(EXAMPLES / "ex_ref.png"))
    scores = [metric.score(read_image(EXAMPLES / name), reference) for name in ("ex_p0.png", "ex_p1.png")]
    assert scores == pytest.approx(values, abs=1e-3)
