"""The last layer stays float32 while the layers before it are bfloat16."""

import pytest
import torch
from torch import nn

from sr.device import Autocast
from sr.networks.output import OutputConv2d, OutputLinear

LAYERS = [(OutputConv2d(4, 3, 3, padding=1), (2, 4, 6, 6)), (OutputLinear(8, 1), (2, 8))]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=["convolution", "linear"])
def test_it_is_what_float32_gives(layer: nn.Module, shape: tuple[int, ...]) -> None:
    images = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    plain = layer(images)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer(images), plain)
        # What comes from a layer in bfloat16 is not rounded any further.
        assert torch.equal(layer(images.bfloat16()), layer(images.bfloat16().float()))
        assert layer(images.bfloat16()).dtype == torch.float32


def test_outputs_of_a_network_are_finer_than_bfloat16() -> None:
    """Between 0.5 and 1 bfloat16 has steps of 1/256: the plain network's images lie on them, ours do not."""

    def network(last: type[nn.Conv2d]) -> nn.Module:
        torch.manual_seed(0)
        return Autocast(nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), last(4, 3, 3, padding=1)))

    images = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    rounded, fine = network(nn.Conv2d)(images), network(OutputConv2d)(images)
    assert torch.equal(rounded, rounded.bfloat16().float())
    assert not torch.equal(fine, fine.bfloat16().float())
