"""Mean absolute error (ESRGAN, Eq. 3: the content loss)."""

import torch
from torch.nn import functional

from sr.config import Strict
from sr.losses.batch import Batch


class L1Settings(Strict):
    """weight: factor of the term."""

    weight: float

    def build(self) -> "L1":
        """The loss."""
        return L1()


class L1:
    """Mean of the absolute difference over pixels and channels, for images in [0, 1]."""

    def __call__(self, batch: Batch) -> torch.Tensor:
        return functional.l1_loss(batch.sr, batch.hr)
