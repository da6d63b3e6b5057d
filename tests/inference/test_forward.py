"""The fast, memory-bounded forward equals the plain one."""

import pytest
import torch
from torch import nn

from sr.inference import forward as module
from sr.inference.forward import forward


@pytest.fixture
def network(request: pytest.FixtureRequest) -> nn.Module:
    return request.getfixturevalue(request.param)


def lr(height: int, width: int) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(height))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (9, 4), (33, 35), (61, 40)])
@pytest.mark.parametrize("strip", [1, 200, 2**14])
@pytest.mark.parametrize("network", ["rrdb", "swinir"], indirect=True)
def test_equals_the_plain_forward(
    network: nn.Module, height: int, width: int, strip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STRIP", strip)
    image = lr(height, width)
    with torch.no_grad():
        plain = network(image)
    assert plain.shape == (1, 3, 4 * height, 4 * width)
    assert (forward(network, image) - plain).abs().max() < 1e-5


@pytest.mark.parametrize("network", ["rrdb", "swinir"], indirect=True)
def test_the_margin_is_as_large_as_needed_and_no_larger(network: nn.Module) -> None:
    """Beyond the margin a row of features has no influence; at its end it has."""
    features = torch.randn(1, 8, 12, 5, generator=torch.Generator().manual_seed(0))
    changed = features.clone()
    changed[:, :, 0] += 1.0
    with torch.no_grad():
        touched = (network.reconstruct(features) != network.reconstruct(changed)).any(dim=(0, 1, 3))
    furthest = int(touched.nonzero().max()) // 4
    assert furthest == network.reconstruction_margin


def test_a_network_in_one_part_runs_whole() -> None:
    network = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4))
    image = lr(5, 6)
    with torch.no_grad():
        assert torch.equal(forward(network, image), network(image))


@pytest.mark.parametrize("size", [10, 40])
def test_the_work_reported_is_every_pixel_once(rrdb: nn.Module, size: int) -> None:
    reported: list[float] = []
    forward(rrdb, lr(size, size), reported.append)
    assert sum(reported) == pytest.approx(size * size)
