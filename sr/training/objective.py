"""The objective of a recipe: named, unweighted loss terms and the weights that go with them."""

from typing import Protocol, runtime_checkable

import torch

from sr.errors import InputError
from sr.losses.batch import Batch, Loss
from sr.losses.perceptual import Perceptual
from sr.recipes.recipe import Losses


@runtime_checkable
class Game(Protocol):
    """An adversarial loss: its call is the generator's term, this is the discriminator's side."""

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Named terms whose plain sum the discriminator minimises."""
        ...


class Objective:
    """What generator and discriminator minimise.

    The names of the generator's terms are exactly the keys of the recipe's losses: a configured loss
    can not be ignored, and no other one runs. `perceptual_weights` are the pretrained weights of the
    perceptual network, needed when the recipe has a perceptual loss.
    """

    perceptual: Perceptual

    def __init__(self, losses: Losses, perceptual_weights: dict[str, torch.Tensor] | None = None) -> None:
        self.weights = losses.weights()
        self.needs_ema = losses.artifact is not None and losses.artifact.needs_ema
        self._terms: dict[str, Loss] = {}
        for name, settings in losses:
            if name == "perceptual" and settings is not None:
                if perceptual_weights is None:
                    raise InputError(f"the perceptual loss needs the weights of {settings.network}.")
                self.perceptual = settings.build(perceptual_weights)
                self._terms[name] = self.perceptual
            elif settings is not None:
                self._terms[name] = settings.build()
        self._game = next((term for term in self._terms.values() if isinstance(term, Game)), None)

    def generator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Every term of the generator's loss, unweighted."""
        return {name: loss(batch) for name, loss in self._terms.items()}

    def generator_loss(self, terms: dict[str, torch.Tensor]) -> torch.Tensor:
        """The weighted sum of `terms`."""
        return torch.stack([self.weights[name] * term for name, term in terms.items()]).sum()

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The named terms whose plain sum the discriminator minimises; `batch.sr` must be detached."""
        if self._game is None:
            raise ValueError("a recipe without an adversarial loss has nothing for a discriminator to learn")
        return self._game.discriminator_terms(batch)

    def to(self, device: torch.device) -> "Objective":
        """Move the perceptual network to a device."""
        if "perceptual" in self._terms:
            self.perceptual.features.to(device)
        return self
