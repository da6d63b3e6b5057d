"""LPIPS in its versions against the package's own forward pass."""

from pathlib import Path

import pytest
import torch

from benchmarks.gpu_scoring import made_up
from benchmarks.scored import pair, random_backbone
from sr.data.assets import Assets
from sr.explain.deep import variants
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
