"""Pixel-wise mean squared error (SRGAN, Eq. 4)."""

import torch
from torch.nn import functional

from sr.config import Strict
from sr.losses.batch import Batch


class MSESettings(Strict):
    """weight: factor of the term. intensity_range: the range of images the error is taken on."""

    weight: float
    intensity_range: tuple[float, float]

    def build(self) -> "MSE":
        """The loss."""
        low, high = self.intensity_range
        return MSE(high - low)


class MSE:
    """Mean of the squared difference over pixels and channels, for images rescaled from [0, 1] to a width
    of `span` (2 for the paper's [-1, 1]).
    """

    def __init__(self, span: float) -> None:
        self.span = span

    def __call__(self, batch: Batch) -> torch.Tensor:
        return functional.mse_loss(batch.sr, batch.hr) * self.span**2
