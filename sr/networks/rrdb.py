"""RRDB, the generator of ESRGAN (Wang et al. 2018, Fig. 3, 4), with the key names of its public weights."""

from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from sr.config import Strict
from sr.networks.enlargement import IDENTITY, add_nothing, give_colours, pass_on, smooth, take_colours
from sr.networks.output import OutputConv2d

_SLOPE = 0.2


class DenseSettings(Strict):
    """Of a network of residual-in-residual dense blocks: blocks, feature maps, and those each layer adds.

    residual_scaling: beta of Fig. 4. initialisation_scale: factor on the initial weights of the dense
    blocks (sec. 3.1, "smaller initialization").
    """

    blocks: int
    channels: int
    growth: int
    residual_scaling: float
    initialisation_scale: float


class RRDBSettings(DenseSettings):
    """Shape of the network."""

    network: Literal["rrdb"]

    def build(self) -> "RRDB":
        """The network, its dense blocks initialised as He et al. (2015) and scaled down."""
        return RRDB(self)


class RRDB(nn.Module):
    """x4 generator: N x 3 x H x W in [0, 1] to N x 3 x 4H x 4W, nominally in [0, 1].

    23 blocks, 64 channels and a growth of 32 have 16,697,987 parameters.
    """

    reconstruction_margin = 2
    """How many rows of features beyond its own a row of the reconstruction depends on."""

    def __init__(self, settings: RRDBSettings) -> None:
        super().__init__()
        channels = settings.channels
        self.conv_first = nn.Conv2d(3, channels, 3, padding=1)
        self.body = nn.Sequential(*(ResidualInResidual(settings) for _ in range(settings.blocks)))
        self.conv_body = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_up1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_up2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_hr = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_last = OutputConv2d(channels, 3, 3, padding=1)

    def begin_as_enlargement(self) -> None:
        """Set those initial weights that let the colours pass."""
        take_colours(self.conv_first)
        add_nothing(self.conv_body)
        smooth(self.conv_up1, IDENTITY)
        smooth(self.conv_up2, _SLOPE)
        pass_on(self.conv_hr, _SLOPE)
        give_colours(self.conv_last, _SLOPE)

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        return self.reconstruct(self.deep_features(lr))

    def deep_features(self, lr: torch.Tensor) -> torch.Tensor:
        """Everything at the size of the input: N x channels x H x W."""
        features = self.conv_first(lr)
        return features + self.conv_body(self.body(features))

    def reconstruct(self, features: torch.Tensor) -> torch.Tensor:
        """The upsampling tail, whose outputs depend on a few neighbouring features only."""
        for convolution in (self.conv_up1, self.conv_up2):
            enlarged = functional.interpolate(features, scale_factor=2, mode="nearest")
            features = functional.leaky_relu(convolution(enlarged), _SLOPE)
        return self.conv_last(functional.leaky_relu(self.conv_hr(features), _SLOPE))


class ResidualInResidual(nn.Module):
    """Three dense blocks inside a residual connection. slope: of the rectifiers where they are negative."""

    def __init__(self, settings: DenseSettings, slope: float = _SLOPE) -> None:
        super().__init__()
        self.rdb1 = DenseBlock(settings, slope)
        self.rdb2 = DenseBlock(settings, slope)
        self.rdb3 = DenseBlock(settings, slope)
        self.scaling = settings.residual_scaling

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + self.scaling * self.rdb3(self.rdb2(self.rdb1(features)))


class DenseBlock(nn.Module):
    """Five convolutions; each of the first four adds `growth` feature maps to what the next ones see."""

    def __init__(self, settings: DenseSettings, slope: float = _SLOPE) -> None:
        super().__init__()
        channels, growth = settings.channels, settings.growth
        self.slope = slope
        self.conv1 = nn.Conv2d(channels, growth, 3, padding=1)
        self.conv2 = nn.Conv2d(channels + growth, growth, 3, padding=1)
        self.conv3 = nn.Conv2d(channels + 2 * growth, growth, 3, padding=1)
        self.conv4 = nn.Conv2d(channels + 3 * growth, growth, 3, padding=1)
        self.conv5 = nn.Conv2d(channels + 4 * growth, channels, 3, padding=1)
        self.scaling = settings.residual_scaling
        for convolution in (self.conv1, self.conv2, self.conv3, self.conv4, self.conv5):
            _initialise(convolution, settings.initialisation_scale)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        seen = features
        for convolution in (self.conv1, self.conv2, self.conv3, self.conv4):
            seen = torch.cat((seen, functional.leaky_relu(convolution(seen), self.slope)), dim=1)
        return features + self.scaling * self.conv5(seen)


def _initialise(convolution: nn.Conv2d, scale: float) -> None:
    nn.init.kaiming_normal_(convolution.weight)
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    with torch.no_grad():
        convolution.weight.mul_(scale)
