"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
import torch
from torch import nn

from sr.networks.rrdb import RRDBSettings
from sr.networks.swinir import SwinIRSettings

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A local folder with the benchmark images in their original layout; skips where there is none."""
    folder = Path(os.environ.get("SR_MIRROR", PROJECT.parent / "shared" / "mirror"))
    if not (folder / "benchmark" / "Set5").is_dir():
        pytest.skip(f"no image mirror: set SR_MIRROR to a folder with benchmark/Set5 ({folder} has none)")
    return folder


def small_rrdb(seed: int) -> nn.Module:
    """Weights large enough that every part of the network matters."""
    torch.manual_seed(seed)
    settings = RRDBSettings(
        network="rrdb", blocks=2, channels=8, growth=4, residual_scaling=0.2, initialisation_scale=1.0
    )
    network = settings.build().eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0.0, 0.1)
    return network


@pytest.fixture(scope="session")
def rrdb() -> nn.Module:
    return small_rrdb(0)


@pytest.fixture(scope="session")
def other_rrdb() -> nn.Module:
    return small_rrdb(1)


@pytest.fixture(scope="session")
def swinir() -> nn.Module:
    torch.manual_seed(0)
    settings = SwinIRSettings(
        network="swinir", groups=1, blocks=2, channels=8, heads=2, window=4, mlp_ratio=2, tail_channels=16
    )
    return settings.build().eval()


@pytest.fixture
def benchmarks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up scores may cover a part of a benchmark."""
    for module in ("sr.results.scores", "tests.results.synthetic_scores"):
        monkeypatch.setattr(f"{module}.size_of", lambda _benchmark: None)
