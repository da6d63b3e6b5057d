"""What metrics are measured on without downloads: a pair of images, weights and parameters."""

from pathlib import Path

import numpy as np
import torch
from scipy.io import savemat

from benchmarks.material import random_weights
from sr.data.assets import Assets
from sr.images import Pixels

_CHANNELS = 1475  # of DISTS' six layers


class OneFile(Assets):
    """Assets with one file."""

    def __init__(self, name: str, path: Path) -> None:
        self._name, self._path = name, path

    def find(self, name: str) -> Path | None:
        return self._path if name == self._name else None


def pair(seed: int, height: int, width: int) -> tuple[Pixels, Pixels]:
    """A degraded version of something with the spectrum of a photograph, and that itself."""
    generator = np.random.default_rng(seed)
    fields = generator.normal(0.0, 1.0, (height, width, 3)).cumsum(axis=0).cumsum(axis=1)
    hr = (fields - fields.min()) / np.ptp(fields) * 255.0 + generator.normal(0.0, 5.0, fields.shape)
    sr = hr + generator.normal(0.0, 8.0, hr.shape)
    return (np.clip(sr, 0, 255).astype(np.uint8), np.clip(hr, 0, 255).astype(np.uint8))


def niqe_parameters(folder: Path) -> OneFile:
    """Made-up parameters, on which the time does not depend."""
    path = folder / "niqe_modelparameters.mat"
    savemat(path, {"mu_prisparam": np.ones((1, 36)), "cov_prisparam": np.eye(36)})
    return OneFile("niqe", path)


def dists_factors(folder: Path) -> OneFile:
    """Random factors of texture and structure."""
    path = folder / "dists.pt"
    draws = torch.Generator().manual_seed(0)
    torch.save({name: torch.rand(1, _CHANNELS, 1, 1, generator=draws) for name in ("alpha", "beta")}, path)
    return OneFile("dists", path)


def random_backbone(name: str) -> dict[str, torch.Tensor]:
    """Weights of AlexNet's or VGG's shapes, drawn as He et al. (2015) do."""
    if name != "alexnet":
        return random_weights(name)
    from torchvision.models import alexnet

    with torch.device("meta"):
        shapes = alexnet().state_dict()
    draws = torch.Generator().manual_seed(0)
    return {
        key: torch.randn(value.shape, generator=draws) * (2.0 / value[0].numel()) ** 0.5
        if value.dim() > 1
        else torch.zeros(value.shape)
        for key, value in shapes.items()
        if key.startswith("features.")
    }
