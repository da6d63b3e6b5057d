"""The Wasserstein game against GMGAN's Eq. 10 and 11, and what its penalty is for."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from sr.losses.batch import Batch
from sr.losses.wasserstein_gan import WassersteinGAN, WassersteinGANSettings, gradient_penalty


class Bowl(nn.Module):
    """D(x) = s * sum(x^2): its gradient is 2 s x, known without differentiating."""

    def __init__(self) -> None:
        super().__init__()
        self.steepness = nn.Parameter(torch.tensor(0.1, dtype=torch.float64))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.steepness * images.square().sum(dim=(1, 2, 3))[:, None]


@pytest.fixture
def judged(batch: Batch) -> Batch:
    return replace(batch, discriminator=Bowl(), mixing=torch.tensor([0.25, 0.7], dtype=torch.float64))


@pytest.fixture(params=[1.0, 255.0])
def span(request: pytest.FixtureRequest) -> float:
    return request.param


@pytest.fixture
def game(span: float) -> WassersteinGAN:
    settings = {"weight": 1.0, "discriminator_weight": 5e-3, "penalty": 10.0, "intensity_range": (0.0, span)}
    return WassersteinGANSettings.model_validate(settings).build()


def naive_penalty(batch: Batch, steepness: torch.Tensor, span: float) -> torch.Tensor:
    """Of z = span x: the critic is s * sum((z / span)^2), and its gradient 2 s z / span^2."""
    total = torch.zeros((), dtype=torch.float64)
    for sr, hr, fraction in zip(batch.sr.detach(), batch.hr, [0.25, 0.7], strict=True):
        squares = torch.zeros((), dtype=torch.float64)
        for ours, theirs in zip(sr.flatten(), hr.flatten(), strict=True):
            z = span * (fraction * theirs + (1 - fraction) * ours)
            squares = squares + (2 * steepness * z / span**2) ** 2
        total = total + (squares.sqrt() - 1) ** 2 / 2
    return total


def test_the_generators_term(judged: Batch, game: WassersteinGAN) -> None:
    images = judged.sr.detach()
    wanted = -sum(0.1 * sum(float(value) ** 2 for value in image.flatten()) for image in images) / 2
    assert game(judged).item() == pytest.approx(wanted, abs=1e-9)
    gradient = torch.autograd.grad(game(judged), judged.sr)[0]
    assert torch.allclose(gradient, -0.1 * judged.sr.detach(), atol=1e-12)


def test_the_critics_terms_and_their_gradient(judged: Batch, game: WassersteinGAN, span: float) -> None:
    steepness = judged.discriminator.steepness  # type: ignore[union-attr]
    terms = game.discriminator_terms(judged.detached())
    images = (judged.sr.detach(), judged.hr)
    sizes = [[float(image.square().sum()) for image in part] for part in images]
    critic = 5e-3 * 0.1 * (sum(sizes[0]) - sum(sizes[1])) / 2
    assert terms["critic"].item() == pytest.approx(critic, abs=1e-9)
    wanted = 5e-3 * 10 * naive_penalty(judged, steepness, span)
    assert terms["gradient_penalty"].item() == pytest.approx(wanted.item(), abs=1e-9)
    ours = torch.autograd.grad(terms["gradient_penalty"], steepness)[0]
    assert ours.item() == pytest.approx(torch.autograd.grad(wanted, steepness)[0].item(), abs=1e-9)


def test_the_penalty_pulls_gradient_norms_to_one() -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(48, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    optimiser = torch.optim.Adam(critic.parameters(), lr=1e-2)
    images = torch.rand(2, 8, 3, 4, 4)
    batch = Batch(images[0], images[0], images[1], critic, mixing=torch.rand(8))
    before = gradient_penalty(batch, 1.0).item()
    for _ in range(300):
        optimiser.zero_grad()
        gradient_penalty(batch, 1.0).backward()
        optimiser.step()
    points = (batch.mixing.view(-1, 1, 1, 1) * (images[0] - images[1]) + images[1]).requires_grad_()
    norms = torch.autograd.grad(critic(points).sum(), points)[0].flatten(1).norm(dim=1)
    assert before > 0.1
    assert torch.allclose(norms, torch.ones(8), atol=0.05)


def test_a_critic_without_any_slope_stays_finite(batch: Batch) -> None:
    critic = nn.Sequential(nn.Flatten(), nn.Linear(batch.hr[0].numel(), 1)).double()
    nn.init.zeros_(critic[1].weight)
    penalty = gradient_penalty(replace(batch, discriminator=critic, mixing=torch.tensor([0.25, 0.7])), 1.0)
    assert penalty.item() == 1.0
    assert torch.isfinite(torch.autograd.grad(penalty, critic[1].weight)[0]).all()


def test_the_penalty_leaves_the_generator_alone(judged: Batch) -> None:
    assert torch.autograd.grad(gradient_penalty(judged, 1.0), judged.sr, allow_unused=True) == (None,)


def test_needs_draws(batch: Batch) -> None:
    with pytest.raises(ValueError, match="mixing draws"):
        gradient_penalty(replace(batch, discriminator=Bowl()), 1.0)
