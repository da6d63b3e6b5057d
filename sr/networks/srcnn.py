"""SRCNN (Dong, Loy, He, Tang, "Image Super-Resolution Using Deep Convolutional Networks", TPAMI 2016).

Patch extraction, non-linear mapping and reconstruction (sec. 3.1) are three convolutions on the luminance of
an image that was enlarged before. What goes before and after is that of SelfExSR's authors, who put SRCNN's
results online that SRGAN's Table 2 was computed from: luminance is enlarged without rounding, colour in 8
bits, and the result's luminance is rounded before colour comes back.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sr.config import Strict
from sr.degradation import Border, bicubic, bicubic_along
from sr.networks.luminance import LuminanceNetwork, to_rgb, to_ycbcr, whole

_SCALE = 4
_BORDER: Border = "repeated"


class SRCNNSettings(Strict):
    """Shape of the network: sides of the three kernels, feature maps after the first and the second."""

    network: Literal["srcnn"]
    kernels: tuple[int, int, int]
    channels: tuple[int, int]

    def build(self) -> "SRCNN":
        """The network with PyTorch's own initialisation; it serves released weights only."""
        return SRCNN(self)


class SRCNN(LuminanceNetwork):
    """x4 generator: N x 3 (or 1) x H x W in [0, 1], of 8-bit images, to N x 3 (or 1) x 4H x 4W."""

    def __init__(self, settings: SRCNNSettings) -> None:
        super().__init__()
        widths = (1, *settings.channels, 1)
        shapes = zip(widths[:-1], widths[1:], settings.kernels, strict=True)
        self.layers = nn.Sequential(*(nn.Conv2d(*shape) for shape in shapes))
        self.margins = [kernel // 2 for kernel in settings.kernels]

    def forward(self, lr: Tensor) -> Tensor:
        if lr.shape[1] == 1:
            return self._luminance(lr)
        # In 0..255, where sums of whole numbers that end in a half are exact, and so is their rounding.
        planes = whole(255.0 * to_ycbcr(lr))
        luminance = whole(255.0 * self._luminance(planes[:, :1] / 255.0).double())
        colour = planes[:, 1:]
        for axis in (2, 3):
            colour = whole(bicubic_along(colour, axis, _SCALE, _BORDER))
        return to_rgb(torch.cat([luminance, colour], dim=1) / 255.0).to(lr.dtype)

    def _luminance(self, lr: Tensor) -> Tensor:
        """N x 1 x H x W to N x 1 x 4H x 4W; edge pixels are repeated around every convolution's input."""
        features = bicubic(lr.double(), _SCALE, _BORDER).to(next(self.parameters()).dtype)
        for number, (layer, margin) in enumerate(zip(self.layers, self.margins, strict=True)):
            if number:
                features = functional.relu(features)
            features = layer(functional.pad(features, (margin,) * 4, mode="replicate"))
        return features
