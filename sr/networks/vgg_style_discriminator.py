"""The VGG-style discriminator of ESRGAN's released code, for any patch size."""

from typing import Literal

import torch
from torch import nn

from sr.config import Strict
from sr.networks.batch_normalisation import BatchNorm2d
from sr.networks.output import OutputLinear

_SMALLEST_SIDE = 4


class VGGStyleDiscriminatorSettings(Strict):
    """Shape of the discriminator: feature maps of the first convolution, width of the dense layer."""

    network: Literal["vgg_style_discriminator"]
    channels: int
    dense: int

    def build(self, patch: int) -> "VGGStyleDiscriminator":
        """A discriminator for square HR patches of `patch` pixels."""
        return VGGStyleDiscriminator(self, patch)


class VGGStyleDiscriminator(nn.Module):
    """N x 3 x patch x patch images in [0, 1] to N x 1 logits.

    Pairs of a 3x3 convolution and a 4x4 one with stride 2 halve the image until its side is at most 4
    (128 px: five pairs; 192 px: six), while the feature maps double up to 8 x `channels`.
    Batch normalisation from the second convolution on, LeakyReLU 0.2.
    """

    def __init__(self, settings: VGGStyleDiscriminatorSettings, patch: int) -> None:
        super().__init__()
        width = settings.channels
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.LeakyReLU(0.2)]
        layers += _normalised(width, width, kernel=4, stride=2)
        side, previous, channels = patch // 2, width, width
        while side > _SMALLEST_SIDE:
            channels = min(2 * channels, 8 * width)
            layers += _normalised(previous, channels, kernel=3, stride=1)
            layers += _normalised(channels, channels, kernel=4, stride=2)
            side, previous = side // 2, channels
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(previous * side * side, settings.dense),
            nn.LeakyReLU(0.2),
            OutputLinear(settings.dense, 1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(images))


def _normalised(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
    """A convolution that halves (stride 2) or keeps the size; without bias, which the next layer removes."""
    return [
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=1, bias=False),
        BatchNorm2d(outputs),
        nn.LeakyReLU(0.2),
    ]
