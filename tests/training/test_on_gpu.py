"""The engine on a GPU, where there is one: what is recorded, kept on it, or made repeatable there."""

from pathlib import Path

import pytest
import torch

from benchmarks.gpu_measures import trainer_of
from benchmarks.material import packed_images, recipe_of, sampler_of
from sr.data.packing import PackedSet
from sr.device import choose
from sr.losses.best_buddy import best_buddies
from sr.recipes.recipe import Recipe
from sr.recorded import Recorded
from sr.training.feed import Feed, OnDevice
from sr.training.trainer import Trainer

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")

GAMES = ("srgan/srgan_vgg54", "esrgan/esrgan", "beby/bebygan", "ldl/swinir_ldl", "gmgan/gmgan")
GPU = torch.device("cuda")


@pytest.fixture(autouse=True)
def _repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    choose("float32", None, deterministic=True)


@pytest.fixture
def packed(tmp_path: Path) -> PackedSet:
    return packed_images(tmp_path, toy=True)


def trainer(recipe: Recipe, packed: PackedSet, *, recorded: bool) -> Trainer:
    return trainer_of(recipe, packed, "float32", recorded=recorded, deterministic=True)


def weights(trainer: Trainer) -> list[torch.Tensor]:
    networks = [trainer.generator, trainer.discriminator, trainer.average and trainer.average.network]
    return [value.clone() for network in networks if network for value in network.state_dict().values()]


@pytest.mark.parametrize("name", GAMES)
def test_recorded_steps_are_the_steps(name: str, packed: PackedSet) -> None:
    recipe = recipe_of(name, toy=True)
    plain, recorded = trainer(recipe, packed, recorded=False), trainer(recipe, packed, recorded=True)
    for number in range(50):
        expected, found = plain.step(), recorded.step()
        for term, value in expected.items():
            torch.testing.assert_close(found[term], value, rtol=1e-6, atol=1e-9, msg=f"{term} at {number}")
    for ours, theirs in zip(weights(recorded), weights(plain), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-9)
    assert isinstance(recorded._updates, Recorded)
    assert recorded._updates.replays


@pytest.mark.parametrize("name", GAMES)
def test_resumed_is_unbroken(name: str, packed: PackedSet, tmp_path: Path) -> None:
    recipe = recipe_of(name, toy=True)
    unbroken, first = trainer(recipe, packed, recorded=True), trainer(recipe, packed, recorded=True)
    for _ in range(12):
        unbroken.step()
    for _ in range(7):
        first.step()
    torch.save(first.state(), tmp_path / "state.pt")
    second = trainer(recipe, packed, recorded=True)
    second.load_state(torch.load(tmp_path / "state.pt", map_location="cpu", weights_only=True))
    for _ in range(5):
        second.step()
    assert all(torch.equal(a, b) for a, b in zip(weights(second), weights(unbroken), strict=True))


@pytest.mark.parametrize("name", GAMES)
def test_the_host_never_waits(name: str, packed: PackedSet) -> None:
    engine = trainer(recipe_of(name, toy=True), packed, recorded=False)
    for _ in range(3):
        engine.step()
    torch.cuda.set_sync_debug_mode("error")
    try:
        engine.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_validation_between_recorded_steps_changes_nothing(packed: PackedSet) -> None:
    recipe = recipe_of("ldl/swinir_ldl", toy=True)
    plain, watched = trainer(recipe, packed, recorded=True), trainer(recipe, packed, recorded=True)
    for _ in range(8):
        plain.step()
        watched.step()
        watched.generator.eval()
        with torch.inference_mode():
            watched.generator(torch.rand(1, 3, 40, 24, device=GPU))
    assert all(torch.equal(a, b) for a, b in zip(weights(plain), weights(watched), strict=True))


def test_crops_of_the_gpu_are_those_of_the_host(packed: PackedSet) -> None:
    recipe = recipe_of("esrgan/esrgan", toy=True)
    sampler = sampler_of(recipe, packed)
    feed = Feed(sampler, None, GPU)
    assert isinstance(feed._cutter, OnDevice)
    for step in range(50):
        feed.send(step)
        lr, hr = sampler.batch(step)
        (crops,) = feed.crops()
        assert torch.equal((crops.lr * 255).round().byte().cpu(), lr)
        assert torch.equal((crops.hr * 255).round().byte().cpu(), hr)


def test_buddies_are_those_of_float64() -> None:
    draws = torch.Generator().manual_seed(0)
    truths = (torch.rand(2, 400, 27, generator=draws) * 8).round() / 8  # with many near ties
    candidates = torch.cat((truths, truths[:, :100] + 1e-4), dim=1)
    estimates = truths + 0.05 * torch.randn(truths.shape, generator=draws)
    found = best_buddies(estimates.to(GPU), truths.to(GPU), candidates.to(GPU), 1.0, 1.0).cpu().double()
    exact = best_buddies(estimates.double(), truths.double(), candidates.double(), 1.0, 1.0)

    def cost(chosen: torch.Tensor) -> torch.Tensor:
        return (chosen - truths).square().sum(dim=2) + (chosen - estimates).square().sum(dim=2)

    assert (cost(found) - cost(exact)).abs().max() < 1e-6


def test_a_cpu_goes_on_where_a_gpu_stopped(packed: PackedSet, tmp_path: Path) -> None:
    recipe = recipe_of("srgan/srgan_vgg54", toy=True)
    engine = trainer(recipe, packed, recorded=True)
    for _ in range(6):
        engine.step()
    torch.save(engine.state(), tmp_path / "state.pt")
    other = trainer(recipe, packed, recorded=False).to(torch.device("cpu"))
    other.load_state(torch.load(tmp_path / "state.pt", map_location="cpu", weights_only=True))
    expected, found = engine.step(), other.step()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value.cpu(), rtol=1e-3, atol=1e-5, msg=name)
