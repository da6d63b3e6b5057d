"""The degradation against MATLAB's own files, and against the definition done with loops."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from sr import degradation
from sr.errors import InputError
from sr.images import crop_to_multiple, image_files, read_image


def cubic(x: float) -> float:
    """Keys' kernel, a = -0.5, as the definition has it."""
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    if x <= 2:
        return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return 0.0


def resize_line(line: np.ndarray, new_size: int) -> np.ndarray:
    """One line resized pixel by pixel: every source pixel within reach, mirrored at the ends."""
    size, factor = len(line), new_size / len(line)
    stretch = min(factor, 1.0)
    result = np.zeros(new_size)
    for target in range(new_size):
        centre = (target + 0.5) / factor - 0.5
        total = 0.0
        reach = math.ceil(2 / stretch) + 1
        for source in range(math.floor(centre) - reach, math.ceil(centre) + reach + 1):
            weight = cubic(stretch * (centre - source))
            mirrored = source % (2 * size)
            mirrored = mirrored if mirrored < size else 2 * size - 1 - mirrored
            result[target] += weight * line[mirrored]
            total += weight
        result[target] /= total
    return result


def resize_naive(image: np.ndarray, height: int, width: int, rounded: bool) -> np.ndarray:
    def settle(values: np.ndarray) -> np.ndarray:
        return np.floor(np.clip(values, 0, 255) + 0.5) if rounded else values

    rows = settle(np.stack([resize_line(image[:, x], height) for x in range(image.shape[1])], axis=1))
    return settle(np.stack([resize_line(row, width) for row in rows]))


def test_equals_matlabs_set5_bit_for_bit(mirror: Path) -> None:
    folder = mirror / "benchmark" / "Set5"
    for path in image_files(folder / "HR"):
        matlab = read_image(folder / "LR_bicubic" / "X4" / f"{path.stem}x4.png")
        hr = crop_to_multiple(read_image(path), 4)
        assert np.array_equal(degradation.downscale(hr, 4), matlab), path.name


@pytest.mark.parametrize("scale", [2, 3, 4, 5])
def test_uint8_equals_the_definition(scale: int) -> None:
    random = np.random.default_rng(scale)
    image = random.integers(0, 256, (3 * scale, 5 * scale), dtype=np.uint8)
    image[:2] = 255  # overshoot must be clipped between the passes
    down = resize_naive(image.astype(float), 3, 5, rounded=True)
    up = resize_naive(down, 3 * scale, 5 * scale, rounded=True)
    assert np.array_equal(degradation.downscale(image, scale), down)
    assert np.array_equal(degradation.upscale(down.astype(np.uint8), scale), up)


def test_colour_channels_are_resized_alone() -> None:
    image = np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)
    whole = degradation.downscale(image, 4)
    assert np.array_equal(whole[..., 1], degradation.downscale(image[..., 1], 4))


def test_float_version_equals_the_definition() -> None:
    image = np.random.default_rng(1).random((9, 14))
    assert np.allclose(degradation.resize_float(image, 5, 7), resize_naive(image, 5, 7, False), atol=1e-12)


@pytest.mark.parametrize("factor", [0.25, 0.5, 4.0])
def test_torch_version_equals_the_float_definition(factor: float) -> None:
    images = np.random.default_rng(2).random((2, 3, 16, 24))
    height, width = int(16 * factor), int(24 * factor)
    wanted = np.stack(
        [[resize_naive(channel, height, width, rounded=False) for channel in image] for image in images]
    )
    result = degradation.bicubic(torch.from_numpy(images).float(), factor)
    assert result.shape == wanted.shape
    assert np.abs(result.numpy() - wanted).max() < 1e-5


def test_torch_version_is_differentiable() -> None:
    images = torch.rand(1, 1, 8, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: degradation.bicubic(x, 0.25), images)


def test_constant_images_stay_constant() -> None:
    for value in (0, 17, 255):
        image = np.full((8, 8, 3), value, np.uint8)
        assert (degradation.downscale(image, 4) == value).all()
        assert (degradation.upscale(image, 3) == value).all()


def test_refuses_sizes_that_are_no_multiple() -> None:
    with pytest.raises(InputError, match="10x8 can not be reduced by 4: crop"):
        degradation.downscale(np.zeros((8, 10, 3), np.uint8), 4)


def test_a_size_first_met_under_inference_mode_can_be_trained_on() -> None:
    with torch.inference_mode():
        degradation.bicubic(torch.rand(1, 3, 44, 28), 0.25)
    images = torch.rand(1, 3, 44, 28, requires_grad=True)
    degradation.bicubic(images, 0.25).sum().backward()
    assert images.grad is not None
