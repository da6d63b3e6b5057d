"""Convolutions by Winograd's transforms equal the direct ones."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from sr.inference.winograd import Planes, Winograd

SIZES = [(1, 1), (3, 5), (4, 4), (17, 9), (2, 130)]


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def layer(inputs: int, outputs: int) -> nn.Conv2d:
    result = nn.Conv2d(inputs, outputs, 3, padding=1).requires_grad_(False)
    result.weight.copy_(random(outputs, inputs, 3, 3))
    result.bias.copy_(random(outputs))
    return result


def plain(layer: nn.Conv2d, image: torch.Tensor) -> torch.Tensor:
    return functional.conv2d(image.double(), layer.weight.double(), layer.bias.double(), padding=1)


def planes(values: torch.Tensor) -> Planes:
    result = Planes(*values.shape)
    result.pixels.copy_(values)
    return result


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_equals_direct_convolution_of_the_concatenation(height: int, width: int) -> None:
    first, second, convolution = random(3, height, width), random(2, height, width), layer(5, 4)
    into = planes(random(4, height, width))
    with Winograd(5, height, width) as winograd:
        winograd.put(planes(first))
        winograd.put(planes(second), 3)
        winograd.convolve(convolution, into, slope=0.2)
    expected = functional.leaky_relu(plain(convolution, torch.cat([first, second])[None]), 0.2)[0]
    assert (into.pixels - expected).abs().max() < 2e-5


def test_a_result_serves_as_input_with_zeros_around_it() -> None:
    image, convolution = random(2, 6, 7), layer(2, 2)
    features = planes(image)
    expected = image[None].double()
    with Winograd(2, 6, 7) as winograd:
        for _ in range(3):
            winograd.put(features)
            winograd.convolve_and_add(convolution, features, 0.1)
            expected = expected + 0.1 * plain(convolution, expected)
    assert (features.pixels - expected[0]).abs().max() < 2e-5


def test_bands_of_tiles_fit_together_and_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        image, convolution, into = random(1, 41, 600), layer(1, 1), Planes(1, 41, 600)
        with Winograd(1, 41, 600) as winograd:
            winograd.put(planes(image))
            winograd.convolve(convolution, into, slope=1.0)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert (into.pixels - plain(convolution, image[None])[0]).abs().max() < 2e-5
