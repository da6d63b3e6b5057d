"""GMGAN's generator (sec. 3.1, Fig. 2): SRResNet's high-level architecture around ESRGAN's RRDB blocks."""

from typing import Literal

import torch
from torch import nn

from sr.networks.enlargement import add_nothing
from sr.networks.output import OutputConv2d
from sr.networks.rrdb import DenseSettings, ResidualInResidual
from sr.networks.srresnet import enlarge, prelu, take_colours_rectified, upsampling


class GMGANGeneratorSettings(DenseSettings):
    """Shape of the network. kernel: side of the first and the last convolution's kernel. prelu: whether each
    channel or each layer learns a slope, outside the dense blocks.
    """

    network: Literal["gmgan_generator"]
    kernel: int
    prelu: Literal["channel", "layer"]

    def build(self) -> "GMGANGenerator":
        """The network; its dense blocks are initialised as ESRGAN's."""
        return GMGANGenerator(self)


class GMGANGenerator(nn.Module):
    """x4 generator: N x 3 x H x W in [0, 1] to N x 3 x 4H x 4W, nominally in [0, 1].

    The ends, the skip connection over all blocks and the sub-pixel upsampling are SRResNet's; the blocks are
    RRDBs of convolutions and ReLUs without batch normalisation (caption of Fig. 2).
    """

    reconstruction_margin = 3
    """How many rows of features beyond its own a row of the reconstruction depends on."""

    def __init__(self, settings: GMGANGeneratorSettings) -> None:
        super().__init__()
        channels, kernel, per = settings.channels, settings.kernel, settings.prelu
        self.head = nn.Sequential(nn.Conv2d(3, channels, kernel, padding=kernel // 2), prelu(channels, per))
        self.body = nn.Sequential(
            *(ResidualInResidual(settings, slope=0.0) for _ in range(settings.blocks)),
            nn.Conv2d(channels, channels, 3, padding=1),
        )
        self.tail = nn.Sequential(
            *upsampling(channels, per),
            *upsampling(channels, per),
            OutputConv2d(channels, 3, kernel, padding=kernel // 2),
        )

    def begin_as_enlargement(self) -> None:
        """Set those initial weights that let the colours pass."""
        slope = take_colours_rectified(self.head)
        add_nothing(self.body[-1])
        enlarge(self.tail, slope, gain=1.0, middle=0.5)

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        return self.reconstruct(self.deep_features(lr))

    def deep_features(self, lr: torch.Tensor) -> torch.Tensor:
        """Everything at the size of the input: N x channels x H x W."""
        features: torch.Tensor = self.head(lr)
        deep: torch.Tensor = self.body(features)
        return deep + features

    def reconstruct(self, features: torch.Tensor) -> torch.Tensor:
        """The upsampling tail."""
        images: torch.Tensor = self.tail(features)
        return images
