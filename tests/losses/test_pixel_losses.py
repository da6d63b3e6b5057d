"""MSE and total variation against their equations, pixel by pixel, gradients included."""

import torch

from sr.losses.batch import Batch
from sr.losses.l1 import L1Settings
from sr.losses.mse import MSESettings
from sr.losses.total_variation import TotalVariationSettings


def mse_naive(batch: Batch, low: float, high: float) -> torch.Tensor:
    def rescaled(value: torch.Tensor) -> torch.Tensor:
        return low + (high - low) * value

    total, count = torch.zeros((), dtype=torch.float64), 0
    for sr, hr in zip(batch.sr.flatten(), batch.hr.flatten(), strict=True):
        total = total + (rescaled(hr) - rescaled(sr)) ** 2
        count += 1
    return total / count


def total_variation_naive(batch: Batch, low: float, high: float) -> torch.Tensor:
    images = low + (high - low) * batch.sr
    count, channels, height, width = images.shape
    total = torch.zeros((), dtype=torch.float64)
    for n in range(count):
        for c in range(channels):
            for y in range(height):
                for x in range(width):
                    if y + 1 < height:
                        total = total + (images[n, c, y + 1, x] - images[n, c, y, x]).abs()
                    if x + 1 < width:
                        total = total + (images[n, c, y, x + 1] - images[n, c, y, x]).abs()
    return total / count


def agree(batch: Batch, ours: torch.Tensor, naive: torch.Tensor) -> None:
    assert abs((ours - naive).item()) < 1e-5 * max(1.0, abs(naive.item()))
    gradient = torch.autograd.grad(ours, batch.sr, retain_graph=True)[0]
    wanted = torch.autograd.grad(naive, batch.sr)[0]
    assert torch.allclose(gradient, wanted, atol=1e-7, rtol=1e-5)


def test_mse(batch: Batch) -> None:
    loss = MSESettings(weight=1.0, intensity_range=(-1, 1)).build()
    agree(batch, loss(batch), mse_naive(batch, -1, 1))


def test_mse_on_the_papers_range_is_four_times_that_on_0_1(batch: Batch) -> None:
    wide = MSESettings(weight=1.0, intensity_range=(-1, 1)).build()
    unit = MSESettings(weight=1.0, intensity_range=(0, 1)).build()
    assert torch.isclose(wide(batch), 4 * unit(batch))


def test_total_variation(batch: Batch) -> None:
    loss = TotalVariationSettings(weight=2e-8, intensity_range=(-1, 1)).build()
    agree(batch, loss(batch), total_variation_naive(batch, -1, 1))


def test_flat_images_have_no_variation() -> None:
    flat = torch.full((1, 3, 5, 5), 0.3)
    loss = TotalVariationSettings(weight=1.0, intensity_range=(0, 1)).build()
    assert loss(Batch(flat, flat, flat)) == 0


def test_l1_equals_the_equation(batch: Batch) -> None:
    ours, naive = L1Settings(weight=1.0).build()(batch), torch.zeros((), dtype=torch.float64)
    for sr, hr in zip(batch.sr.flatten(), batch.hr.flatten(), strict=True):
        naive = naive + (hr - sr).abs() / batch.sr.numel()
    assert abs((ours - naive).item()) < 1e-10
    gradient = torch.autograd.grad(ours, batch.sr, retain_graph=True)[0]
    assert torch.allclose(gradient, torch.autograd.grad(naive, batch.sr)[0], atol=1e-12)
