"""The artifact loss against LDL's Eq. 2-7, pixel by pixel."""

from dataclasses import replace

import pytest
import torch

from benchmarks import naive_losses
from sr.losses.artifact import Artifact, ArtifactSettings
from sr.losses.batch import Batch

PAPER = {
    "weight": 1.0,
    "window": 7,
    "root": 5,
    "map": "refined",
    "residual": "signed",
    "gradient_through_map": True,
}


def build(**changes: object) -> Artifact:
    return ArtifactSettings.model_validate({**PAPER, **changes}).build()


@pytest.fixture
def batch() -> Batch:
    random = torch.Generator().manual_seed(5)
    hr = torch.rand(2, 3, 6, 8, generator=random, dtype=torch.float64)
    sr = (hr + 0.1 * torch.randn(hr.shape, generator=random, dtype=torch.float64)).requires_grad_()
    sr_ema = hr + 0.1 * torch.randn(hr.shape, generator=random, dtype=torch.float64)
    return Batch(hr[..., ::4, ::4], hr, sr, sr_ema=sr_ema)


def variance(values: list[torch.Tensor]) -> torch.Tensor:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def mirrored(index: int, size: int) -> int:
    index = abs(index)
    return index if index < size else 2 * (size - 1) - index


def written_out(batch: Batch, window: int, *, map: str, residual: str, through: bool) -> torch.Tensor:
    half, terms = window // 2, []
    for hr, sr, sr_ema in zip(batch.hr, batch.sr, batch.sr_ema, strict=True):
        first, second = hr - sr, hr - sr_ema
        judged = first if residual == "signed" else (first[0].abs() + first[1].abs() + first[2].abs())[None]
        sigma = variance(list(judged.flatten())) ** (1 / 5)
        _, height, width = judged.shape
        for y in range(height):
            for x in range(width):
                values = [
                    channel[mirrored(y + dy, height), mirrored(x + dx, width)]
                    for channel in judged
                    for dy in range(-half, half + 1)
                    for dx in range(-half, half + 1)
                ]
                weight = variance(values)
                if map in ("scaled", "refined"):
                    weight = sigma * weight
                ours = sum(abs(first[c, y, x].item()) for c in range(3))
                averaged = sum(abs(second[c, y, x].item()) for c in range(3))
                if map == "refined" and ours < averaged:
                    weight = torch.zeros_like(weight)
                terms += [(weight if through else weight.detach()) * first[c, y, x] for c in range(3)]
    return sum(term.abs() for term in terms) / len(terms)


@pytest.mark.parametrize("map", ["local", "scaled", "refined"])
@pytest.mark.parametrize("residual", ["signed", "absolute_sum"])
@pytest.mark.parametrize("through", [True, False])
def test_equals_the_equations(batch: Batch, map: str, residual: str, through: bool) -> None:
    loss = build(window=3, map=map, residual=residual, gradient_through_map=through)(batch)
    wanted = written_out(batch, 3, map=map, residual=residual, through=through)
    assert abs((loss - wanted).item()) < 1e-12
    gradient = torch.autograd.grad(loss, batch.sr)[0]
    assert torch.allclose(gradient, torch.autograd.grad(wanted, batch.sr)[0], atol=1e-12, rtol=1e-9)


@pytest.mark.parametrize("signed", [True, False])
def test_float32_equals_unfolding_in_float64(signed: bool) -> None:
    random = torch.Generator().manual_seed(6)
    hr = torch.rand(2, 3, 64, 64, generator=random)
    sr = (hr + 0.05 * torch.randn(hr.shape, generator=random)).requires_grad_()
    sr_ema = hr + 0.05 * torch.randn(hr.shape, generator=random)
    loss = build(residual="signed" if signed else "absolute_sum")(Batch(hr, hr, sr, sr_ema=sr_ema))
    exact_sr = sr.detach().double().requires_grad_()
    exact = naive_losses.artifact(exact_sr, hr.double(), sr_ema.double(), signed=signed)
    assert loss.item() == pytest.approx(exact.item(), rel=1e-5)
    gradient = torch.autograd.grad(loss, sr)[0].double()
    wanted = torch.autograd.grad(exact, exact_sr)[0]
    assert torch.allclose(gradient, wanted, rtol=1e-3, atol=1e-5 * wanted.abs().max().item())


def test_no_penalty_where_the_generator_beats_its_average(batch: Batch) -> None:
    """Eq. 6, first case: everywhere, and then in one half of the image only."""
    worse = batch.hr + 2 * (batch.sr - batch.hr).detach()
    assert build()(replace(batch, sr_ema=worse)) == 0
    half = torch.cat([worse[..., :4], batch.hr[..., 4:]], dim=-1)
    gradient = torch.autograd.grad(build(gradient_through_map=False)(replace(batch, sr_ema=half)), batch.sr)[
        0
    ]
    assert not gradient[..., :4].any()
    assert gradient[..., 4:].all()


def test_penalty_where_both_are_equal(batch: Batch) -> None:
    """Eq. 6, second case, includes equality: with the generator as its own average it is sigma M."""
    same = replace(batch, sr_ema=batch.sr.detach())
    assert torch.equal(build()(same), build(map="scaled")(same))


def test_no_gradient_reaches_the_average(batch: Batch) -> None:
    average = batch.sr_ema.clone().requires_grad_()
    build()(replace(batch, sr_ema=average)).backward()
    assert average.grad is None


def test_a_perfect_output_has_a_finite_gradient(batch: Batch) -> None:
    """The root's slope is infinite where the residual does not vary."""
    for offset in (0.0, 0.25):
        sr = (batch.hr + offset).requires_grad_()
        build(map="scaled")(replace(batch, sr=sr)).backward()
        assert torch.isfinite(sr.grad).all()


def test_only_the_refined_map_needs_the_average(batch: Batch) -> None:
    without = replace(batch, sr_ema=None)
    for kind in ("local", "scaled", "refined"):
        settings = ArtifactSettings.model_validate({**PAPER, "window": 3, "map": kind})
        assert settings.needs_ema == (kind == "refined")
        if settings.needs_ema:
            with pytest.raises(ValueError, match="sr_ema"):
                settings.build()(without)
        else:
            assert settings.build()(without) > 0
