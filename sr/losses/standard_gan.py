"""The original adversarial game with the non-saturating generator loss (SRGAN, Eq. 2 and 6)."""

import torch
from torch.nn import functional

from sr.config import Strict
from sr.losses.batch import Batch


class StandardGANSettings(Strict):
    """weight: factor of the generator's term."""

    weight: float


def generator_loss(batch: Batch) -> torch.Tensor:
    """-log D(G(lr)), averaged over the batch (Eq. 6)."""
    return functional.softplus(-batch.judge(batch.sr)).mean()


def discriminator_loss(batch: Batch) -> torch.Tensor:
    """-log D(hr) - log(1 - D(G(lr))), averaged over the batch (Eq. 2, to be minimised)."""
    real = functional.softplus(-batch.judge(batch.hr)).mean()
    fake = functional.softplus(batch.judge(batch.sr)).mean()
    return real + fake
