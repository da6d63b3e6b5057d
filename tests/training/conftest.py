"""A tiny recipe, and a packed training set of random images."""

from pathlib import Path

import numpy as np
import pytest

from sr.data.packing import PackedSet, pack
from sr.images import write_png
from sr.training.recipe import Recipe


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
            "distinct_images": True,
            "augmentation": {"flip": True, "rotate": True},
            "generator": {
                "network": "srresnet",
                "blocks": 1,
                "channels": 4,
                "kernel": 3,
                "long_skip": True,
            },
            "discriminator": {"network": "srgan_discriminator", "channels": 2, "dense": 4},
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
