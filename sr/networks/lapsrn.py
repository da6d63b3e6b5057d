"""LapSRN (Lai, Huang, Ahuja, Yang, "Deep Laplacian Pyramid Networks for Fast and Accurate Super-Resolution",
CVPR 2017): luminance is doubled twice, and each time what the features say is missing is added (Fig. 1).
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sr.config import Strict
from sr.degradation import bicubic
from sr.networks.luminance import LuminanceNetwork, to_rgb, to_ycbcr

_LEVELS = 2  # each doubles the sides
_SLOPE = 0.2


class LapSRNSettings(Strict):
    """Shape of the network: convolutions before each doubling, feature maps."""

    network: Literal["lapsrn"]
    depth: int
    channels: int

    def build(self) -> "LapSRN":
        """The network with PyTorch's own initialisation; it serves released weights only."""
        return LapSRN(self)


class LapSRN(LuminanceNetwork):
    """x4 generator: N x 3 (or 1) x H x W in [0, 1] to N x 3 (or 1) x 4H x 4W, nominally in [0, 1].

    Cb and Cr are enlarged bicubically, as the authors' script does.
    """

    def __init__(self, settings: LapSRNSettings) -> None:
        super().__init__()
        self.head = nn.Conv2d(1, settings.channels, 3, padding=1)
        self.levels = nn.ModuleList(Level(settings) for _ in range(_LEVELS))

    def forward(self, lr: Tensor) -> Tensor:
        if lr.shape[1] == 1:
            return self._luminance(lr)
        planes = to_ycbcr(lr)
        luminance = self._luminance(planes[:, :1].to(lr.dtype))
        return to_rgb(torch.cat([luminance, bicubic(planes[:, 1:], 2**_LEVELS)], dim=1)).to(lr.dtype)

    def _luminance(self, image: Tensor) -> Tensor:
        features = functional.leaky_relu(self.head(image), _SLOPE)
        for level in self.levels:
            features, image = level(features, image)
        return image


class Level(nn.Module):
    """Features and image at one size to both at twice the size (sec. 3.1)."""

    def __init__(self, settings: LapSRNSettings) -> None:
        super().__init__()
        channels = settings.channels
        self.convolutions = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1) for _ in range(settings.depth)
        )
        self.doubling = nn.ConvTranspose2d(channels, channels, 3, stride=2)
        self.residual = nn.Conv2d(channels, 1, 3, padding=1)
        self.image_doubling = nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1, bias=False)

    def forward(self, features: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        for convolution in self.convolutions:
            features = functional.leaky_relu(convolution(features), _SLOPE)
        # The transposed convolution gives a row and a column too many; the authors cut the last ones.
        features = functional.leaky_relu(self.doubling(features)[:, :, :-1, :-1], _SLOPE)
        return features, self.image_doubling(image) + self.residual(features)
