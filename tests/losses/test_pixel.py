"""MSE and L1 against their equations, pixel by pixel, gradients included."""

import torch

from sr.losses.batch import Batch
from sr.losses.pixel import L1Settings, MSESettings
from tests.losses.agreement import agree


def mse_naive(batch: Batch, low: float, high: float) -> torch.Tensor:
    def rescaled(value: torch.Tensor) -> torch.Tensor:
        return low + (high - low) * value

    total, count = torch.zeros((), dtype=torch.float64), 0
    for sr, hr in zip(batch.sr.flatten(), batch.hr.flatten(), strict=True):
        total = total + (rescaled(hr) - rescaled(sr)) ** 2
        count += 1
    return total / count


def test_mse(batch: Batch) -> None:
    loss = MSESettings(weight=1.0, intensity_range=(-1, 1)).build()
    agree(batch, loss(batch), mse_naive(batch, -1, 1))


def test_mse_on_the_papers_range_is_four_times_that_on_0_1(batch: Batch) -> None:
    wide = MSESettings(weight=1.0, intensity_range=(-1, 1)).build()
    unit = MSESettings(weight=1.0, intensity_range=(0, 1)).build()
    assert torch.isclose(wide(batch), 4 * unit(batch))


def test_l1_equals_the_equation(batch: Batch) -> None:
    ours, naive = L1Settings(weight=1.0).build()(batch), torch.zeros((), dtype=torch.float64)
    for sr, hr in zip(batch.sr.flatten(), batch.hr.flatten(), strict=True):
        naive = naive + (hr - sr).abs() / batch.sr.numel()
    assert abs((ours - naive).item()) < 1e-10
    gradient = torch.autograd.grad(ours, batch.sr, retain_graph=True)[0]
    assert torch.allclose(gradient, torch.autograd.grad(naive, batch.sr)[0], atol=1e-12)
