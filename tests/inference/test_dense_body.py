"""Both ways through RRDB's body equal the plain one."""

import pytest
import torch
from torch import nn

from sr.inference.dense_body import Body, applies, direct, transformed
from sr.networks.rrdb import RRDB, RRDBSettings


@pytest.fixture(scope="module")
def network() -> RRDB:
    """Weights of a size at which every layer matters."""
    torch.manual_seed(0)
    settings = RRDBSettings(
        network="rrdb", blocks=2, channels=16, growth=8, residual_scaling=0.2, initialisation_scale=1.0
    )
    return settings.build().eval().requires_grad_(False)


@pytest.mark.parametrize("body", [direct, transformed])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 3), (20, 33)])
def test_equals_the_plain_body(network: RRDB, body: Body, height: int, width: int) -> None:
    image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(width))
    before = image.clone()
    blocks: list[None] = []
    features = body(network, image, lambda: blocks.append(None))
    plain = network.deep_features(image)
    assert (features - plain).abs().max() < 3e-6 * plain.abs().max()
    assert torch.equal(image, before)
    assert len(blocks) == 2


def test_they_serve_one_float32_image_of_an_rrdb(network: RRDB) -> None:
    image = torch.rand(1, 3, 8, 8)
    assert applies(network, image)
    assert not applies(network, image.expand(2, -1, -1, -1))
    assert not applies(network, image.double())
    assert not applies(nn.Conv2d(3, 3, 3), image)


@pytest.mark.parametrize("body", [direct, transformed])
def test_what_does_not_fit_is_refused(network: RRDB, body: Body, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sr.inference.dense_body.available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match=r"8x9 needs .* GB of memory"):
        body(network, torch.rand(1, 3, 9, 8), lambda: None)
