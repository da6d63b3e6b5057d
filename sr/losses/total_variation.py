"""Total variation (Aly and Dubois 2005), the regulariser of SRResNet-VGG22 (SRGAN, sec. 3.4)."""

import torch

from sr.losses.batch import Batch
from sr.losses.settings import LossSettings


class TotalVariationSettings(LossSettings):
    """intensity_range: the range of images the variation is taken on."""

    intensity_range: tuple[float, float]

    def build(self) -> "TotalVariation":
        """The loss."""
        low, high = self.intensity_range
        return TotalVariation(high - low)


class TotalVariation:
    """Sum over pixels and channels of the absolute differences to the right and lower neighbours,
    averaged over the images of the batch, for images rescaled from [0, 1] to a width of `span`.
    """

    def __init__(self, span: float) -> None:
        self.span = span

    def __call__(self, batch: Batch) -> torch.Tensor:
        sr = batch.sr
        vertical = (sr[:, :, 1:] - sr[:, :, :-1]).abs().sum()
        horizontal = (sr[:, :, :, 1:] - sr[:, :, :, :-1]).abs().sum()
        return (vertical + horizontal) * self.span / sr.shape[0]
