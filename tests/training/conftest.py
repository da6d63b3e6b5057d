"""A tiny recipe, and a packed training set of random images."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.benchmarks import prepare
from sr.data.packer import pack
from sr.data.packing import PackedSet
from sr.images import write_png
from sr.recipes.budget import Budget
from sr.recipes.recipe import Recipe
from sr.training import run as runs
from tests.training.tiny_run import tiny


@pytest.fixture
def recipe() -> Recipe:
    """SRGAN-MSE, shrunk until a step takes milliseconds."""
    return Recipe.model_validate(
        {
            "title": "tiny",
            "start": None,
            "training_set": "noise",
            "batch": 2,
            "patch": 16,
            "sampling": "image",
            "distinct_images": True,
            "augmentation": {"flip": True, "rotate": True},
            "generator": {
                "network": "srresnet",
                "blocks": 1,
                "channels": 4,
                "kernel": 3,
                "long_skip": True,
                "batch_normalisation": True,
                "prelu": "channel",
            },
            "discriminator": {
                "network": "srgan_discriminator",
                "channels": 2,
                "dense": 4,
                "normalisation": "batch",
            },
            "losses": {
                "mse": {"weight": 1.0, "intensity_range": [-1, 1]},
                "standard_gan": {"weight": 1e-3},
            },
            "optimiser": {"learning_rate": 1e-3, "betas": [0.9, 0.999]},
            "schedule": {"iterations": 6, "milestones": [4], "factor": 0.1},
        }
    )


@pytest.fixture
def packed(tmp_path: Path) -> PackedSet:
    random = np.random.default_rng(0)
    for number in range(4):
        write_png(tmp_path / "noise" / f"{number}.png", random.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    pack("noise", sorted((tmp_path / "noise").iterdir()), tmp_path / "packed")
    return PackedSet(tmp_path / "packed")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Smooth images to train on, and one to validate on."""
    random = np.random.default_rng(0)
    for number in range(9):
        coarse = torch.from_numpy(random.random((1, 3, 8, 8)))
        smooth = torch.nn.functional.interpolate(coarse, size=(64, 64), mode="bicubic").clamp(0, 1)
        folder = "train" if number < 8 else "test"
        pixels = (smooth[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        write_png(tmp_path / folder / f"{number}.png", pixels)
    pack("smooth", sorted((tmp_path / "train").iterdir()), tmp_path / "packed")
    prepare("one", sorted((tmp_path / "test").iterdir()), tmp_path / "benchmark")
    return tmp_path


@pytest.fixture
def tiny_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every budget is thirty steps."""
    monkeypatch.setattr(runs, "load_budget", lambda _name: tiny())


@pytest.fixture
def no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty steps teach nothing, and here that is no failure."""
    monkeypatch.setattr(Recipe, "psnr_oriented", property(lambda _self: False))
    monkeypatch.setattr(Budget, "share", lambda self, _recipe: self.psnr_oriented)
