"""A generator without batch statistics, small enough for a step of a millisecond."""

from typing import Any

import torch
from torch import nn

from sr.recipes.recipe import Recipe


class PlainSettings:
    """Stands where a recipe's generator settings stand."""

    def build(self) -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.Tanh(), nn.PixelShuffle(4))

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return {"network": "plain"}


class PlainDiscriminatorSettings:
    """Stands where a recipe's discriminator settings stand."""

    def build(self, patch: int) -> nn.Module:
        side = (patch - 3) // 2 + 1
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, stride=2), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(4 * side * side, 1)
        )


def without_batch_statistics(recipe: Recipe) -> Recipe:
    """`recipe` with networks that treat every image by itself."""
    networks = {"generator": PlainSettings(), "discriminator": PlainDiscriminatorSettings()}
    return recipe.model_copy(update=networks)


def gradients(network: nn.Module) -> list[torch.Tensor]:
    """A copy of every parameter's gradient."""
    return [parameter.grad.clone() for parameter in network.parameters()]
