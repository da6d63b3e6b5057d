"""What every loss is called with."""

from dataclasses import dataclass, replace
from typing import Protocol

import torch


class Loss(Protocol):
    """A loss term: one call, one unweighted scalar."""

    def __call__(self, batch: "Batch") -> torch.Tensor:
        """The term's value for a batch."""
        ...


@dataclass(frozen=True)
class Batch:
    """One training batch. Images are N x 3 x H x W in [0, 1].

    lr: low-resolution input. hr: ground truth. sr: the generator's output for lr.
    discriminator: images to N x 1 logits; absent when the recipe has none.
    sr_ema: output of the generator's exponential moving average for lr, without gradient, where a loss asks.
    mixing: one uniform draw in [0, 1) an image, for the gradient penalty of a Wasserstein game.
    """

    lr: torch.Tensor
    hr: torch.Tensor
    sr: torch.Tensor
    discriminator: torch.nn.Module | None = None
    sr_ema: torch.Tensor | None = None
    mixing: torch.Tensor | None = None

    def detached(self) -> "Batch":
        """The same batch for the discriminator's step: no gradient flows back to the generator."""
        return replace(self, sr=self.sr.detach())

    def judge(self, images: torch.Tensor) -> torch.Tensor:
        """The discriminator's logits for `images`."""
        if self.discriminator is None:
            raise ValueError("an adversarial loss needs a discriminator, and this batch has none")
        return self.discriminator(images)
