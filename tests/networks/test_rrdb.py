"""RRDB against Fig. 3 and 4 of ESRGAN and the names of its public weights."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from sr.networks.rrdb import RRDB, RRDBSettings


def build(**changes: object) -> RRDB:
    settings = {
        "network": "rrdb",
        "blocks": 2,
        "channels": 6,
        "growth": 4,
        "residual_scaling": 0.2,
        "initialisation_scale": 0.1,
    }
    return RRDBSettings.model_validate(settings | changes).build()


def convolved(weights: dict[str, Tensor], name: str, image: Tensor) -> Tensor:
    return functional.conv2d(image, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)


def activated(image: Tensor) -> Tensor:
    return torch.where(image > 0, image, 0.2 * image)


def as_drawn(weights: dict[str, Tensor], lr: Tensor, blocks: int, scaling: float) -> Tensor:
    """The figures, read line by line."""
    shallow = convolved(weights, "conv_first", lr)
    features = shallow
    for block in range(blocks):
        inside = features
        for dense in (1, 2, 3):
            name = f"body.{block}.rdb{dense}"
            maps = [inside]
            for number in (1, 2, 3, 4):
                maps.append(activated(convolved(weights, f"{name}.conv{number}", torch.cat(maps, 1))))
            inside = inside + scaling * convolved(weights, f"{name}.conv5", torch.cat(maps, 1))
        features = features + scaling * inside
    features = shallow + convolved(weights, "conv_body", features)
    for name in ("conv_up1", "conv_up2"):
        doubled = features.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        features = activated(convolved(weights, name, doubled))
    return convolved(weights, "conv_last", activated(convolved(weights, "conv_hr", features)))


@pytest.mark.parametrize("scaling", [0.2, 0.5])
def test_computes_what_the_figures_show(scaling: float) -> None:
    torch.manual_seed(0)
    network = build(residual_scaling=scaling, initialisation_scale=1.0)
    lr = torch.rand(2, 3, 5, 7)
    with torch.no_grad():
        expected = as_drawn(network.state_dict(), lr, 2, scaling)
        torch.testing.assert_close(network(lr), expected)
    assert expected.shape == (2, 3, 20, 28)


def test_a_single_pixel_is_enlarged() -> None:
    with torch.no_grad():
        assert build()(torch.rand(1, 3, 1, 1)).shape == (1, 3, 4, 4)


def test_parameters_and_names_of_the_public_network() -> None:
    """702 tensors, as the released files hold; 16,697,987 values."""
    with torch.device("meta"):
        weights = build(blocks=23, channels=64, growth=32).state_dict()
    assert sum(value.numel() for value in weights.values()) == 16_697_987
    convolutions = ["conv_first", "conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
    convolutions += [
        f"body.{block}.rdb{dense}.conv{number}"
        for block in range(23)
        for dense in (1, 2, 3)
        for number in (1, 2, 3, 4, 5)
    ]
    assert weights.keys() == {f"{name}.{part}" for name in convolutions for part in ("weight", "bias")}
    assert len(weights) == 702


def test_dense_blocks_begin_small() -> None:
    """He et al. (2015): variance 2 / inputs, then the factor; the other convolutions keep torch's own."""
    torch.manual_seed(0)
    weights = build(blocks=1, channels=64, growth=32, initialisation_scale=0.1).state_dict()
    for number, inputs in enumerate((64, 96, 128, 160, 192), start=1):
        name = f"body.0.rdb2.conv{number}"
        expected = 0.1 * (2 / (9 * inputs)) ** 0.5
        assert weights[f"{name}.weight"].std().item() == pytest.approx(expected, rel=0.02)
        assert not weights[f"{name}.bias"].any()
    bound = (9 * 64) ** -0.5
    assert weights["conv_body.weight"].std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
