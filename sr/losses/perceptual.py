"""Perceptual loss on VGG features (SRGAN, Eq. 5, and sec. 3.2 for the scaling; Beby-GAN, Eq. 6)."""

from typing import Any, Literal

import torch
from pydantic import field_validator
from torch.nn import functional

from sr.losses.batch import Batch
from sr.losses.settings import LossSettings, NetworkReplacement, Weights
from sr.networks.operations import forward_operations
from sr.networks.vgg import VGGFeatures


class PerceptualSettings(LossSettings):
    """network: whose features. layers: their names with the factor of each.

    before_activation: features before or after the rectifier.
    feature_scale: every feature map is multiplied by it (SRGAN: 1/12.75).
    distance: mean of the squared (l2) or of the absolute (l1) difference of feature maps.
    """

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

    @property
    def assets(self) -> tuple[str, ...]:
        """The network's weights."""
        return (self.network,)

    def operations(self, hr: torch.Tensor, _judged: float, /) -> float:
        """The original forward, the reconstruction forward and back to its pixels."""
        return 3 * forward_operations(self._features(), hr)

    def replaced(self, replacement: NetworkReplacement, /) -> dict[str, Any]:
        """Network and layers. Layers that get one name add their factors."""
        # A null first removes the recipe's own layers, which the merge would keep.
        layers: dict[str, Any] = dict.fromkeys(self.layers)
        for layer, factor in self.layers.items():
            name = replacement.require(replacement.layers.get(layer, layer))
            layers[name] = (layers.get(name) or 0.0) + factor
        return {"network": replacement.network, "layers": layers}

    def build_with(self, weights: Weights, /) -> "Perceptual":
        """The loss; weights under torchvision's names."""
        return Perceptual(self._features().load(weights(self.network)), self)

    def _features(self) -> VGGFeatures:
        return VGGFeatures(self.network, list(self.layers), before_activation=self.before_activation)


class Perceptual:
    """Weighted sum over layers of the mean squared, or absolute, difference of scaled feature maps.

    SRGAN's Eq. 5 averages over width and height; the mean here is over feature maps as well, because only
    then is the loss, as its sec. 3.2 says, of a scale comparable to the MSE.
    """

    def __init__(self, features: VGGFeatures, settings: PerceptualSettings) -> None:
        self.network: torch.nn.Module = features
        # A scaled distance of feature maps is the distance of scaled ones, without a copy of every map.
        squared = settings.distance == "l2"
        scale = settings.feature_scale**2 if squared else abs(settings.feature_scale)
        self.factors = [factor * scale for factor in settings.layers.values()]
        self.distance = functional.mse_loss if squared else functional.l1_loss

    def __call__(self, batch: Batch) -> torch.Tensor:
        with torch.no_grad():
            targets = self.network(batch.hr)
        outputs = self.network(batch.sr)
        terms = [
            factor * self.distance(output, target)
            for factor, output, target in zip(self.factors, outputs, targets, strict=True)
        ]
        return torch.stack(terms).sum()
