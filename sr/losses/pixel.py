"""Pixel errors: the mean squared one (SRGAN, Eq. 4) and the mean absolute one (ESRGAN, Eq. 3)."""

import torch
from torch.nn import functional

from sr.losses.batch import Batch
from sr.losses.settings import LossSettings


class MSESettings(LossSettings):
    """intensity_range: the range of images the error is taken on."""

    intensity_range: tuple[float, float]

    def build(self) -> "MSE":
        """The loss."""
        low, high = self.intensity_range
        return MSE(high - low)


class MSE:
    """Mean of the squared difference over pixels and channels, for images rescaled from [0, 1] to a width
    of `span` (2 for SRGAN's [-1, 1]).
    """

    def __init__(self, span: float) -> None:
        self.span = span

    def __call__(self, batch: Batch) -> torch.Tensor:
        return functional.mse_loss(batch.sr, batch.hr) * self.span**2


class L1Settings(LossSettings):
    """Nothing but the weight."""

    def build(self) -> "L1":
        """The loss."""
        return L1()


class L1:
    """Mean of the absolute difference over pixels and channels, for images in [0, 1]."""

    def __call__(self, batch: Batch) -> torch.Tensor:
        return functional.l1_loss(batch.sr, batch.hr)
