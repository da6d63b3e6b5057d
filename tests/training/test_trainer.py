"""The step: who gets which gradient, and that nothing outside the state decides the outcome."""

import numpy as np
import pytest
import torch

from sr.data.crops import Augmentation, CropSampler
from sr.data.packing import PackedSet
from sr.losses.batch import Batch
from sr.training.objective import Objective
from sr.training.recipe import Recipe
from sr.training.trainer import Trainer


def build(recipe: Recipe, packed: PackedSet, seed: int = 0) -> Trainer:
    torch.set_num_threads(1)
    sampler = CropSampler(
        packed,
        seed=seed,
        batch=recipe.batch,
        patch=recipe.patch,
        augmentation=Augmentation(True, True),
        distinct_images=recipe.distinct_images,
    )
    return Trainer(recipe, Objective(recipe.losses), sampler, seed).to(torch.device("cpu"))


def weights(trainer: Trainer) -> list[torch.Tensor]:
    networks = [trainer.generator, trainer.discriminator]
    return [value.clone() for network in networks if network for value in network.state_dict().values()]


def equal(ours: list[torch.Tensor], theirs: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_every_generator_term_reaches_the_generator_alone(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(recipe, packed)
    lr, hr = (crops.float() / 255 for crops in trainer.sampler.batch(0))
    for name in ("mse", "standard_gan"):
        trainer.generator.zero_grad()
        trainer.discriminator.requires_grad_(False)
        batch = Batch(lr, hr, trainer.generator(lr), trainer.discriminator)
        trainer.objective.generator_terms(batch)[name].backward()
        size = sum(float(p.grad.abs().sum()) for p in trainer.generator.parameters())
        assert np.isfinite(size)
        assert size > 0
        assert all(p.grad is None for p in trainer.discriminator.parameters())


def test_the_discriminators_loss_reaches_the_discriminator_alone(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(recipe, packed)
    lr, hr = (crops.float() / 255 for crops in trainer.sampler.batch(0))
    batch = Batch(lr, hr, trainer.generator(lr), trainer.discriminator).detached()
    trainer.objective.discriminator_loss(batch).backward()
    assert all(p.grad is None for p in trainer.generator.parameters())
    assert all(torch.isfinite(p.grad).all() for p in trainer.discriminator.parameters())
    assert sum(float(p.grad.abs().sum()) for p in trainer.discriminator.parameters()) > 0


def test_a_step_changes_both_networks_and_names_every_term(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(recipe, packed)
    generator = [p.detach().clone() for p in trainer.generator.parameters()]
    discriminator = [p.detach().clone() for p in trainer.discriminator.parameters()]
    terms = trainer.step()
    assert terms.keys() == {"mse", "standard_gan", "discriminator"}
    assert not equal(generator, list(trainer.generator.parameters()))
    assert not equal(discriminator, list(trainer.discriminator.parameters()))


def test_learning_rate_falls_at_the_milestone(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(recipe, packed)
    rates = []
    for _ in range(6):
        rates.append(trainer.learning_rate)
        trainer.step()
    assert rates == pytest.approx([1e-3] * 4 + [1e-4] * 2)


@pytest.mark.parametrize("stop", [1, 4, 5])
def test_resumed_equals_unbroken_bit_for_bit(recipe: Recipe, packed: PackedSet, stop: int) -> None:
    unbroken = build(recipe, packed)
    for _ in range(6):
        unbroken.step()
    first = build(recipe, packed)
    for _ in range(stop):
        first.step()
    state = first.state()
    torch.manual_seed(123)  # global random state must not matter
    resumed = build(recipe, packed)
    resumed.load_state(state)
    torch.rand(7)
    for _ in range(6 - stop):
        resumed.step()
    assert equal(weights(unbroken), weights(resumed))


def test_another_seed_gives_other_weights(recipe: Recipe, packed: PackedSet) -> None:
    assert not equal(weights(build(recipe, packed, 0)), weights(build(recipe, packed, 1)))
    assert equal(weights(build(recipe, packed, 1)), weights(build(recipe, packed, 1)))
