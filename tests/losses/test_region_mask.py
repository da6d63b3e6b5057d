"""Local variance and the region mask against the definition, window by window."""

from dataclasses import replace

import pytest
import torch
from pydantic import ValidationError
from torch.nn import functional

from benchmarks import naive_losses
from sr.losses.batch import Batch
from sr.losses.box_filter import local_variance
from sr.losses.region_mask import RegionMask, RegionMaskSettings


def build(**changes: object) -> RegionMask:
    settings = {"patch": 11, "threshold": 0.025, "image": "hr", **changes}
    return RegionMaskSettings.model_validate(settings).build()


def mirrored(index: int, size: int) -> int:
    """Without repeating the edge: -1 is 1, size is size - 2."""
    index = abs(index)
    return index if index < size else 2 * (size - 1) - index


def variance_around(image: torch.Tensor, row: int, column: int, window: int) -> torch.Tensor:
    """Of all channels' values in the window, unbiased, in two passes."""
    _, height, width = image.shape
    reach = range(-(window // 2), window // 2 + 1)
    values = [
        channel[mirrored(row + dy, height), mirrored(column + dx, width)]
        for channel in image
        for dy in reach
        for dx in reach
    ]
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


@pytest.mark.parametrize(("channels", "window"), [(1, 3), (1, 7), (3, 5), (2, 11), (1, 9)])
def test_local_variance(channels: int, window: int) -> None:
    random = torch.Generator().manual_seed(window)
    images = torch.rand(2, channels, 7, 8, generator=random, dtype=torch.float64).requires_grad_()
    weights = torch.rand(2, 1, 7, 8, generator=random, dtype=torch.float64)
    found = local_variance(images, window)
    wanted = torch.stack(
        [
            torch.stack([variance_around(image, row, column, window) for column in range(8)])
            for image in images
            for row in range(7)
        ]
    ).view(2, 1, 7, 8)
    assert torch.allclose(found, wanted, atol=1e-12)
    gradient = torch.autograd.grad((found * weights).sum(), images)[0]
    assert torch.allclose(gradient, torch.autograd.grad((wanted * weights).sum(), images)[0], atol=1e-12)


def test_local_variance_can_be_differentiated_twice() -> None:
    images = torch.rand(1, 2, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradgradcheck(lambda x: local_variance(x, 3), images.requires_grad_())


def test_a_bright_image_keeps_its_small_variance() -> None:
    """The difference of two large squares, taken naively in float32, would lose it."""
    random = torch.Generator().manual_seed(0)
    noise = 1e-3 * torch.randn(1, 1, 32, 32, generator=random)
    found = local_variance(noise + 100, 7)
    assert torch.allclose(found, local_variance((noise + 100).double(), 7).float(), rtol=1e-3)


def test_an_image_too_small_for_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="9x5 is too small"):
        local_variance(torch.rand(1, 1, 5, 9), 11)


@pytest.fixture
def textured() -> Batch:
    """Images whose deviation lies on both sides of the threshold."""
    random = torch.Generator().manual_seed(2)
    contrast = torch.linspace(0, 0.08, 24).expand(2, 1, 20, 24)
    hr = 0.5 + contrast * torch.randn(2, 3, 20, 24, generator=random)
    lr = 0.5 + 2 * contrast[..., ::4, ::4] * torch.randn(2, 3, 5, 6, generator=random)
    return Batch(lr, hr, hr)


@pytest.mark.parametrize("image", ["hr", "enlarged_lr"])
def test_mask_equals_the_equation(textured: Batch, image: str) -> None:
    patch, threshold = 5, 0.025
    mask = build(patch=patch, image=image)(textured)
    pixels = textured.hr
    if image == "enlarged_lr":
        pixels = functional.interpolate(textured.lr, scale_factor=4, mode="bicubic", align_corners=False)
    assert mask.shape == (2, 1, 20, 24)
    values = []
    for n in range(2):
        red, green, blue = pixels[n].double()
        luma = (0.2989 * red + 0.587 * green + 0.114 * blue)[None]
        for row in range(20):
            for column in range(24):
                deviation = variance_around(luma, row, column, patch).sqrt().item()
                if abs(deviation - threshold) > 1e-6:
                    values.append(mask[n, 0, row, column].item())
                    assert values[-1] == (deviation >= threshold)
    assert 0.2 < sum(values) / len(values) < 0.8


def test_mask_of_a_large_batch_equals_unfolding() -> None:
    random = torch.Generator().manual_seed(3)
    hr = (0.5 + 0.045 * torch.randn(2, 3, 96, 96, generator=random)).clamp(0, 1)
    hr[..., 48:] = 0.5 + 0.5 * (hr[..., 48:] - 0.5)
    mask = build()(Batch(hr[..., ::4, ::4], hr, hr))
    wanted = naive_losses.region_mask(hr.double(), 11, 0.025)
    assert torch.equal(mask.double(), wanted)
    assert 0 < mask.mean() < 1


@pytest.mark.parametrize("patch", [1, 4])
def test_senseless_patches_are_refused(patch: int) -> None:
    with pytest.raises(ValidationError, match="patch"):
        build(patch=patch)


def test_flat_is_0_and_texture_is_1() -> None:
    flat = torch.full((1, 3, 32, 32), 0.7)
    checks = (torch.arange(32)[:, None] + torch.arange(32)) % 2 * 0.2 + torch.zeros(1, 3, 1, 1)
    assert not build()(Batch(flat, flat, flat)).any()
    assert build()(Batch(checks, checks, checks)).all()


def test_mask_has_no_gradient_and_the_type_of_the_truth(textured: Batch) -> None:
    sr = textured.hr.clone().requires_grad_()
    mask = build()(replace(textured, hr=textured.hr.requires_grad_(), sr=sr))
    assert not mask.requires_grad
    assert mask.dtype == torch.float32
