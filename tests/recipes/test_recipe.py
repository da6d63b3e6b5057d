"""Recipes: overlays, and typos that are refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sr.errors import InputError
from sr.project import root
from sr.recipes.recipe import (
    CosineSchedule,
    StepSchedule,
    computed,
    decided,
    load_recipe,
    load_recipes,
    read_recipes,
)

AVERAGE_OF_ALL = "{decay: 1.0}"
REFINED = "{weight: 1.0, window: 7, root: 5, map: refined, residual: signed, gradient_through_map: false}"
COSINE = "{milestones: null, factor: null, iterations: 9000, periods: 3, warm_up: 20, warm_up_factor: 0.1}"


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """SRGAN's recipes with one piece of text replaced."""

    def edit(old: str, new: str) -> Path:
        text = (root() / "replications" / "srgan" / "recipes.yaml").read_text()
        assert old in text
        path = tmp_path / "recipes.yaml"
        path.write_text(text.replace(old, new, 1))
        return path

    return edit


def test_the_papers_settings() -> None:
    """Checked against sec. 3.2 and 3.4 of the paper, not against the file."""
    recipes = load_recipes("srgan")
    printed = ("srresnet_mse", "srresnet_vgg22", "srgan_mse", "srgan_vgg22", "srgan_vgg54")
    for recipe in (recipes[name] for name in printed):
        assert (recipe.batch, recipe.patch, recipe.distinct_images) == (16, 96, True)
        assert recipe.generator.blocks == 16
        assert (recipe.optimiser.learning_rate, recipe.optimiser.betas[0]) == (1e-4, 0.9)
    assert recipes["srresnet_mse"].schedule.iterations == 10**6
    final = recipes["srgan_vgg54"]
    assert (final.schedule.iterations, final.schedule.milestones, final.schedule.factor) == (
        200000,
        (100000,),
        0.1,
    )
    assert final.losses.weights() == {"perceptual": 1.0, "standard_gan": 1e-3}
    assert final.losses.perceptual is not None
    assert final.losses.perceptual.layers == {"conv5_4": 1.0}
    assert final.losses.perceptual.feature_scale == pytest.approx(1 / 12.75)
    assert recipes["srresnet_vgg22"].losses.weights() == {"total_variation": 2e-8, "perceptual": 1.0}
    assert recipes["srgan_mse"].losses.weights() == {"mse": 1.0, "standard_gan": 1e-3}


def test_srresnets_are_trained_from_scratch() -> None:
    """Sec. 3.2: 1e6 iterations at 1e-4 for the SRResNet networks; the GANs alone begin with SRResNet-MSE."""
    for name in ("srresnet_mse", "srresnet_vgg22"):
        recipe = load_recipe(f"srgan/{name}")
        assert recipe.start is None
        assert recipe.schedule == StepSchedule(iterations=10**6, milestones=(), factor=1.0)
    assert {load_recipe(f"srgan/srgan_{loss}").start for loss in ("mse", "vgg22", "vgg54")} == {
        "srgan/srresnet_mse"
    }


def test_what_authors_say_beyond_their_papers() -> None:
    """ESRGAN's first stage saw DF2K alone; released games take the other side's mean as a constant."""
    esrgan = load_recipes("esrgan")
    assert (esrgan["rrdb_psnr"].training_set, esrgan["esrgan"].training_set) == ("DF2K", "DF2K_OST")
    for name in ("esrgan/esrgan", "beby/bebygan", "ldl/rrdb_ldl"):
        ours = load_recipe(f"{name}_df2k" if name.startswith("ldl") else name).losses.relativistic_gan
        theirs = load_recipe(f"{name}_released").losses.relativistic_gan
        assert ours is not None
        assert theirs is not None
        assert (ours.constant_means, theirs.constant_means) == (False, True)


def test_which_columns_of_ldl_are_averaged() -> None:
    """By the authors' plotting script: RRDB+LDL, SwinIR with L_GAN and SwinIR+LDL; Table 2 says it of #5."""
    averaged = {name for name, recipe in load_recipes("ldl").items() if recipe.result == "averaged"}
    assert {"rrdb_ldl_df2k", "rrdb_ldl_div2k", "swinir_gan", "swinir_ldl"} <= averaged
    assert not averaged & {"srresnet_ldl", "srresnet_gan", "rrdb_gan", "rrdb_refined_map"}


def test_recipes_that_differ_in_what_is_tested_kept_or_done_afterwards_are_one_training() -> None:
    def training(name: str) -> dict[str, Any]:
        return computed(load_recipe(name).model_dump(mode="json"))

    assert training("ldl/rrdb_refined_map") == training("ldl/rrdb_ldl_df2k")
    assert training("esrgan/esrgan_pi") == training("esrgan/esrgan_pi_unprojected")
    assert training("ldl/rrdb_scaled_map") != training("ldl/rrdb_refined_map")


def test_words_do_not_make_a_run_stale() -> None:
    settings = load_recipe("srgan/srresnet_mse").model_dump(mode="json")
    assert decided(settings | {"title": "other", "assumptions": {}}) == decided(settings)
    assert decided(settings | {"result": "averaged"}) != decided(settings)


def test_figure_7_varies_depth_and_skip_alone() -> None:
    """Fig. 7 compares depths, each with and without the long skip connection."""
    recipes = load_recipes("srgan")
    varied = {n: r for n, r in recipes.items() if n.startswith("depth_")} | {"16": recipes["srresnet_mse"]}
    assert {(r.generator.blocks, r.generator.long_skip) for r in varied.values()} == {
        (blocks, skip) for blocks in (8, 16, 24) for skip in (True, False)
    }
    for recipe in varied.values():
        assert recipe.losses == recipes["srresnet_mse"].losses


def test_runs_on_the_pixel_error_alone_are_psnr_oriented() -> None:
    oriented = {name for name, recipe in load_recipes("srgan").items() if recipe.psnr_oriented}
    assert "srresnet_mse" in oriented
    assert not oriented & {"srresnet_vgg22", "srgan_mse", "srgan_vgg22", "srgan_vgg54"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("batch: 16", "bach: 16", r"recipes.yaml: srresnet_mse: unknown key 'bach'; did you mean 'batch'"),
        (
            "standard_gan:",
            "standart_gan:",
            r"srgan_mse: unknown key 'losses.standart_gan'; did you mean 'standard",
        ),
        ("long_skip: true", "long_skp: true", r"unknown key 'generator.long_skp'; did you mean 'long_skip'"),
        ("network: srresnet", "network: srresnt", r"'generator.network': .*'srresnt'; did you mean 'srres"),
        ("dense: 1024", "dens: 1024", r"srgan_mse: unknown key 'discriminator.dens'; did you mean 'dense'"),
        ("milestones: []", "milestone: []", r"unknown key 'schedule.milestone'; did you mean 'milestones'"),
        ("blocks: 16", "blocks: many", r"srresnet_mse: key 'generator.blocks': .*'many'"),
        (
            "extends: srgan_mse",
            "extends: srgan_mes",
            r"srgan_vgg22 extends 'srgan_mes'; did you mean 'srgan_mse'",
        ),
        ("extends: srgan_vgg22", "extends: srgan_vgg54", r"can not extend in a circle"),
        (
            "discriminator:\n    network: srgan_discriminator",
            "generator:\n    network: srresnet",
            r"srgan_mse",
        ),
        ("    standard_gan:\n      weight: 1e-3  # Eq. 3\n", "    total_variation: null\n", "go together"),
        (
            "    standard_gan:",
            "    relativistic_gan: {weight: 1.0, region_mask: null}\n    standard_gan:",
            "srgan_mse: standard_gan and relativistic_gan can not be played at once",
        ),
        ("  schedule:", "  keep_every: 0\n  schedule:", "srresnet_mse: key 'keep_every'"),
        (
            "  start: srgan/srresnet_mse",
            "  initialisation: enlargement\n  start: srgan/srresnet_mse",
            "it begins with srgan/srresnet_mse; leave 'initialisation' out",
        ),
        ("  schedule:", f"  ema: {AVERAGE_OF_ALL}\n  schedule:", "srresnet_mse: key 'ema.decay'"),
        (
            "  schedule:",
            "  result: averaged\n  schedule:",
            "srresnet_mse: the averaged generator is the result",
        ),
        (
            "    mse:",
            f"    artifact: {REFINED}\n    mse:",
            "srresnet_mse: the loss 'artifact' needs an averaged generator; give 'ema'",
        ),
    ],
)
def test_typos_are_refused(edited: Callable[[str, str], Path], old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_recipes(edited(old, new))


def with_last_schedule(edited: Callable[[str, str], Path], schedule: str) -> Path:
    """srgan_vgg54 with a schedule laid over the one it inherits, which has steps."""
    return edited("extends: srgan_vgg22\n", f"extends: srgan_vgg22\n  schedule: {schedule}\n")


def test_a_variant_can_change_the_kind_of_schedule(edited: Callable[[str, str], Path]) -> None:
    schedule = read_recipes(with_last_schedule(edited, COSINE))["srgan_vgg54"].schedule
    assert schedule == CosineSchedule(iterations=9000, periods=3, warm_up=20, warm_up_factor=0.1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("periods:", "perods:", "unknown key 'schedule.perods'; did you mean 'periods'"),
        ("periods: 3", "periods: 0", "key 'schedule.periods'"),
        ("warm_up: 20", "warm_up: -1", "key 'schedule.warm_up'"),
        (
            "warm_up: 20",
            "warm_up: 3000",
            r"'schedule.warm_up': must be shorter than a period, .* \(it is 3000\)",
        ),
        ("milestones: null, factor: null, ", "", "unknown key 'schedule.(milestones|factor|periods|warm_up)"),
    ],
)
def test_senseless_periods_are_refused(
    edited: Callable[[str, str], Path], old: str, new: str, message: str
) -> None:
    assert old in COSINE
    with pytest.raises(InputError, match=message):
        read_recipes(with_last_schedule(edited, COSINE.replace(old, new)))


def test_recipes_are_read_again_when_they_change(
    edited: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = edited("batch: 16", "batch: 8")
    monkeypatch.setattr("sr.recipes.recipe.paper_folder", lambda _paper: path.parent)
    assert load_recipe("srgan/srresnet_mse").batch == 8
    edited("batch: 16", "batch: 32")
    assert load_recipe("srgan/srresnet_mse").batch == 32


def test_unknown_names() -> None:
    with pytest.raises(
        InputError, match="'srgan/srresnet_msee' is not a recipe of srgan; did you mean 'srresnet_mse'"
    ):
        load_recipe("srgan/srresnet_msee")
    with pytest.raises(InputError, match="'srgam' is not a replicated paper; did you mean 'srgan'"):
        load_recipe("srgam/srresnet_mse")
