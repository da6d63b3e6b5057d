"""The step: who gets which gradient, and that nothing outside the state decides the outcome."""

import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import Adam
from torch.utils._python_dispatch import TorchDispatchMode

from sr.data.crops import Augmentation, CropSampler
from sr.data.packing import PackedSet
from sr.device import CPU, Execution
from sr.errors import InputError
from sr.losses.batch import Batch
from sr.networks.output import OutputConv2d, OutputLinear
from sr.networks.vgg import VGGFeatures
from sr.recipes.recipe import Losses, Recipe
from sr.training.objective import Objective
from sr.training.trainer import PlainAdam, Trainer
from tests.training.plain_networks import gradients, without_batch_statistics


def build(recipe: Recipe, packed: PackedSet, seed: int = 0, execution: Execution = CPU) -> Trainer:
    torch.set_num_threads(1)
    sampler = CropSampler(
        packed,
        seed=seed,
        batch=recipe.batch,
        patch=recipe.patch,
        augmentation=Augmentation(True, True),
        sampling=recipe.sampling,
        distinct_images=recipe.distinct_images,
    )
    return Trainer(recipe, Objective(recipe.losses), sampler, seed, execution)


def weights(trainer: Trainer) -> list[torch.Tensor]:
    networks = [trainer.generator, trainer.discriminator, trainer.average and trainer.average.network]
    return [value.clone() for network in networks if network for value in network.state_dict().values()]


def equal(ours: list[torch.Tensor], theirs: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def averaging(recipe: Recipe, **changes: Any) -> Recipe:
    """`recipe` with an averaged generator that is its result."""
    values = recipe.model_dump(mode="json") | {"ema": {"decay": 0.9}, "result": "averaged"} | changes
    return Recipe.model_validate(values)


def observed(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> list[Batch]:
    """The batches that the objective will see, in their order."""
    seen: list[Batch] = []
    terms = trainer.objective.generator_terms

    def noting(batch: Batch) -> dict[str, torch.Tensor]:
        seen.append(batch)
        return terms(batch)

    monkeypatch.setattr(trainer.objective, "generator_terms", noting)
    return seen


@pytest.mark.parametrize("saved", [torch.contiguous_format, torch.channels_last])
def test_it_goes_on_under_another_memory_layout(
    saved: torch.memory_format, recipe: Recipe, packed: PackedSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what a GPU in float32 saved, a CPU must not take one weight's moments for another's."""

    def in_layout(layout: torch.memory_format) -> Trainer:
        monkeypatch.setattr(Execution, "layout", property(lambda _self: layout))
        return build(averaging(recipe), packed)

    other = torch.channels_last if saved is torch.contiguous_format else torch.contiguous_format
    first, second = in_layout(saved), in_layout(other)
    for _ in range(3):
        first.step()
    # As from a file: tensors of its own.
    second.load_state(deepcopy(first.state()))
    for _ in range(3):
        first.step()
        second.step()
    for ours, theirs in zip(weights(second), weights(first), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0.0, atol=1e-6)


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
    sum(trainer.objective.discriminator_terms(batch).values()).backward()
    assert all(p.grad is None for p in trainer.generator.parameters())
    assert all(torch.isfinite(p.grad).all() for p in trainer.discriminator.parameters())
    assert sum(float(p.grad.abs().sum()) for p in trainer.discriminator.parameters()) > 0


def test_a_step_changes_both_networks_and_names_every_term(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(recipe, packed)
    generator = [p.detach().clone() for p in trainer.generator.parameters()]
    discriminator = [p.detach().clone() for p in trainer.discriminator.parameters()]
    terms = trainer.step()
    norms = {"generator_gradient_norm", "discriminator_gradient_norm"}
    assert terms.keys() == {"mse", "standard_gan", "discriminator"} | norms
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
    recipe = averaging(recipe)
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


def test_the_average_follows_the_generator_and_is_the_result(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(averaging(recipe), packed)
    expected = [p.detach().clone() for p in trainer.generator.parameters()]
    for _ in range(3):
        trainer.step()
        for mean, parameter in zip(expected, trainer.generator.parameters(), strict=True):
            mean.mul_(0.9).add_(parameter.detach(), alpha=0.1)
    for mean, parameter in zip(expected, trainer.result.parameters(), strict=True):
        torch.testing.assert_close(parameter, mean)
    assert trainer.result is not trainer.generator


def test_an_untested_average_is_not_the_result(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(averaging(recipe, result="raw"), packed)
    assert trainer.result is trainer.generator


def test_a_step_sees_the_average_of_the_steps_before(
    recipe: Recipe, packed: PackedSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = build(averaging(recipe), packed)
    seen = observed(trainer, monkeypatch)
    monkeypatch.setattr(trainer.objective, "needs_ema", True)
    trainer.step()
    with torch.no_grad():
        expected = trainer.average.network(trainer.sampler.batch(1)[0].float() / 255)
    trainer.step()
    assert torch.equal(seen[1].sr_ema, expected)
    assert not seen[1].sr_ema.requires_grad


def test_a_batch_carries_the_penaltys_draws(
    recipe: Recipe, packed: PackedSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = build(recipe, packed)
    seen = observed(trainer, monkeypatch)
    trainer.step()
    assert torch.equal(seen[0].mixing, trainer.sampler.mixing(0))


@pytest.mark.parametrize("micro_batch", [1, 2])
def test_micro_batches_give_the_whole_batchs_gradients(
    recipe: Recipe, packed: PackedSet, micro_batch: int
) -> None:
    plain = without_batch_statistics(recipe.model_copy(update={"batch": 4}))
    whole = build(plain, packed)
    slices = build(plain, packed, execution=replace(CPU, micro_batch=micro_batch))
    terms, sliced = whole.step(), slices.step()
    for name in terms:
        torch.testing.assert_close(sliced[name], terms[name], rtol=1e-5, atol=1e-8)
    for network in ("generator", "discriminator"):
        for a, b in zip(*(gradients(getattr(t, network)) for t in (slices, whole)), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-7)


def test_a_micro_batch_that_does_not_divide_is_refused(recipe: Recipe, packed: PackedSet) -> None:
    with pytest.raises(InputError, match="--micro-batch 3 does not divide the 4 images"):
        build(recipe.model_copy(update={"batch": 4}), packed, execution=replace(CPU, micro_batch=3))


class Reads(TorchDispatchMode):
    """Counts how often the host reads a value, which on a GPU makes it wait."""

    count = 0

    def __torch_dispatch__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += function is torch.ops.aten._local_scalar_dense.default
        return function(*args, **(kwargs or {}))


def test_a_step_never_waits_for_the_device(recipe: Recipe, packed: PackedSet) -> None:
    trainer = build(averaging(recipe), packed)
    with Reads() as reads:
        float(torch.ones(1))
        assert reads.count == 1
        for _ in range(3):
            trainer.step()
        assert reads.count == 1


def test_bfloat16_is_for_the_networks_alone(
    recipe: Recipe, packed: PackedSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = build(recipe, packed, execution=replace(CPU, precision="bfloat16"))
    reference = build(recipe, packed)
    kinds: dict[str, set[torch.dtype]] = {"convolutions": set(), "last layers": set(), "losses": set()}
    for network in (trainer.generator, trainer.discriminator):
        for module in network.modules():
            if isinstance(module, OutputConv2d | OutputLinear):
                module.register_forward_hook(lambda *seen: kinds["last layers"].add(seen[2].dtype))
            elif isinstance(module, torch.nn.Conv2d):
                module.register_forward_hook(lambda *seen: kinds["convolutions"].add(seen[2].dtype))
    seen = observed(trainer, monkeypatch)
    found, expected = trainer.step(), reference.step()
    kinds["losses"] |= {seen[0].sr.dtype, seen[0].judge(seen[0].sr).dtype}
    exact = {torch.float32}
    assert kinds == {"convolutions": {torch.bfloat16}, "last layers": exact, "losses": exact}
    assert all(p.dtype == p.grad.dtype == torch.float32 for p in trainer.generator.parameters())
    for name in ("mse", "standard_gan", "discriminator"):
        torch.testing.assert_close(found[name], expected[name], rtol=3e-2, atol=0)
        assert found[name] != expected[name]


def test_bfloat16_is_for_the_perceptual_network_too(recipe: Recipe, packed: PackedSet) -> None:
    settings = {"network": "vgg16", "layers": {"conv1_2": 1.0}, "before_activation": False, "distance": "l2"}
    losses = {"perceptual": settings | {"weight": 1.0, "feature_scale": 1.0}}
    changes = {"losses": losses, "discriminator": None}
    recipe = Recipe.model_validate(recipe.model_dump(mode="json") | changes)
    weights = VGGFeatures("vgg16", ["conv1_2"], before_activation=False).state_dict()
    sampler = build(recipe.model_copy(update={"losses": Losses()}), packed).sampler
    kinds: list[torch.dtype] = []
    for precision in ("bfloat16", "float32"):
        objective = Objective(recipe.losses, lambda _name: dict(weights))
        network = objective.pretrained[0].network
        network.register_forward_hook(lambda *seen: kinds.append(seen[2][0].dtype))
        terms = Trainer(recipe, objective, sampler, 0, replace(CPU, precision=precision)).step()
        assert terms["perceptual"].dtype == torch.float32
    assert kinds == [torch.bfloat16, torch.bfloat16, torch.float32, torch.float32]


def test_plain_adam_is_torchs_to_the_bit() -> None:
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(7, 5, generator=generator)
    pairs = [(kind, torch.nn.Parameter(first.clone())) for kind in (Adam, PlainAdam)]
    optimisers = [kind([weights], lr=0.1, betas=(0.9, 0.99), fused=True) for kind, weights in pairs]
    for _ in range(5):
        slope = torch.randn(7, 5, generator=generator)
        for optimiser, (_kind, weights) in zip(optimisers, pairs, strict=True):
            optimiser.zero_grad(set_to_none=True)
            (weights * slope).square().sum().backward()
            optimiser.step()
    (_, theirs), (_, ours) = pairs
    assert not torch.equal(ours, first)
    assert torch.equal(ours, theirs)
    known, mine = (optimiser.state_dict()["state"][0] for optimiser in optimisers)
    assert all(torch.equal(mine[name], known[name]) for name in known)
    assert ours.requires_grad


def test_a_step_does_not_import_torchs_compiler() -> None:
    program = """if True:
        import sys, torch
        from sr.training.trainer import PlainAdam
        weights = torch.nn.Parameter(torch.ones(3))
        optimiser = PlainAdam([weights], lr=0.1, fused=True)
        weights.sum().backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        optimiser.state_dict()
        sys.exit("torch._dynamo" in sys.modules)
    """
    subprocess.run([sys.executable, "-c", program], check=True)
