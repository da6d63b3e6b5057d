"""What a target costs, against multiplications counted by hand."""

from pathlib import Path
from typing import Any

import pytest
import torch

from sr.config import load_yaml
from sr.networks.operations import forward_operations
from sr.planning.at_hand import AtHand
from sr.planning.cost import cost_of, operations_of_a_step
from sr.planning.plan import Plan
from sr.project import root
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import load_recipe


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.delenv("SR_MIRROR", raising=False)
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: Path("/nonexistent"))
    return load_yaml(root() / "workflow" / "config.yaml") | {"budget": "paper"}


def convolution(inputs: int, outputs: int, kernel: int, side: int) -> int:
    """A multiplication and an addition for every weight and output pixel."""
    return 2 * inputs * outputs * kernel**2 * side**2


def srresnet_forward(side: int) -> int:
    """Fig. 4 of SRGAN: 9x9 to 64 maps, 33 convolutions 3x3, two sub-pixel steps, 9x9 to RGB."""
    body = 33 * convolution(64, 64, 3, side)
    steps = convolution(64, 256, 3, side) + convolution(64, 256, 3, 2 * side)
    return convolution(3, 64, 9, side) + body + steps + convolution(64, 3, 9, 4 * side)


def test_a_run_is_its_forward_pass_three_times_for_every_image(config: dict[str, Any]) -> None:
    runs = {run.recipe: run for run in cost_of(Plan(config), [("srgan", "table2")]).runs}
    run = runs["srgan/srresnet_mse"]
    assert (run.iterations, run.batch, run.training_set) == (1_000_000, 16, "ImageNet")
    assert run.operations == pytest.approx(3 * srresnet_forward(24) * 16e6)


@pytest.mark.parametrize(
    "name",
    ["srgan/srresnet_mse", "ldl/srresnet_psnr", "esrgan/rrdb_psnr", "gmgan/rrdb_mse", "ldl/swinir_psnr"],
)
def test_networks_of_many_blocks_are_counted_as_if_they_were_run(name: str) -> None:
    recipe = load_recipe(name)
    deeper = recipe.generator.model_copy(update={"blocks": 5})
    with torch.device("meta"):
        forward = forward_operations(deeper.build(), torch.rand(1, 3, recipe.patch // 4, recipe.patch // 4))
    counted = operations_of_a_step(recipe.model_copy(update={"generator": deeper}))
    assert counted == 3 * forward * recipe.batch


def test_starts_are_counted_once_and_come_first(config: dict[str, Any]) -> None:
    cost = cost_of(Plan(config | {"seeds": [0, 1, 2]}), [("beby", "table1")])
    assert [(run.recipe, run.seeds) for run in cost.runs] == [
        ("esrgan/rrdb_psnr", 1),
        ("beby/bebygan", 3),
        ("beby/bebygan_without_best_buddy", 3),
        ("beby/bebygan_without_region_mask", 3),
    ]


def test_a_training_that_another_run_takes_over_is_counted_once(config: dict[str, Any]) -> None:
    """LDL's Table 1 asks for DIV2K and DF2K, which are one where one set stands in for both: the training of
    Table 2's #4, which also keeps generators on its way.
    """
    plan = Plan(config | {"budget": "demo", "seeds": [0, 1]})
    runs = {run.recipe: run for run in cost_of(plan, [("ldl", "table1")]).runs}
    made = runs["ldl/rrdb_refined_map"]
    assert (made.twin, made.seeds) == (None, 2)
    for taken in (runs["ldl/rrdb_ldl_div2k"], runs["ldl/rrdb_ldl_df2k"]):
        assert (taken.twin, taken.operations) == (made.recipe, 0)
        assert list(runs).index(made.recipe) < list(runs).index(taken.recipe)


def test_disk_is_results_generators_kept_on_the_way_and_two_checkpoints(config: dict[str, Any]) -> None:
    """LDL's Table 2 keeps a generator every 5,000 of 300,000 steps, and averages one."""
    runs = {run.recipe: run for run in cost_of(Plan(config), [("ldl", "table2")]).runs}
    recipe = load_recipe("ldl/rrdb_refined_map")
    assert recipe.discriminator is not None
    with torch.device("meta"):
        discriminator = sum(p.numel() for p in recipe.discriminator.build(recipe.patch).parameters())
    generator = 16_697_987
    checkpoint = 3 * (generator + discriminator) + generator
    assert runs["ldl/rrdb_refined_map"].disk == 4 * ((3 + 60) * generator + 2 * checkpoint)
    # The start has neither game nor average.
    assert runs["esrgan/rrdb_psnr"].disk == 4 * (generator + 2 * 3 * generator)


def test_a_set_at_hand_stands_in_for_the_preferred_one(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        AtHand, "training_problem", lambda _self, name: None if name == "DIV2K_train" else "no."
    )
    runs = {run.recipe: run for run in cost_of(Plan(config), [("esrgan", "rrdb")]).runs}
    run = runs["esrgan/esrgan"]
    assert (run.training_set, run.preferred_set) == ("DIV2K_train", "DF2K_OST")


def test_downloads_are_what_is_missing_by_its_parts(config: dict[str, Any]) -> None:
    downloads = cost_of(Plan(config), [("beby", "table1")]).downloads
    assert downloads == {
        "DIV2K_train": 3530603713,
        "Flickr2K": None,
        "vgg19": 574673361,
    }


def test_a_game_costs_more_than_none_and_a_penalty_more_than_a_game(config: dict[str, Any]) -> None:
    runs = {run.recipe: run for run in cost_of(Plan(config), [("gmgan", "table2"), ("srgan", "table1")]).runs}
    per_step = {name: run.operations / run.iterations for name, run in runs.items()}
    assert per_step["srgan/srgan_mse"] > per_step["srgan/srresnet_mse"]
    assert per_step["gmgan/gmgan"] == per_step["gmgan/gmgan_without_quality"]
    assert per_step["gmgan/gmgan"] > 1.05 * per_step["gmgan/rrdb_mse"]


@pytest.mark.parametrize(("tables", "seeds"), [(None, [0]), ([("ldl", "table2")], [0, 1, 2])])
def test_short_fits_into_two_hours_of_one_large_gpu(
    config: dict[str, Any], tables: list[tuple[str, str]] | None, seeds: list[int]
) -> None:
    """LDL's are the dearest tables. The rate is the one that docs/scaling.md assumes."""
    plan = Plan(config | {"budget": "short", "papers": ["ldl"], "seeds": seeds})
    assert cost_of(plan, tables or plan.tables()).operations / 40e12 < 2 * 3600


def test_short_keeps_the_networks(config: dict[str, Any]) -> None:
    for name in Plan(config).recipes():
        full = load_recipe(name)
        resolved = apply(load_budget("short"), full, "BSDS500_train_test")
        assert (resolved.recipe.generator, resolved.recipe.discriminator) == (
            full.generator,
            full.discriminator,
        )
        assert any(deviation.startswith("schedule.iterations") for deviation in resolved.deviations)


def test_starts_of_their_own_are_trained_for_every_seed(config: dict[str, Any]) -> None:
    """Beby-GAN's stages on three seeds: with one start as many iterations fewer as two starts have."""
    several = config | {"budget": "paper", "seeds": [0, 1, 2]}
    shared, own = (
        cost_of(Plan(several | {"seeds_from": way}), [("beby", "table1")]) for way in ("stage", "start")
    )
    seeds = {run.recipe: run.seeds for run in own.runs}
    assert set(seeds.values()) == {3}
    (start,) = [run for run in shared.runs if run.seeds == 1]
    assert own.operations == pytest.approx(shared.operations + 2 * start.operations)
