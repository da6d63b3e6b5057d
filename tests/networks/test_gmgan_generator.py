"""GMGAN's generator against the description of its sec. 3.1 and Fig. 2."""

import pytest
import torch
from torch import nn

from sr.inference.forward import forward
from sr.networks.gmgan_generator import GMGANGenerator, GMGANGeneratorSettings


def build(**changes: object) -> GMGANGenerator:
    values = {
        "network": "gmgan_generator",
        "blocks": 2,
        "channels": 8,
        "growth": 4,
        "kernel": 9,
        "prelu": "channel",
        "residual_scaling": 0.2,
        "initialisation_scale": 0.1,
    }
    torch.manual_seed(0)
    return GMGANGeneratorSettings.model_validate(values | changes).build().eval()


def test_parameters_of_the_papers_network() -> None:
    """SRResNet's k9n64, k3n64, 2 x k3n256 and k9n3 around 23 RRDBs of 64 + 4 x 32 channels, with biases."""
    dense = sum((64 + 32 * n) * outputs * 9 + outputs for n, outputs in enumerate((32, 32, 32, 32, 64)))
    ends = (3 * 64 * 81 + 64) + (64 * 3 * 81 + 3)
    between = (64 * 64 * 9 + 64) + 2 * (64 * 256 * 9 + 256)
    slopes = 3 * 64
    network = build(blocks=23, channels=64, growth=32)
    assert sum(p.numel() for p in network.parameters()) == 23 * 3 * dense + ends + between + slopes


def test_its_parts_are_those_the_paper_names() -> None:
    network = build()
    kinds = {type(module) for module in network.modules()}
    assert not any(issubclass(kind, nn.modules.batchnorm._BatchNorm) for kind in kinds)
    assert sum(isinstance(module, nn.PixelShuffle) for module in network.modules()) == 2
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert convolutions[0].kernel_size == convolutions[-1].kernel_size == (9, 9)
    assert {one.kernel_size for one in convolutions[1:-1]} == {(3, 3)}


def test_dense_blocks_are_of_rectifiers_that_do_not_leak() -> None:
    """With biases that make every first layer negative, the layers after it see nothing of it."""
    block = build().body[0].rdb1
    with torch.no_grad():
        block.conv1.bias.fill_(-100.0)
        features = torch.rand(1, 8, 5, 5, generator=torch.Generator().manual_seed(1))
        before = block(features)
        block.conv1.weight.mul_(2.0)
        assert torch.equal(block(features), before)


@pytest.mark.parametrize("size", [(5, 7), (40, 9)])
def test_it_enlarges_by_four_also_in_strips(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sr.inference.forward._STRIP", 8 * size[1])
    network, lr = build(), torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        whole = network(lr)
    assert whole.shape == (1, 3, 4 * size[0], 4 * size[1])
    assert torch.allclose(forward(network, lr), whole, atol=1e-6)
