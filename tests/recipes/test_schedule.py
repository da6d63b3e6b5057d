"""The learning rate's factor, against torch's own schedulers and the numbers papers and code state."""

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, MultiStepLR, SequentialLR

from sr.recipes.recipe import CosineSchedule, StepSchedule
from sr.recipes.schedule import factor

# Beby-GAN: three periods of 200k (sec. 4.1), 2000 steps of warm-up from 0.1 (released code).
BEBY = CosineSchedule(iterations=600_000, periods=3, warm_up=2000, warm_up_factor=0.1)


def optimiser() -> torch.optim.SGD:
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)


def rates(scheduler: torch.optim.lr_scheduler.LRScheduler, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        found.append(scheduler.get_last_lr()[0])
        scheduler.optimizer.step()
        scheduler.step()
    return found


def test_steps_are_torchs_multi_step() -> None:
    schedule = StepSchedule(iterations=30, milestones=(5, 10, 20), factor=0.5)
    expected = rates(MultiStepLR(optimiser(), [5, 10, 20], 0.5), 30)
    assert [factor(schedule, step) for step in range(30)] == pytest.approx(expected)


def test_no_milestones_mean_a_constant_rate() -> None:
    assert factor(StepSchedule(iterations=9, milestones=(), factor=0.5), 8) == 1.0


def test_a_period_is_torchs_linear_warm_up_then_cosine() -> None:
    schedule = CosineSchedule(iterations=60, periods=2, warm_up=10, warm_up_factor=0.1)
    ours = optimiser()
    warm_up, cosine = LinearLR(ours, 0.1, 1.0, total_iters=10), CosineAnnealingLR(ours, T_max=20)
    period = rates(SequentialLR(ours, [warm_up, cosine], milestones=[10]), 30)
    assert [factor(schedule, step) for step in range(60)] == pytest.approx(period + period, abs=1e-12)


@pytest.mark.parametrize("begin", [0, 200_000, 400_000])
def test_beby_gan_restarts_each_period(begin: int) -> None:
    assert factor(BEBY, begin) == pytest.approx(0.1)
    assert factor(BEBY, begin + 1000) == pytest.approx(0.55)
    assert factor(BEBY, begin + 2000) == pytest.approx(1.0)
    assert factor(BEBY, begin + 101_000) == pytest.approx(0.5)
    assert factor(BEBY, begin + 199_999) == pytest.approx(0.0, abs=1e-9)
