"""The discriminator against Fig. 4 of SRGAN."""

import torch
from torch import nn

from sr.networks.srgan_discriminator import SRGANDiscriminatorSettings


def build(channels: int, dense: int, patch: int) -> nn.Module:
    return SRGANDiscriminatorSettings(network="srgan_discriminator", channels=channels, dense=dense).build(
        patch
    )


def test_layers_of_figure_4() -> None:
    network = build(64, 1024, 96)
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert [(c.out_channels, c.stride[0]) for c in convolutions] == [
        (64, 1), (64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (512, 2)
    ]  # fmt: skip
    dense = [m for m in network.modules() if isinstance(m, nn.Linear)]
    assert [(d.in_features, d.out_features) for d in dense] == [(512 * 6 * 6, 1024), (1024, 1)]
    normalised = [m.num_features for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert normalised == [64, 128, 128, 256, 256, 512, 512]
    assert {m.negative_slope for m in network.modules() if isinstance(m, nn.LeakyReLU)} == {0.2}


def test_one_logit_an_image_for_any_patch() -> None:
    for patch in (24, 48, 52):
        assert build(4, 8, patch)(torch.rand(3, 3, patch, patch)).shape == (3, 1)
