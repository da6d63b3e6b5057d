"""EnhanceNet (Sajjadi, Schölkopf, Hirsch, "EnhanceNet: Single Image Super-Resolution Through Automated
Texture Synthesis", ICCV 2017, Table 1): residual blocks, features enlarged by repetition, and the bicubic
enlargement of the input added to what the last convolution gives.
"""

from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sr.config import Strict

_SCALE = 4

# Mean colour of the images it was trained on, as the authors' script has it.
_MEAN = (0.47614917, 0.45001204, 0.40904046)

# TensorFlow 1 enlarges bicubically with Keys' kernel at a = -0.75.
_A = -0.75


class EnhanceNetSettings(Strict):
    """Shape of the network: residual blocks and feature maps."""

    network: Literal["enhancenet"]
    blocks: int
    channels: int

    def build(self) -> "EnhanceNet":
        """The network with PyTorch's own initialisation; it serves released weights only."""
        return EnhanceNet(self)


class EnhanceNet(nn.Module):
    """x4 generator: N x 3 x H x W in [0, 1] to N x 3 x 4H x 4W, nominally in [0, 1]."""

    mean: Tensor

    def __init__(self, settings: EnhanceNetSettings) -> None:
        super().__init__()
        channels = settings.channels
        self.register_buffer("mean", torch.tensor(_MEAN)[:, None, None], persistent=False)
        self.head = _convolution(3, channels)
        self.body = nn.Sequential(*(Block(channels) for _ in range(settings.blocks)))
        self.doublings = nn.ModuleList(_convolution(channels, channels) for _ in range(2))
        self.last = _convolution(channels, channels)
        self.output = _convolution(channels, 3)

    def forward(self, lr: Tensor) -> Tensor:
        centred = lr - self.mean
        features = self.body(functional.relu(self.head(centred)))
        for convolution in self.doublings:
            doubled = functional.interpolate(features, scale_factor=2, mode="nearest")
            features = functional.relu(convolution(doubled))
        detail = self.output(functional.relu(self.last(features)))
        return detail + _tensorflow_bicubic(centred) + self.mean


class Block(nn.Module):
    """Two convolutions with a rectifier between them, and the identity added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(_convolution(channels, channels) for _ in range(2))

    def forward(self, features: Tensor) -> Tensor:
        first, second = self.convolutions
        return features + second(functional.relu(first(features)))


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


def _tensorflow_bicubic(images: Tensor) -> Tensor:
    """TensorFlow 1's `resize_images`: pixel i of the result lies at i / 4, and edge pixels are repeated."""
    for axis in (2, 3):
        matrix = _matrix(images.shape[axis], images.device, images.dtype)
        images = torch.movedim(torch.movedim(images, axis, -1) @ matrix, -1, axis)
    return images


@cache
def _matrix(size: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """The enlargement along one axis as a size x 4 size matrix."""
    places = torch.arange(_SCALE * size, dtype=torch.float64) / _SCALE
    matrix = torch.zeros(size, _SCALE * size, dtype=torch.float64)
    for offset in (-1, 0, 1, 2):
        positions = places.floor() + offset
        rows = positions.clamp(0, size - 1).long()[None]
        matrix.scatter_add_(0, rows, _keys((places - positions).abs())[None])
    # Kept for later calls, which may be outside inference mode.
    with torch.inference_mode(False):
        return matrix.to(device=device, dtype=dtype).clone()


def _keys(x: Tensor) -> Tensor:
    """Keys' cubic convolution kernel (IEEE TASSP 29(6), 1981) for x >= 0."""
    inner = (_A + 2.0) * x**3 - (_A + 3.0) * x**2 + 1.0
    outer = _A * (x**3 - 5.0 * x**2 + 8.0 * x - 4.0)
    return torch.where(x <= 1.0, inner, torch.where(x < 2.0, outer, torch.zeros_like(x)))
