"""The Wasserstein game with a gradient penalty (Gulrajani et al. 2017; GMGAN, Eq. 10 and 11)."""

import torch

from sr.losses.batch import Batch
from sr.losses.settings import GameSettings


class WassersteinGANSettings(GameSettings):
    """discriminator_weight: factor of everything that the discriminator minimises. penalty: lambda of
    Eq. 11. intensity_range: of the images in whose units the critic's slope is measured.
    """

    discriminator_weight: float
    penalty: float
    intensity_range: tuple[float, float]

    @property
    def needs_second_derivatives(self) -> bool:
        """The penalty's gradient is that of a gradient."""
        return True

    def operations(self, _hr: torch.Tensor, judged: float, /) -> float:
        """The penalty: a gradient, and its gradient to the weights."""
        return 6 * judged

    def build(self) -> "WassersteinGAN":
        """The game."""
        return WassersteinGAN(self)


class WassersteinGAN:
    """-E[D(sr)] for the generator; for the critic E[D(sr)] - E[D(hr)] and a penalty on its gradient.

    The penalty (|grad D(x)|_2 - 1)^2 is taken at one point x a pair of images, at the fraction
    `batch.mixing` of the way from the reconstruction to the original. A slope of 1 depends on the unit of
    intensity: in the settings' range, whatever the critic itself is fed with. Eq. 11 is printed with one more
    1 inside the norm, but is said to be Gulrajani et al.'s penalty, which is this one. It is meant for
    discriminators that judge each image by itself. Raises ValueError without `mixing`.
    """

    def __init__(self, settings: WassersteinGANSettings) -> None:
        self.settings = settings

    def __call__(self, batch: Batch) -> torch.Tensor:
        return -batch.judge(batch.sr).mean()

    def discriminator_terms(self, batch: Batch) -> dict[str, torch.Tensor]:
        """What the critic minimises the sum of; Eq. 2 weighs both terms."""
        factor, penalty = self.settings.discriminator_weight, self.settings.penalty
        low, high = self.settings.intensity_range
        distance = batch.judge(batch.sr).mean() - batch.judge(batch.hr).mean()
        steepness = gradient_penalty(batch, high - low)
        return {"critic": factor * distance, "gradient_penalty": factor * penalty * steepness}


def gradient_penalty(batch: Batch, span: float) -> torch.Tensor:
    """Mean over the images of (|grad D(x)|_2 - 1)^2 at the mixed points, x in a range `span` wide."""
    if batch.mixing is None:
        raise ValueError("a gradient penalty needs the batch's mixing draws")
    fraction = batch.mixing.view(-1, 1, 1, 1)
    points = (fraction * batch.hr + (1 - fraction) * batch.sr).detach().requires_grad_()
    judged = batch.judge(points)
    (gradient,) = torch.autograd.grad(judged.sum(), points, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) / span - 1).square().mean()
