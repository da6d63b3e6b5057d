"""SRResNet, the generator of SRGAN (Ledig et al. 2017, Fig. 4)."""

from typing import Literal

import torch
from torch import nn

from sr.config import Strict
from sr.networks.batch_normalisation import BatchNorm2d
from sr.networks.enlargement import (
    IDENTITY,
    add_nothing,
    double,
    give_colours,
    keep_contrast,
    pass_on,
    slope_of,
    take_colours,
)
from sr.networks.output import OutputConv2d


class SRResNetSettings(Strict):
    """Shape of an SRResNet.

    kernel: side of the first and the last convolution's kernel.
    long_skip: add the features before the residual blocks to those after them (SRGAN, A.1).
    batch_normalisation: as in the paper, or none (the first step of ESRGAN's ablation, Fig. 8).
    prelu: whether each channel or each layer learns a slope of its own.
    output: the last convolution's values as they are, or their hyperbolic tangent.
    """

    network: Literal["srresnet"]
    blocks: int
    channels: int
    kernel: int
    long_skip: bool
    batch_normalisation: bool
    prelu: Literal["channel", "layer"]
    output: Literal["linear", "tanh"] = "linear"

    def build(self) -> "SRResNet":
        """The network with PyTorch's own initialisation (the paper states none)."""
        return SRResNet(self)


class SRResNet(nn.Module):
    """x4 generator: N x 3 x H x W in [0, 1] to N x 3 x 4H x 4W, nominally in [0, 1].

    The paper trains on HR images in [-1, 1] (sec. 3.2): the last convolution works on that range,
    and its result is mapped to [0, 1], the range of every image in this project.
    Convolutions followed by batch normalisation have no bias: the normalisation would remove it.
    """

    def __init__(self, settings: SRResNetSettings) -> None:
        super().__init__()
        channels, kernel, per = settings.channels, settings.kernel, settings.prelu
        self.head = nn.Sequential(nn.Conv2d(3, channels, kernel, padding=kernel // 2), prelu(channels, per))
        self.body = nn.Sequential(
            *(ResidualBlock(settings) for _ in range(settings.blocks)),
            *_convolution(settings),
        )
        self.tail = nn.Sequential(
            *upsampling(channels, per),
            *upsampling(channels, per),
            OutputConv2d(channels, 3, kernel, padding=kernel // 2),
        )
        self.long_skip = settings.long_skip
        self.bounded = settings.output == "tanh"

    def begin_as_enlargement(self) -> None:
        """Set those initial weights that let the colours pass, around the residual blocks where there is a
        long skip connection, else through them.
        """
        rectified = take_colours_rectified(self.head)
        if self.long_skip:
            add_nothing(self.body[-1])
        else:
            self._pass_through_body(rectified)
        enlarge(self.tail, rectified if self.long_skip else IDENTITY, gain=2.0, middle=0.0)

    def _pass_through_body(self, slope: float) -> None:
        blocks = [block for block in self.body if isinstance(block, ResidualBlock)]
        for block in blocks:
            add_nothing(block.layers[-1])
        convolution, *normalisation = self.body[len(blocks) :]
        pass_on(convolution, slope)
        for layer in normalisation:
            keep_contrast(layer)

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        features = self.head(lr)
        deep = self.body(features)
        if self.long_skip:
            deep = deep + features
        sr = self.tail(deep)
        return ((sr.tanh() if self.bounded else sr) + 1.0) / 2.0


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with batch normalisation, PReLU between them, and the identity added."""

    def __init__(self, settings: SRResNetSettings) -> None:
        super().__init__()
        rectifier = prelu(settings.channels, settings.prelu)
        self.layers = nn.Sequential(*_convolution(settings), rectifier, *_convolution(settings))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + self.layers(features)


def _convolution(settings: SRResNetSettings) -> list[nn.Module]:
    """A 3x3 convolution, normalised where the settings say so."""
    channels, normalised = settings.channels, settings.batch_normalisation
    convolution = nn.Conv2d(channels, channels, 3, padding=1, bias=not normalised)
    return [convolution, BatchNorm2d(channels)] if normalised else [convolution]


def prelu(channels: int, per: Literal["channel", "layer"]) -> nn.PReLU:
    """A parametric rectifier; Lasagne's, in which SRGAN was written, has a slope for each channel."""
    return nn.PReLU(channels if per == "channel" else 1)


def take_colours_rectified(head: nn.Sequential) -> float:
    """Let the colours into a head of convolution and rectifier, whose slope is returned."""
    convolution, rectifier = head
    take_colours(convolution)
    return slope_of(rectifier)


def enlarge(tail: nn.Sequential, slope: float, *, gain: float, middle: float) -> None:
    """Let the colours through two sub-pixel convolutions and the last one.

    slope: of the rectifier before them. The output is `gain` times what is carried, and `middle`.
    """
    first, _, first_rectifier, second, _, second_rectifier, last = tail
    double(first, slope)
    double(second, slope_of(first_rectifier))
    give_colours(last, slope_of(second_rectifier), gain=gain, middle=middle)


def upsampling(channels: int, per: Literal["channel", "layer"]) -> list[nn.Module]:
    """Sub-pixel convolution by 2 (Shi et al. 2016), with a parametric rectifier."""
    return [nn.Conv2d(channels, channels * 4, 3, padding=1), nn.PixelShuffle(2), prelu(channels, per)]
