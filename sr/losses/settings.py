"""What a loss states in a recipe, and what it declares to need: nothing else knows a loss by its name."""

from collections.abc import Callable
from typing import Any, Literal

import torch
from pydantic import model_validator

from sr.config import Strict, nearest
from sr.losses.batch import Loss
from sr.networks.vgg import convolution_positions

# From an asset's name to its pretrained weights.
Weights = Callable[[str], dict[str, torch.Tensor]]


class NetworkReplacement(Strict):
    """Another network for losses on VGG features; `layers` maps names a recipe may use to those of this one.

    A layer that is not in `layers` keeps its name.
    """

    network: Literal["vgg16", "vgg19"]
    layers: dict[str, str]

    @model_validator(mode="after")
    def _layers_exist(self) -> "NetworkReplacement":
        for layer in self.layers.values():
            self.require(layer)
        return self

    def require(self, layer: str) -> str:
        """`layer`. Raises ValueError when the network has none of that name."""
        names = list(convolution_positions(self.network))
        if layer not in names:
            raise ValueError(f"{self.network} has no '{layer}'; {nearest(layer, names)}")
        return layer


class LossSettings(Strict):
    """weight: factor of the term. A loss overrides below what it needs beside the batch's images."""

    weight: float

    @property
    def assets(self) -> tuple[str, ...]:
        """Assets with the pretrained weights that it is built with."""
        return ()

    @property
    def needs_ema(self) -> bool:
        """Whether the batch must bring the output of the generator's moving average."""
        return False

    @property
    def needs_second_derivatives(self) -> bool:
        """Whether the discriminator is differentiated twice, and so kept in float32."""
        return False

    @property
    def compares_within_batch(self) -> bool:
        """Whether an image's term depends on the other images that are judged with it."""
        return False

    def operations(self, _hr: torch.Tensor, _judged: float, /) -> float:
        """Floating point operations of the networks it calls in one step, for an HR image of this shape.

        judged: those of one forward pass of the discriminator. That the generator's update judges the fake,
        and the discriminator's the fake and the original, is counted for every game and not here.
        """
        return 0.0

    def replaced(self, _replacement: NetworkReplacement, /) -> dict[str, Any]:
        """The fields that change when a budget puts another network in place of the loss's own.

        Raises ValueError when the replacement lacks something that the loss asks for.
        """
        return {}

    def build(self) -> Loss:
        """The loss, for one that declares no assets."""
        raise TypeError(f"{type(self).__name__} is built with its pretrained weights")

    def build_with(self, _weights: Weights, /) -> Loss:
        """The loss; one that declares assets overrides this, asks `weights` for them, and has no `build`."""
        return self.build()


class GameSettings(LossSettings):
    """An adversarial game: what it builds has `discriminator_terms` beside its call, the generator's term."""
