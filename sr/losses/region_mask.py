"""The mask that keeps an adversarial game to textured regions (Beby-GAN, Eq. 5)."""

from typing import Literal

import torch
from torch.nn import functional

from sr.config import Strict
from sr.losses.batch import Batch
from sr.losses.box_filter import Window, local_variance

_LUMA = (0.2989, 0.587, 0.114)


class RegionMaskSettings(Strict):
    """patch: side of the patches whose deviation is taken. threshold: the least deviation of a texture.

    image: `hr` (the paper), or `enlarged_lr`, the bicubically enlarged input (the released code).
    """

    patch: Window
    threshold: float
    image: Literal["hr", "enlarged_lr"]

    def build(self) -> "RegionMask":
        """The mask."""
        return RegionMask(self)


class RegionMask:
    """1 where the standard deviation of the patch around a pixel reaches the threshold, else 0.

    Called on a batch, gives N x 1 x H x W of the ground truth's type, without gradient. The paper leaves
    three things open, which are taken from the released code: the deviation is that of the luma
    0.2989 R + 0.587 G + 0.114 B (Eq. 5 has k^2 values a patch, so one channel), unbiased, and images are
    mirrored at the borders.
    """

    def __init__(self, settings: RegionMaskSettings) -> None:
        self.settings = settings

    @torch.no_grad()
    def __call__(self, batch: Batch) -> torch.Tensor:
        red, green, blue = (
            factor * plane for factor, plane in zip(_LUMA, self._image(batch).unbind(1), strict=True)
        )
        # In float64, so that rounding does not decide at the threshold.
        variance = local_variance((red + green + blue)[:, None].double(), self.settings.patch)
        return (variance.sqrt() >= self.settings.threshold).to(batch.hr.dtype)

    def _image(self, batch: Batch) -> torch.Tensor:
        if self.settings.image == "hr":
            return batch.hr
        return functional.interpolate(batch.lr, batch.hr.shape[-2:], mode="bicubic", align_corners=False)
