"""The original adversarial game with the non-saturating generator loss (SRGAN, Eq. 2 and 6)."""

import torch
from torch.nn import functional

from sr.losses.batch import Batch
from sr.losses.settings import GameSettings


class StandardGANSettings(GameSettings):
    """Nothing but the weight."""

    def build(self) -> "StandardGAN":
        """The game."""
        return StandardGAN()


class StandardGAN:
    """-log D(G(lr)) for the generator (Eq. 6), -log D(hr) - log(1 - D(G(lr))) for the other side (Eq. 2)."""

    def __call__(self, batch: Batch) -> torch.Tensor:
        return functional.softplus(-batch.judge(batch.sr)).mean()

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """What the discriminator minimises the sum of."""
        real = functional.softplus(-batch.judge(batch.hr)).mean()
        fake = functional.softplus(batch.judge(batch.sr)).mean()
        return {"discriminator": real + fake}
