"""The objective of a recipe: named, unweighted loss terms and the weights that go with them."""

import torch

from sr.errors import InputError
from sr.losses import standard_gan
from sr.losses.batch import Batch, Loss
from sr.training.recipe import Losses


class Objective:
    """What generator and discriminator minimise.

    The names of the generator's terms are exactly the keys of the recipe's losses: a configured loss
    can not be ignored, and no other one runs. `perceptual_weights` are the pretrained weights of the
    perceptual network, needed when the recipe has a perceptual loss.
    """

    def __init__(self, losses: Losses, perceptual_weights: dict[str, torch.Tensor] | None = None) -> None:
        self.weights = losses.weights()
        self._terms: dict[str, Loss] = {}
        if losses.mse is not None:
            self._terms["mse"] = losses.mse.build()
        if losses.total_variation is not None:
            self._terms["total_variation"] = losses.total_variation.build()
        if losses.perceptual is not None:
            if perceptual_weights is None:
                raise InputError(f"the perceptual loss needs the weights of {losses.perceptual.network}.")
            self.perceptual = losses.perceptual.build(perceptual_weights)
            self._terms["perceptual"] = self.perceptual
        if losses.standard_gan is not None:
            self._terms["standard_gan"] = standard_gan.generator_loss
        if self._terms.keys() != self.weights.keys():
            raise AssertionError(f"terms {sorted(self._terms)} are not the recipe's {sorted(self.weights)}")

    def generator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Every term of the generator's loss, unweighted."""
        return {name: loss(batch) for name, loss in self._terms.items()}

    def generator_loss(self, terms: dict[str, torch.Tensor]) -> torch.Tensor:
        """The weighted sum of `terms`."""
        return torch.stack([self.weights[name] * term for name, term in terms.items()]).sum()

    @property
    def needs_ema(self) -> bool:
        """Whether a term uses the averaged generator's output."""
        return False

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The named terms whose plain sum the discriminator minimises; `batch.sr` must be detached."""
        return {"discriminator": standard_gan.discriminator_loss(batch)}

    def discriminator_loss(self, batch: Batch) -> torch.Tensor:
        """The discriminator's side of the game; `batch.sr` must be detached."""
        return torch.stack(list(self.discriminator_terms(batch).values())).sum()

    def to(self, device: torch.device) -> "Objective":
        """Move the perceptual network to a device."""
        if "perceptual" in self._terms:
            self.perceptual.features.to(device)
        return self
