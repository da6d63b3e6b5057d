"""The adversarial game against Eq. 2 and Eq. 6, with the sigmoid and logarithm written out."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from sr.losses.batch import Batch
from sr.losses.standard_gan import StandardGAN

GAME = StandardGAN()


class Brightness(nn.Module):
    """A discriminator that is easy to follow: four times the mean, minus an offset."""

    def __init__(self) -> None:
        super().__init__()
        self.offset = nn.Parameter(torch.tensor(1.5, dtype=torch.float64))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return 4 * images.mean(dim=(1, 2, 3))[:, None] - self.offset


@pytest.fixture
def judged(batch: Batch) -> Batch:
    return replace(batch, discriminator=Brightness())


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_generator_loss(judged: Batch) -> None:
    logits = Brightness()(judged.sr)[:, 0].tolist()
    wanted = sum(-math.log(probability(logit)) for logit in logits) / len(logits)
    assert GAME(judged).item() == pytest.approx(wanted, abs=1e-9)


def test_discriminator_loss(judged: Batch) -> None:
    real, fake = (Brightness()(images)[:, 0].tolist() for images in (judged.hr, judged.sr))
    wanted = sum(-math.log(probability(logit)) for logit in real) / len(real)
    wanted += sum(-math.log(1 - probability(logit)) for logit in fake) / len(fake)
    assert GAME.discriminator_terms(judged)["discriminator"].item() == pytest.approx(wanted, abs=1e-9)


def test_the_two_pull_the_logit_of_fakes_apart(judged: Batch) -> None:
    up = torch.autograd.grad(GAME(judged), judged.sr)[0]
    down = torch.autograd.grad(GAME.discriminator_terms(judged)["discriminator"], judged.sr)[0]
    assert (up < 0).all()
    assert (down > 0).all()


def test_confident_logits_stay_finite(batch: Batch) -> None:
    class Sure(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.sum(dim=(1, 2, 3))[:, None] * 1e4

    sure = replace(batch, discriminator=Sure())
    assert torch.isfinite(GAME.discriminator_terms(sure)["discriminator"])
    assert torch.isfinite(GAME(sure))


def test_needs_a_discriminator(batch: Batch) -> None:
    with pytest.raises(ValueError, match="needs a discriminator"):
        GAME(batch)
