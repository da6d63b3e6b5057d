"""The relativistic average game (Jolicoeur-Martineau 2018; ESRGAN, Eq. 1 and 2; Beby-GAN, Eq. 7 to 9)."""

import torch
from torch.nn import functional

from sr.distributed import global_mean
from sr.losses.batch import Batch
from sr.losses.region_mask import RegionMaskSettings
from sr.losses.settings import GameSettings


class RelativisticGANSettings(GameSettings):
    """region_mask: what the discriminator sees (Beby-GAN), or all.

    constant_means: in the discriminator's step the other side's mean counts as a constant, as in the code
    that ESRGAN's, Beby-GAN's and LDL's authors released; as the papers write it, gradient flows through both.
    """

    constant_means: bool = False
    region_mask: RegionMaskSettings | None

    @property
    def compares_within_batch(self) -> bool:
        """The means of both terms are over the images judged together."""
        return True

    def operations(self, _hr: torch.Tensor, judged: float, /) -> float:
        """The generator's update judges the original as well."""
        return judged

    def build(self) -> "RelativisticGAN":
        """The game."""
        return RelativisticGAN(self)


class RelativisticGAN:
    """Real images should seem more real than fakes do on average, and fakes less real than real ones do.

    With D(a, b) = sigmoid(C(a) - mean C(b)) the discriminator minimises
    -E[log D(real, fake)] - E[log(1 - D(fake, real))], and the generator the same with the roles exchanged.
    Both of the generator's terms depend on the fakes. Means are over the global batch.
    """

    def __init__(self, settings: RelativisticGANSettings) -> None:
        self.mask = settings.region_mask.build() if settings.region_mask else None
        self.constant_means = settings.constant_means

    def __call__(self, batch: Batch) -> torch.Tensor:
        real, fake = self._judged(batch)
        return _first_is_more_real(fake, real)

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """What the discriminator minimises the sum of."""
        real, fake = self._judged(batch)
        return {"discriminator": _first_is_more_real(real, fake, constant_means=self.constant_means)}

    def _judged(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """C(hr) and C(sr), of the regions the mask leaves (Beby-GAN, sec. 3.2: the same mask for both)."""
        if self.mask is None:
            return batch.judge(batch.hr), batch.judge(batch.sr)
        mask = self.mask(batch)
        return batch.judge(batch.hr * mask), batch.judge(batch.sr * mask)


def _first_is_more_real(
    first: torch.Tensor, second: torch.Tensor, *, constant_means: bool = False
) -> torch.Tensor:
    """-E[log sigmoid(first - mean second)] - E[log(1 - sigmoid(second - mean first))], on N x 1 logits."""
    means = global_mean(first), global_mean(second)
    mean_first, mean_second = (mean.detach() for mean in means) if constant_means else means
    above = functional.softplus(mean_second - first).mean()
    below = functional.softplus(second - mean_first).mean()
    return above + below
