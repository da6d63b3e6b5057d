"""The averaged weights, against LDL's Eq. (5) written out."""

import torch
from torch import nn

from sr.training.average import Average


def test_is_equation_5_and_copies_buffers() -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    average = Average(network, decay=0.9)
    expected = network[0].weight.detach().clone()
    for step in range(5):
        with torch.no_grad():
            network[0].weight += step + 1.0
            network[1].running_mean += 1.0
        average.update(network)
        expected = 0.9 * expected + 0.1 * network[0].weight.detach()
    torch.testing.assert_close(average.network[0].weight, expected)
    assert torch.equal(average.network[1].running_mean, network[1].running_mean)


def test_begins_as_a_copy_that_takes_no_gradient() -> None:
    network, other = nn.Linear(3, 2), nn.Linear(3, 2)
    average = Average(network, decay=0.999)
    average.begin(other)
    assert torch.equal(average.network.weight, other.weight)
    assert not any(parameter.requires_grad for parameter in average.network.parameters())
    assert not average.network.training
