"""SRResNet without batch normalisation against the description of the public model."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from sr.networks.msrresnet import MSRResNet, MSRResNetSettings


def build(**changes: object) -> MSRResNet:
    settings = {"network": "msrresnet", "blocks": 2, "channels": 6, "initialisation_scale": 0.1}
    return MSRResNetSettings.model_validate(settings | changes).build()


def activated(image: Tensor) -> Tensor:
    return torch.where(image > 0, image, 0.1 * image)


def shuffled(maps: Tensor) -> Tensor:
    """Shi et al. (2016), Eq. 4: map 4c + 2y + x becomes the pixel (y, x) of each 2x2 cell of channel c."""
    images, channels, height, width = maps.shape
    result = maps.new_zeros(images, channels // 4, 2 * height, 2 * width)
    for y in (0, 1):
        for x in (0, 1):
            result[:, :, y::2, x::2] = maps[:, 2 * y + x :: 4]
    return result


def bilinear(line: Tensor) -> Tensor:
    """A line of pixels enlarged by 4: pixel centres lie at (i + 0.5) / 4 - 0.5, borders are repeated."""
    last = len(line) - 1
    values = []
    for index in range(4 * len(line)):
        place = min(max((index + 0.5) / 4 - 0.5, 0), last)
        left = int(place)
        part = place - left
        values.append((1 - part) * line[left] + part * line[min(left + 1, last)])
    return torch.stack(values)


def test_computes_what_the_description_says() -> None:
    torch.manual_seed(0)
    network = build(initialisation_scale=1.0)
    weights = network.state_dict()

    def convolved(name: str, image: Tensor) -> Tensor:
        return functional.conv2d(image, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)

    lr = torch.rand(2, 3, 4, 5)
    features = activated(convolved("conv_first", lr))
    for block in (0, 1):
        inner = convolved(f"body.{block}.conv1", features).clamp(min=0)
        features = features + convolved(f"body.{block}.conv2", inner)
    for name in ("upconv1", "upconv2"):
        features = activated(shuffled(convolved(name, features)))
    detail = convolved("conv_last", activated(convolved("conv_hr", features)))
    rows = torch.stack([torch.stack([bilinear(row) for row in plane]) for plane in lr.flatten(0, 1)])
    columns = torch.stack([torch.stack([bilinear(column) for column in plane.T]).T for plane in rows])
    with torch.no_grad():
        torch.testing.assert_close(network(lr), detail + columns.view(2, 3, 16, 20))


def test_a_single_pixel_is_enlarged() -> None:
    with torch.no_grad():
        assert build()(torch.rand(1, 3, 1, 1)).shape == (1, 3, 4, 4)


def test_parameters_and_names_of_the_public_network() -> None:
    with torch.device("meta"):
        weights = build(blocks=16, channels=64).state_dict()
    assert sum(value.numel() for value in weights.values()) == 1_517_571
    convolutions = ["conv_first", "upconv1", "upconv2", "conv_hr", "conv_last"]
    convolutions += [f"body.{block}.conv{number}" for block in range(16) for number in (1, 2)]
    assert weights.keys() == {f"{name}.{part}" for name in convolutions for part in ("weight", "bias")}


def test_begins_near_the_enlarged_input() -> None:
    """Every convolution begins as He et al. (2015), variance 2 / inputs, scaled down, without bias."""
    torch.manual_seed(0)
    network = build(blocks=1, channels=64, initialisation_scale=0.1)
    for name, value in network.state_dict().items():
        if name.endswith("bias"):
            assert not value.any()
        else:
            expected = 0.1 * (2 / value[0].numel()) ** 0.5
            assert value.std().item() == pytest.approx(expected, rel=0.05), name
