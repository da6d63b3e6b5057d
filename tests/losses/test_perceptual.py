"""The perceptual loss against Eq. 5, feature by feature, with a network small enough to loop over."""

from typing import Any

import pytest
import torch
from torch import nn

from sr.losses.batch import Batch
from sr.losses.perceptual import Perceptual, PerceptualSettings

SETTINGS = {
    "weight": 1.0,
    "network": "vgg19",
    "before_activation": False,
    "feature_scale": 1.0,
    "distance": "l2",
}


class TwoLayers(nn.Module):
    """Stands in for VGG: two feature maps computed in a way that loops can follow."""

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        return [images.tanh(), (images[:, :1] * images[:, 1:2])]


def perceptual(factors: list[float], scale: float, distance: str) -> Perceptual:
    """The loss on the two layers."""
    layers = dict(zip(("conv1_1", "conv1_2"), factors, strict=True))
    settings = PerceptualSettings.model_validate(SETTINGS | {"layers": layers, "feature_scale": scale})
    features: Any = TwoLayers()
    return Perceptual(features, settings.model_copy(update={"distance": distance}))


@pytest.mark.parametrize(("distance", "power"), [("l2", 2), ("l1", 1)])
def test_equals_the_equation(batch: Batch, distance: str, power: int) -> None:
    scale, factors = 1 / 12.75, [1.0, 0.25]
    ours = perceptual(factors, scale, distance)(batch)
    naive = torch.zeros((), dtype=torch.float64)
    for factor, sr, hr in zip(factors, TwoLayers()(batch.sr), TwoLayers()(batch.hr), strict=True):
        layer = torch.zeros((), dtype=torch.float64)
        for index in range(sr.numel()):
            layer = layer + (hr.flatten()[index] * scale - sr.flatten()[index] * scale).abs() ** power
        naive = naive + factor * layer / sr.numel()
    assert abs((ours - naive).item()) < 1e-8
    gradient = torch.autograd.grad(ours, batch.sr, retain_graph=True)[0]
    assert torch.allclose(gradient, torch.autograd.grad(naive, batch.sr)[0], atol=1e-9)


def test_scale_squared_is_the_papers_factor(batch: Batch) -> None:
    """SRGAN sec. 3.2: rescaling by 1/12.75 multiplies Eq. 5 by about 0.006."""
    scaled = perceptual([1.0, 0.0], 1 / 12.75, "l2")(batch)
    plain = perceptual([1.0, 0.0], 1.0, "l2")(batch)
    assert (scaled / plain).item() == pytest.approx(0.006, abs=2e-4)


def test_a_variant_takes_a_layer_away() -> None:
    layers = {"conv2_2": None, "conv5_4": 1.0}
    settings = PerceptualSettings.model_validate(SETTINGS | {"layers": layers})
    assert settings.layers == {"conv5_4": 1.0}
