"""The relativistic average game against ESRGAN's Eq. 1 and 2, with sigmoid and logarithm written out."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import distributed, multiprocessing, nn

from sr.losses.batch import Batch
from sr.losses.region_mask import RegionMaskSettings
from sr.losses.relativistic_gan import RelativisticGAN, RelativisticGANSettings


class Contrast(nn.Module):
    """A discriminator that loops can follow, and that is not linear in the image."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return 3 * images.square().mean(dim=(1, 2, 3))[:, None]


@pytest.fixture
def judged(batch: Batch) -> Batch:
    return replace(batch, discriminator=Contrast())


@pytest.fixture
def game() -> RelativisticGAN:
    return RelativisticGANSettings(weight=1.0, region_mask=None).build()


def sigmoid(value: torch.Tensor) -> torch.Tensor:
    return 1 / (1 + torch.exp(-value))


def naive(first: list[torch.Tensor], second: list[torch.Tensor]) -> torch.Tensor:
    """-E[log D(first, second)] - E[log(1 - D(second, first))], logit by logit."""
    total = torch.zeros((), dtype=torch.float64)
    for logit in first:
        total = total - torch.log(sigmoid(logit - sum(second) / len(second))) / len(first)
    for logit in second:
        total = total - torch.log(1 - sigmoid(logit - sum(first) / len(first))) / len(second)
    return total


def logits(images: torch.Tensor) -> list[torch.Tensor]:
    return [3 * sum(value**2 for value in image.flatten()) / image.numel() for image in images]


def test_the_generators_term_and_its_gradient(judged: Batch, game: RelativisticGAN) -> None:
    ours, wanted = game(judged), naive(logits(judged.sr), logits(judged.hr))
    assert ours.item() == pytest.approx(wanted.item(), abs=1e-9)
    gradient = torch.autograd.grad(ours, judged.sr, retain_graph=True)[0]
    assert torch.allclose(gradient, torch.autograd.grad(wanted, judged.sr)[0], atol=1e-10)


def test_the_discriminators_term(judged: Batch, game: RelativisticGAN) -> None:
    terms = game.discriminator_terms(judged.detached())
    assert terms.keys() == {"discriminator"}
    wanted = naive(logits(judged.hr), logits(judged.sr))
    assert terms["discriminator"].item() == pytest.approx(wanted.item(), abs=1e-9)


def test_released_codes_discriminator_takes_the_others_mean_as_a_constant(judged: Batch) -> None:
    """The same value; the gradient is that of each image's own term, as if the means were numbers."""
    images = replace(judged, sr=judged.sr.detach().requires_grad_(), hr=judged.hr.clone().requires_grad_())
    game = RelativisticGANSettings(weight=1.0, region_mask=None, constant_means=True).build()
    ours = game.discriminator_terms(images)["discriminator"]
    real, fake = logits(images.hr), logits(images.sr)
    mean_real, mean_fake = (float(sum(side).detach()) / len(side) for side in (real, fake))
    wanted = -sum(torch.log(sigmoid(logit - mean_fake)) for logit in real) / len(real)
    wanted = wanted - sum(torch.log(1 - sigmoid(logit - mean_real)) for logit in fake) / len(fake)
    assert ours.item() == pytest.approx(wanted.item(), abs=1e-9)
    for image in (images.hr, images.sr):
        gradient = torch.autograd.grad(ours, image, retain_graph=True)[0]
        assert torch.allclose(gradient, torch.autograd.grad(wanted, image, retain_graph=True)[0], atol=1e-10)


def test_both_terms_of_the_generators_loss_reach_it(judged: Batch, game: RelativisticGAN) -> None:
    """The reals' term depends on the fakes through their mean: more than the fakes' own term arrives."""
    whole = torch.autograd.grad(game(judged), judged.sr)[0]
    real, fake = Contrast()(judged.hr), Contrast()(judged.sr)
    own = nn.functional.softplus(real.mean() - fake).mean()
    alone = torch.autograd.grad(own, judged.sr)[0]
    assert (whole.abs() > alone.abs() * 1.1).all()


def test_the_originals_cost_a_frozen_discriminator_no_gradient(batch: Batch, game: RelativisticGAN) -> None:
    remembered = []

    class Noting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3, 1, 1, dtype=torch.float64), requires_grad=False)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            judged = (self.weight * images).square().mean(dim=(1, 2, 3))[:, None]
            remembered.append(judged.requires_grad)
            return judged

    game(replace(batch, discriminator=Noting()))
    assert sorted(remembered) == [False, True]


def test_with_equal_images_nobody_wins(judged: Batch, game: RelativisticGAN) -> None:
    equal = replace(judged, sr=judged.hr[:1].expand(2, -1, -1, -1), hr=judged.hr[:1].expand(2, -1, -1, -1))
    assert game(equal).item() == pytest.approx(2 * math.log(2), abs=1e-9)


def test_the_mask_hides_flat_regions_from_the_discriminator(batch: Batch) -> None:
    seen = []

    class Watching(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            seen.append(images.detach())
            return images.mean(dim=(1, 2, 3))[:, None]

    flat_left = batch.hr.clone()
    flat_left[..., :6] = 0.5
    masked = RelativisticGANSettings(
        weight=1.0, region_mask=RegionMaskSettings(patch=3, threshold=0.025, image="hr")
    ).build()
    masked(replace(batch, hr=flat_left, discriminator=Watching()))
    for images in seen:
        assert (images[..., :5] == 0).all()
        assert (images[..., 7:] != 0).all()


def gradients(part: slice) -> dict[str, list[torch.Tensor]]:
    """Of a generator's and a discriminator's weights, each in its own loss, for a part of four images."""
    random = torch.Generator().manual_seed(0)
    hr, lr = (torch.rand(4, 3, side, side, generator=random, dtype=torch.float64)[part] for side in (8, 2))
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Conv2d(3, 48, 1), nn.PixelShuffle(4)).double()
    discriminator = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(144, 1)).double()
    game = RelativisticGANSettings(
        weight=1.0, region_mask=RegionMaskSettings(patch=3, threshold=0.3, image="hr")
    ).build()
    batch = Batch(lr, hr, generator(lr), discriminator)
    losses = {
        generator: game(batch),
        discriminator: game.discriminator_terms(batch.detached())["discriminator"],
    }
    return {
        name: list(torch.autograd.grad(losses[network], list(network.parameters())))
        for name, network in (("generator", generator), ("discriminator", discriminator))
    }


def half(rank: int, folder: Path) -> None:
    """What one of two processes does."""
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder / 'meeting'}", rank=rank, world_size=2
    )
    torch.save(gradients(slice(2 * rank, 2 * rank + 2)), folder / f"{rank}.pt")
    distributed.destroy_process_group()


def test_two_processes_average_to_the_gradients_of_one(tmp_path: Path) -> None:
    multiprocessing.spawn(half, (tmp_path,), nprocs=2)
    halves = [torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1)]
    for name, whole in gradients(slice(None)).items():
        assert max(float(expected.abs().max()) for expected in whole) > 1e-3
        for first, second, expected in zip(halves[0][name], halves[1][name], whole, strict=True):
            torch.testing.assert_close((first + second) / 2, expected, rtol=1e-9, atol=1e-12)
