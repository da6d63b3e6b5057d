"""Back-projection: the output, reduced again, must be the input (Beby-GAN, Eq. 4)."""

import torch
from torch.nn import functional

from sr.degradation import bicubic
from sr.losses.batch import Batch, at_least_float32, full_precision
from sr.losses.settings import LossSettings


class BackProjectionSettings(LossSettings):
    """Nothing but the weight."""

    def build(self) -> "BackProjection":
        """The loss."""
        return BackProjection()


class BackProjection:
    """Mean absolute difference between the bicubically (MATLAB) reduced output and the low-resolution input.

    Eq. 4 writes an L1 norm; the mean over pixels and channels is that norm at a scale that does not
    depend on the patch.
    """

    def __call__(self, batch: Batch) -> torch.Tensor:
        sr, lr = at_least_float32(batch.sr), at_least_float32(batch.lr)
        with full_precision(sr.device):
            reduced = bicubic(sr, lr.shape[-1] / sr.shape[-1])
        return functional.l1_loss(reduced, lr)
