"""LPIPS in its versions against the package's own forward pass."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from benchmarks.gpu_scoring import made_up
from benchmarks.scored import pair, random_backbone
from sr.data.assets import Assets
from sr.explain.deep import _resized, variants
from tests.metrics.lpips_package import package, package_score

pytest.importorskip("lpips")

WEIGHTS = {"alex": "alexnet", "vgg": "vgg16"}


def test_every_version_of_lpips_is_the_packages() -> None:
    with made_up(torch.device("cpu")):
        found, _ = variants(["LPIPS"], Assets(Path(), None))
    sr, hr = pair(6, 70, 93)
    whole = {variant.detail: variant.score(sr, hr) for variant in found if variant.border == 0}
    expected = {
        f"{backbone}, v{version}": package_score(package(backbone, version, random_backbone(name)), sr, hr)
        for backbone, name in WEIGHTS.items()
        for version in ("0.0", "0.1")
    }
    assert len(set(expected.values())) == 4
    assert whole == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("height", "width"), [(480, 500), (500, 480), (352, 288), (300, 300), (200, 900)])
def test_256_pixels_are_torchvisions(height: int, width: int) -> None:
    """DISTS' demonstration resizes by it, and it cuts the longer side off."""
    made = _resized(np.zeros((height, width, 3), np.uint8))
    image = torchvision.transforms.functional.resize(Image.new("RGB", (width, height)), 256)
    assert made.shape[:2] == ((image.height, image.width) if min(height, width) > 256 else (height, width))
