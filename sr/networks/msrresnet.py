"""SRResNet as ESRGAN's authors publish it: no batch normalisation, an enlarged input added to the output.

LDL builds on this variant. Its key names are those of the public weights.
"""

from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from sr.config import Strict
from sr.networks.enlargement import add_nothing, double, give_colours, pass_on, take_detail
from sr.networks.output import OutputConv2d

_SLOPE = 0.1


class MSRResNetSettings(Strict):
    """Shape of the network: residual blocks and feature maps.

    initialisation_scale: factor on the initial weights of every convolution.
    """

    network: Literal["msrresnet"]
    blocks: int
    channels: int
    initialisation_scale: float

    def build(self) -> "MSRResNet":
        """The network, initialised as He et al. (2015) and scaled down: nearly the enlarged input."""
        return MSRResNet(self)


class MSRResNet(nn.Module):
    """x4 generator: N x 3 x H x W in [0, 1] to N x 3 x 4H x 4W, nominally in [0, 1].

    16 blocks and 64 channels have 1,517,571 parameters.
    """

    def __init__(self, settings: MSRResNetSettings) -> None:
        super().__init__()
        channels = settings.channels
        self.initialisation_scale = settings.initialisation_scale
        self.conv_first = nn.Conv2d(3, channels, 3, padding=1)
        self.body = nn.Sequential(*(PlainResidualBlock(settings) for _ in range(settings.blocks)))
        self.upconv1 = nn.Conv2d(channels, channels * 4, 3, padding=1)
        self.upconv2 = nn.Conv2d(channels, channels * 4, 3, padding=1)
        self.conv_hr = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_last = OutputConv2d(channels, 3, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                _initialise(module, settings.initialisation_scale)

    def begin_as_enlargement(self) -> None:
        """Set those initial weights that let pass what the colours have beyond a bilinear enlargement.

        Only the blocks and the last layer remain scaled down: behind small features it would hardly learn.
        """
        with torch.no_grad():
            for convolution in (self.conv_first, self.upconv1, self.upconv2, self.conv_hr):
                convolution.weight.div_(self.initialisation_scale)
        take_detail(self.conv_first)
        for block in self.body.children():
            assert isinstance(block, PlainResidualBlock)
            add_nothing(block.conv2)
        double(self.upconv1, _SLOPE)
        double(self.upconv2, _SLOPE)
        pass_on(self.conv_hr, _SLOPE)
        give_colours(self.conv_last, _SLOPE, middle=0.0)

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        features = self.body(functional.leaky_relu(self.conv_first(lr), _SLOPE))
        for convolution in (self.upconv1, self.upconv2):
            features = functional.leaky_relu(functional.pixel_shuffle(convolution(features), 2), _SLOPE)
        detail = self.conv_last(functional.leaky_relu(self.conv_hr(features), _SLOPE))
        return detail + functional.interpolate(lr, scale_factor=4, mode="bilinear", align_corners=False)


class PlainResidualBlock(nn.Module):
    """Two 3x3 convolutions with a rectifier between them, and the identity added."""

    def __init__(self, settings: MSRResNetSettings) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(settings.channels, settings.channels, 3, padding=1)
        self.conv2 = nn.Conv2d(settings.channels, settings.channels, 3, padding=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + self.conv2(functional.relu(self.conv1(features)))


def _initialise(convolution: nn.Conv2d, scale: float) -> None:
    nn.init.kaiming_normal_(convolution.weight)
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    with torch.no_grad():
        convolution.weight.mul_(scale)
