"""The discriminator of SRGAN (Ledig et al. 2017, Fig. 4)."""

from typing import Literal

import torch
from torch import nn

from sr.config import Strict
from sr.networks.batch_normalisation import BatchNorm2d
from sr.networks.output import OutputLinear


class SRGANDiscriminatorSettings(Strict):
    """Shape of the discriminator. channels: feature maps of the first convolution (the paper: 64).

    dense: width of the first dense layer (Fig. 4: 1024).
    normalisation: over the batch, as in the paper, or over the layer of one image. A gradient penalty
    needs the latter: it is defined for each image's own gradient, which statistics over a batch would mix
    with the other images' (Gulrajani et al. 2017, sec. 4).
    """

    network: Literal["srgan_discriminator"]
    channels: int
    dense: int
    normalisation: Literal["batch", "layer"]

    def build(self, patch: int) -> "SRGANDiscriminator":
        """A discriminator for square HR patches of `patch` pixels."""
        return SRGANDiscriminator(self, patch)


class SRGANDiscriminator(nn.Module):
    """N x 3 x patch x patch images in [0, 1] to N x 1 logits (the paper's sigmoid is left to the loss).

    Eight 3x3 convolutions; feature maps double from `channels` to 8 x `channels`, and each doubling
    is followed by a strided convolution. LeakyReLU 0.2, normalisation from the second on.
    """

    def __init__(self, settings: SRGANDiscriminatorSettings, patch: int) -> None:
        super().__init__()
        width = settings.channels
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.LeakyReLU(0.2)]
        size, previous = patch, width
        for channels in (width, 2 * width, 4 * width, 8 * width):
            if channels != width:
                layers += _block(previous, channels, 1, settings)
            layers += _block(channels, channels, 2, settings)
            size, previous = (size + 1) // 2, channels
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(previous * size * size, settings.dense),
            nn.LeakyReLU(0.2),
            OutputLinear(settings.dense, 1),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        # HR images are in [-1, 1] in the paper (sec. 3.2).
        return self.classifier(self.features(images * 2.0 - 1.0))


def _block(inputs: int, outputs: int, stride: int, settings: SRGANDiscriminatorSettings) -> list[nn.Module]:
    batch = settings.normalisation == "batch"
    return [
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        BatchNorm2d(outputs) if batch else nn.GroupNorm(1, outputs),
        nn.LeakyReLU(0.2),
    ]
