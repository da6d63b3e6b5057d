"""The best-buddy and back-projection losses against Eq. 1-4, patch by patch."""

import math
from dataclasses import replace

import pytest
import torch
from pydantic import ValidationError
from torch.nn import functional

from benchmarks import naive_losses
from sr.degradation import bicubic
from sr.losses import best_buddy
from sr.losses.back_projection import BackProjectionSettings
from sr.losses.batch import Batch
from sr.losses.best_buddy import BestBuddy, BestBuddySettings, best_buddies

PAPER = {"weight": 0.1, "alpha": 1.0, "beta": 1.0, "patch": 3, "stride": 3, "levels": 3, "antialias": True}


def build(**changes: object) -> BestBuddy:
    return BestBuddySettings.model_validate({**PAPER, **changes}).build()


@pytest.fixture
def batch() -> Batch:
    random = torch.Generator().manual_seed(1)
    hr = torch.rand(2, 3, 12, 16, generator=random, dtype=torch.float64)
    sr = (hr + 0.2 * torch.randn(hr.shape, generator=random, dtype=torch.float64)).requires_grad_()
    return Batch(bicubic(hr, 1 / 4), hr, sr)


def cut(image: torch.Tensor, stride: int) -> list[torch.Tensor]:
    _, height, width = image.shape
    return [
        image[:, top : top + 3, left : left + 3]
        for top in range(0, height - 2, stride)
        for left in range(0, width - 2, stride)
    ]


def written_out(batch: Batch, alpha: float, beta: float, stride: int, antialias: bool) -> torch.Tensor:
    total, count = torch.zeros((), dtype=torch.float64), 0
    for sr, hr in zip(batch.sr, batch.hr, strict=True):
        candidates = cut(hr, stride)
        for factor in (1 / 2, 1 / 4):
            if antialias:
                reduced = bicubic(hr[None], factor)[0]
            else:
                reduced = functional.interpolate(hr[None], scale_factor=factor, mode="bicubic")[0]
            candidates += cut(reduced, stride)
        for estimate, truth in zip(cut(sr, stride), cut(hr, stride), strict=True):
            best, buddy = math.inf, truth
            for candidate in candidates:
                to_truth = sum(
                    (a - b) ** 2 for a, b in zip(candidate.flatten(), truth.flatten(), strict=True)
                )
                to_estimate = sum(
                    (a - b) ** 2 for a, b in zip(candidate.flatten(), estimate.flatten(), strict=True)
                )
                score = (alpha * to_truth + beta * to_estimate).item()
                if score < best:
                    best, buddy = score, candidate
            for a, b in zip(estimate.flatten(), buddy.flatten(), strict=True):
                total = total + (a - b).abs()
                count += 1
    return total / count


@pytest.mark.parametrize(
    ("alpha", "beta", "stride", "antialias"),
    [(1.0, 1.0, 3, True), (1.0, 1.0, 3, False), (0.3, 2.0, 2, True)],
)
def test_equals_the_equations(batch: Batch, alpha: float, beta: float, stride: int, antialias: bool) -> None:
    first = replace(batch, hr=batch.hr[:1], sr=batch.sr[:1]) if stride == 2 else batch
    loss = build(alpha=alpha, beta=beta, stride=stride, antialias=antialias)(first)
    wanted = written_out(first, alpha, beta, stride, antialias)
    assert abs((loss - wanted).item()) < 1e-9
    gradient = torch.autograd.grad(loss, batch.sr)[0]
    assert torch.allclose(gradient, torch.autograd.grad(wanted, batch.sr)[0], atol=1e-12)


def large(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Something with the spectrum of photographs, flat and saturated areas included."""
    random = torch.Generator().manual_seed(seed)
    fields = torch.randn(2, 3, 96, 96, generator=random).cumsum(2).cumsum(3) / 40
    hr = ((fields + 0.5).clamp(0, 1) * 255).round() / 255
    return (hr + 0.02 * torch.randn(hr.shape, generator=random)).requires_grad_(), hr


def test_float32_chooses_as_float64_does() -> None:
    """Also where rounding would decide between two candidates, and in the chunks of a large search."""
    sr, hr = large(0)
    loss = build()(Batch(hr, hr, sr))
    exact_sr = sr.detach().double().requires_grad_()
    exact = naive_losses.best_buddy(exact_sr, hr.double(), 1.0, 1.0)
    assert abs(loss.item() - exact.item()) < 1e-6
    gradient = torch.autograd.grad(loss, sr)[0]
    assert torch.allclose(gradient.double(), torch.autograd.grad(exact, exact_sr)[0], atol=1e-10)


def test_autocast_and_reduced_products_change_nothing() -> None:
    sr, hr = large(1)
    wanted = build()(Batch(hr, hr, sr))
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = build()(Batch(hr, hr, sr))
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)
    assert found.dtype == torch.float32
    assert torch.equal(found, wanted)


def test_half_precision_estimates_are_searched_in_float32() -> None:
    sr, hr = large(2)
    half = sr.detach().bfloat16()
    assert torch.equal(build()(Batch(hr, hr, half)), build()(Batch(hr, hr, half.float())))


def test_buddies_that_rounding_can_not_tell_apart() -> None:
    """Two candidates on opposite sides of the truth, their distances closer than products in float32 tell."""
    truth = torch.full((1, 1, 27), 0.7)
    near, far, elsewhere = truth[0, 0] + 1e-4, truth[0, 0] - 1.01e-4, torch.zeros(27)
    for candidates in (torch.stack([near, far, elsewhere]), torch.stack([elsewhere, far, near])):
        assert torch.equal(best_buddies(truth, truth, candidates[None], 1.0, 1.0)[0, 0], near)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_estimate_that_is_not_finite_gives_a_loss_that_is_not(value: float) -> None:
    sr, hr = large(4)
    with torch.no_grad():
        sr[0, 0, 5, 5] = value
    assert not torch.isfinite(build()(Batch(hr, hr, sr)))


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 200])
def test_any_number_of_candidates(count: int) -> None:
    random = torch.Generator().manual_seed(count)
    estimates, truths = torch.rand(2, 1, 9, 4, generator=random).double()
    candidates = torch.rand(1, count, 4, generator=random).double()
    chosen = best_buddies(estimates, truths, candidates, 0.5, 2.0)[0]
    for buddy, estimate, truth in zip(chosen, estimates[0], truths[0], strict=True):
        scores = [
            0.5 * (point - truth).square().sum() + 2.0 * (point - estimate).square().sum()
            for point in candidates[0]
        ]
        assert torch.equal(buddy, candidates[0, int(torch.stack(scores).argmin())])


def test_small_beta_is_mae(batch: Batch) -> None:
    """Sec. 3.1: for beta much smaller than alpha the truth is the buddy; patches cover 12x15."""
    loss = build(beta=1e-6)(batch)
    assert torch.isclose(loss, functional.l1_loss(batch.sr[..., :15], batch.hr[..., :15]))


def test_the_truth_costs_nothing(batch: Batch) -> None:
    assert build()(replace(batch, sr=batch.hr)) == 0


def test_flat_images() -> None:
    flat = torch.full((1, 3, 24, 24), 0.3)
    assert build()(Batch(flat, flat, flat + 0.1)).item() == pytest.approx(0.1, abs=1e-6)


def test_a_level_without_a_patch_is_refused() -> None:
    small = torch.rand(1, 3, 8, 8)
    with pytest.raises(ValueError, match=r"2x2.*no 3x3 patch"):
        build()(Batch(small, small, small))


@pytest.mark.parametrize(
    "changes", [{"alpha": -1.0}, {"alpha": 0.0, "beta": 0.0}, {"patch": 0}, {"levels": 0}]
)
def test_senseless_settings_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        build(**changes)


def test_back_projection(batch: Batch) -> None:
    loss = BackProjectionSettings(weight=1.0).build()(batch)
    reduced = bicubic(batch.sr, 1 / 4)
    total = torch.zeros((), dtype=torch.float64)
    for found, wanted in zip(reduced.flatten(), (batch.lr + 0.0).flatten(), strict=True):
        total = total + (found - wanted).abs()
    assert torch.isclose(loss, total / batch.lr.numel())
    gradient = torch.autograd.grad(loss, batch.sr, retain_graph=True)[0]
    assert torch.allclose(gradient, torch.autograd.grad(total / batch.lr.numel(), batch.sr)[0])


def test_back_projection_of_the_truth_is_nothing(batch: Batch) -> None:
    assert BackProjectionSettings(weight=1.0).build()(replace(batch, sr=batch.hr)) < 1e-12


def test_back_projection_under_autocast() -> None:
    sr, hr = large(3)
    reduced = Batch(bicubic(hr, 1 / 4), hr, sr)
    loss = BackProjectionSettings(weight=1.0).build()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = loss(reduced)
    assert torch.equal(found, loss(reduced))


def test_the_nearest_few_hold_the_buddy() -> None:
    """What a GPU does: float32 names a few, float64 decides among them."""
    draws = torch.Generator().manual_seed(0)
    points = (torch.rand(500, 27, generator=draws) * 8).round() / 8
    targets = points[:300] + points[:300].flip(0) + 0.1 * torch.randn(300, 27, generator=draws)
    few = best_buddy._nearest_few(points, targets, 2.0)
    found = best_buddy._decided(points.double(), few, targets.double(), 2.0)
    exact = 2.0 * points.double().square().sum(dim=1) - 2.0 * targets.double() @ points.double().T
    assert few.shape == (300, 4)
    assert torch.equal(exact.gather(1, found[:, None])[:, 0], exact.amin(dim=1))
