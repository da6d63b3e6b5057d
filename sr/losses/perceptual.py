"""Perceptual loss on VGG features (SRGAN, Eq. 5, and sec. 3.2 for the scaling; Beby-GAN, Eq. 6)."""

from typing import Any, Literal

import torch
from pydantic import field_validator
from torch.nn import functional

from sr.config import Strict
from sr.losses.batch import Batch
from sr.networks.vgg import VGGFeatures


class PerceptualSettings(Strict):
    """weight: factor of the term. network: whose features. layers: their names with the factor of each.

    before_activation: features before or after the rectifier.
    feature_scale: every feature map is multiplied by it (SRGAN: 1/12.75).
    distance: mean of the squared (l2) or of the absolute (l1) difference of feature maps.
    """

    weight: float
    network: Literal["vgg16", "vgg19"]
    layers: dict[str, float]
    before_activation: bool
    feature_scale: float
    distance: Literal["l1", "l2"]

    @field_validator("layers", mode="before")
    @classmethod
    def _without_absent(cls, layers: Any) -> Any:
        """A variant takes a layer away by giving it null."""
        if not isinstance(layers, dict):
            return layers
        return {name: factor for name, factor in layers.items() if factor is not None}

    def build(self, weights: dict[str, torch.Tensor]) -> "Perceptual":
        """The loss with pretrained `weights` (torchvision's names)."""
        features = VGGFeatures(self.network, list(self.layers), before_activation=self.before_activation)
        return Perceptual(features.load(weights), self)


class Perceptual:
    """Weighted sum over layers of the mean squared, or absolute, difference of scaled feature maps.

    SRGAN's Eq. 5 averages over width and height; the mean here is over feature maps as well, because only
    then is the loss, as its sec. 3.2 says, of a scale comparable to the MSE.
    """

    def __init__(self, features: VGGFeatures, settings: PerceptualSettings) -> None:
        self.features = features
        # A scaled distance of feature maps is the distance of scaled ones, without a copy of every map.
        squared = settings.distance == "l2"
        scale = settings.feature_scale**2 if squared else abs(settings.feature_scale)
        self.factors = [factor * scale for factor in settings.layers.values()]
        self.distance = functional.mse_loss if squared else functional.l1_loss

    def __call__(self, batch: Batch) -> torch.Tensor:
        with torch.no_grad():
            targets = self.features(batch.hr)
        outputs = self.features(batch.sr)
        terms = [
            factor * self.distance(output, target)
            for factor, output, target in zip(self.factors, outputs, targets, strict=True)
        ]
        return torch.stack(terms).sum()
