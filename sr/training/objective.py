"""The objective of a recipe: named, unweighted loss terms and the weights that go with them."""

from typing import Protocol, runtime_checkable

import torch

from sr.errors import InputError
from sr.losses.batch import Batch, Pretrained
from sr.losses.settings import Weights
from sr.recipes.recipe import Losses


@runtime_checkable
class Game(Protocol):
    """An adversarial loss: its call is the generator's term, this is the discriminator's side."""

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Named terms whose plain sum the discriminator minimises."""
        ...


def no_weights(name: str) -> dict[str, torch.Tensor]:
    """For recipes whose losses need no pretrained weights."""
    raise InputError(f"a loss needs the weights of {name}, and none are given.")


class Objective:
    """What generator and discriminator minimise.

    The names of the generator's terms are exactly the keys of the recipe's losses: a configured loss
    can not be ignored, and no other one runs. weights: gives the pretrained weights of an asset that a loss
    declares, by its name. What the losses need of the loop, they say by their settings (`LossSettings`).
    """

    def __init__(self, losses: Losses, weights: Weights = no_weights) -> None:
        settings = losses.present
        self.weights = losses.weights()
        self.needs_ema = losses.needs_ema
        self.needs_second_derivatives = any(one.needs_second_derivatives for one in settings.values())
        self.compares_within_batch = any(one.compares_within_batch for one in settings.values())
        self.terms = {name: one.build_with(weights) for name, one in settings.items()}
        self._game = next((term for term in self.terms.values() if isinstance(term, Game)), None)

    @property
    def pretrained(self) -> list[Pretrained]:
        """The terms with a frozen network of their own."""
        return [term for term in self.terms.values() if isinstance(term, Pretrained)]

    def generator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Every term of the generator's loss, unweighted."""
        return {name: loss(batch) for name, loss in self.terms.items()}

    def generator_loss(self, terms: dict[str, torch.Tensor]) -> torch.Tensor:
        """The weighted sum of `terms`."""
        return torch.stack([self.weights[name] * term for name, term in terms.items()]).sum()

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The named terms whose plain sum the discriminator minimises; `batch.sr` must be detached."""
        if self._game is None:
            raise ValueError("a recipe without an adversarial loss has nothing for a discriminator to learn")
        return self._game.discriminator_terms(batch)

    def to(self, device: torch.device, layout: torch.memory_format) -> "Objective":
        """Move the losses' networks to a device, their convolutions' weights in that layout."""
        for term in self.pretrained:
            term.network.to(device).to(memory_format=layout)
        return self
