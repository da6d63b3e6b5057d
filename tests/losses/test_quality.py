"""The quality loss against GMGAN's Eq. 5 to 9, pixel by pixel."""

import math

import numpy as np
import pytest
import torch

from sr.losses.batch import Batch
from sr.losses.quality import Quality, QualitySettings
from sr.metrics.gmsd import GMSD

CONSTANT = 0.0026


def magnitude(plane: torch.Tensor, row: int, column: int) -> torch.Tensor:
    """Prewitt, divided by 3, around one pixel."""
    across = sum(plane[row + k, column - 1] - plane[row + k, column + 1] for k in (-1, 0, 1)) / 3
    down = sum(plane[row - 1, column + k] - plane[row + 1, column + k] for k in (-1, 0, 1)) / 3
    return (across**2 + down**2 + 1e-30).sqrt()


def naive(sr: torch.Tensor, hr: torch.Tensor) -> torch.Tensor:
    total = torch.zeros((), dtype=torch.float64)
    for image, original in zip(sr, hr, strict=True):
        for ours, theirs in zip(image, original, strict=True):
            similarities = []
            for row in range(1, ours.shape[0] - 1):
                for column in range(1, ours.shape[1] - 1):
                    m1, m2 = magnitude(theirs, row, column), magnitude(ours, row, column)
                    similarities.append((2 * m1 * m2 + CONSTANT) / (m1**2 + m2**2 + CONSTANT))
            mean = sum(similarities) / len(similarities)
            variance = sum((value - mean) ** 2 for value in similarities) / len(similarities)
            total = total + variance.sqrt() / len(sr)
    return total


@pytest.fixture
def quality() -> Quality:
    return QualitySettings(weight=1.0, constant=CONSTANT).build()


def test_equals_the_equations_with_its_gradient(batch: Batch, quality: Quality) -> None:
    ours, wanted = quality(batch), naive(batch.sr, batch.hr)
    assert ours.item() == pytest.approx(wanted.item(), abs=1e-9)
    gradient = torch.autograd.grad(ours, batch.sr, retain_graph=True)[0]
    assert torch.allclose(gradient, torch.autograd.grad(wanted, batch.sr)[0], atol=1e-9)


def test_nothing_to_improve_gives_nothing_and_stays_finite(batch: Batch, quality: Quality) -> None:
    for image in (batch.hr, torch.full_like(batch.hr, 0.5)):
        sr = image.clone().requires_grad_()
        loss = quality(Batch(batch.lr, image, sr))
        assert loss.item() == 0.0
        assert torch.isfinite(torch.autograd.grad(loss, sr)[0]).all()


def test_agrees_with_the_metric(batch: Batch) -> None:
    """Three ways in which the metric differs are undone: it halves images, surrounds them by black, and
    divides by one pixel less.
    """
    metric = GMSD()
    constant = 170 / 255**2
    size = batch.hr[0, 0].numel()
    expected = 0.0
    for sr, hr in zip(batch.sr.detach(), batch.hr, strict=True):
        for ours, theirs in zip(sr, hr, strict=True):
            enlarged = [np.kron(plane.numpy() * 255, np.ones((2, 2))) for plane in (ours, theirs)]
            deviation = metric.score(enlarged[0], metric.reference(enlarged[1]))
            expected += deviation * ((size - 1) / size) ** 0.5 / len(batch.sr)
    framed = [torch.nn.functional.pad(images.detach(), (1, 1, 1, 1)) for images in (batch.hr, batch.sr)]
    found = QualitySettings(weight=1.0, constant=constant).build()(Batch(batch.lr, *framed))
    assert found.item() == pytest.approx(expected, abs=1e-9)


def test_is_computed_in_float32_at_least(batch: Batch, quality: Quality) -> None:
    coarse = batch.sr.detach().bfloat16()
    assert quality(Batch(batch.lr, batch.hr.float(), coarse)).dtype == torch.float32


def test_a_blurred_image_is_worse_than_a_shifted_one(quality: Quality) -> None:
    """What the measure is for: it sees structure, not brightness."""
    random = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    blurred = torch.nn.functional.avg_pool2d(random, 3, stride=1, padding=1)
    lr = torch.zeros(1, 3, 4, 4)
    assert quality(Batch(lr, random, random + 0.1)).item() < 1e-4
    assert quality(Batch(lr, random, blurred)).item() > 0.1
    assert math.isfinite(quality(Batch(lr, random, blurred)).item())
