"""Small generators of every public family, with weights large enough to tell layers apart."""

import torch
from torch import nn

from sr.networks import GeneratorSettings
from sr.networks.msrresnet import MSRResNetSettings
from sr.networks.rrdb import RRDBSettings
from sr.networks.swinir import SwinIRSettings

SETTINGS: dict[str, GeneratorSettings] = {
    "rrdb": RRDBSettings(
        network="rrdb", blocks=2, channels=8, growth=4, residual_scaling=0.2, initialisation_scale=0.1
    ),
    "msrresnet": MSRResNetSettings(network="msrresnet", blocks=2, channels=8, initialisation_scale=0.1),
    "swinir": SwinIRSettings(
        network="swinir", groups=2, blocks=2, channels=12, heads=2, window=4, mlp_ratio=2, tail_channels=16
    ),
}


def small(network: str) -> nn.Module:
    """A generator with random weights and biases."""
    generator: nn.Module = SETTINGS[network].build()
    draws = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.copy_(0.1 * torch.randn(parameter.shape, generator=draws))
    return generator.eval()
