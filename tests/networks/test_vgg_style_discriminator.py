"""The VGG-style discriminator against the description of the released ones."""

import pytest
import torch
from torch import nn

from sr.networks.vgg_style_discriminator import VGGStyleDiscriminator, VGGStyleDiscriminatorSettings


def build(channels: int, dense: int, patch: int) -> VGGStyleDiscriminator:
    settings = {"network": "vgg_style_discriminator", "channels": channels, "dense": dense}
    return VGGStyleDiscriminatorSettings.model_validate(settings).build(patch)


def of(network: nn.Module, kind: type[nn.Module]) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, kind)]


# Patch, first width, widths of the pairs, side before the dense layers.
PLANS = [
    (128, 64, [64, 128, 256, 512, 512], 4),  # ESRGAN
    (192, 32, [32, 64, 128, 256, 256, 256], 3),  # Beby-GAN
    (96, 64, [64, 128, 256, 512, 512], 3),
    (32, 8, [8, 16, 32], 4),
]


@pytest.mark.parametrize(("patch", "width", "widths", "side"), PLANS)
def test_layers(patch: int, width: int, widths: list[int], side: int) -> None:
    with torch.device("meta"):
        network = build(width, 100, patch)
    convolutions = of(network, nn.Conv2d)
    pairs = list(zip(convolutions[::2], convolutions[1::2], strict=True))
    inputs = [3, *widths[:-1]]
    for (same, half), before, after in zip(pairs, inputs, widths, strict=True):
        assert (same.in_channels, same.out_channels, same.kernel_size, same.stride) == (
            before,
            after,
            (3, 3),
            (1, 1),
        )
        assert (half.in_channels, half.out_channels, half.kernel_size, half.stride) == (
            after,
            after,
            (4, 4),
            (2, 2),
        )
    # All but the first are normalised, which makes their biases superfluous.
    assert [c.bias is not None for c in convolutions] == [True] + [False] * (len(convolutions) - 1)
    assert [n.num_features for n in of(network, nn.BatchNorm2d)] == [c.out_channels for c in convolutions[1:]]
    assert [(d.in_features, d.out_features) for d in of(network, nn.Linear)] == [
        (widths[-1] * side**2, 100),
        (100, 1),
    ]
    slopes = [activation.negative_slope for activation in of(network, nn.LeakyReLU)]
    assert slopes == [0.2] * (len(convolutions) + 1)


def test_parameters_of_the_public_network() -> None:
    """Of the released code's plan for 128 px, counted by hand: 14.5 million."""
    plan = [(3, 64, 9), (64, 64, 16)]
    for before, after in ((64, 128), (128, 256), (256, 512), (512, 512)):
        plan += [(before, after, 9), (after, after, 16)]
    weights = sum(inputs * outputs * area for inputs, outputs, area in plan) + 64
    normalisation = sum(2 * outputs for _, outputs, _ in plan[1:])
    dense = 512 * 4 * 4 * 100 + 100 + 100 + 1
    with torch.device("meta"):
        counted = sum(parameter.numel() for parameter in build(64, 100, 128).parameters())
    assert counted == weights + normalisation + dense == 14_499_401


@pytest.mark.parametrize("patch", [8, 24, 50, 77])
def test_one_logit_an_image_for_any_patch(patch: int) -> None:
    assert build(2, 4, patch)(torch.rand(3, 3, patch, patch)).shape == (3, 1)
