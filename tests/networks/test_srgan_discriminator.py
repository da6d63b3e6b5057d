"""The discriminator against Fig. 4 of SRGAN."""

import pytest
import torch
from torch import nn

from sr.networks.srgan_discriminator import SRGANDiscriminatorSettings


def build(channels: int, dense: int, patch: int, normalisation: str = "batch") -> nn.Module:
    return SRGANDiscriminatorSettings.model_validate(
        {
            "network": "srgan_discriminator",
            "channels": channels,
            "dense": dense,
            "normalisation": normalisation,
        }
    ).build(patch)


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


@pytest.mark.parametrize(("normalisation", "alone"), [("layer", True), ("batch", False)])
def test_what_an_images_logit_depends_on(normalisation: str, alone: bool) -> None:
    """A gradient penalty is defined for an image's own gradient: over the layer, no other image matters."""
    torch.manual_seed(0)
    network = build(4, 8, 24, normalisation)
    images = torch.rand(3, 3, 24, 24)
    others = torch.cat((images[:1], torch.rand(2, 3, 24, 24) ** 3))
    with torch.no_grad():
        assert torch.allclose(network(images)[0], network(others)[0], atol=1e-6) == alone


def test_a_layers_normalisation_is_over_channels_and_positions() -> None:
    """Ba et al. (2016) for convolutions: an image's features have mean 0, deviation 1."""
    network = build(4, 8, 24, "layer")
    convolution, normalisation = network.features[2:4]
    with torch.no_grad():
        features = convolution(torch.rand(2, 4, 24, 24))
        image = features[1]
        plain = (image - image.mean()) / (image.var(unbiased=False) + 1e-5).sqrt()
        normalisation.weight.copy_(torch.arange(4.0))
        normalisation.bias.copy_(torch.arange(4.0) / 8)
        expected = plain * torch.arange(4.0).view(4, 1, 1) + (torch.arange(4.0) / 8).view(4, 1, 1)
        torch.testing.assert_close(normalisation(features)[1], expected, rtol=1e-5, atol=1e-5)
