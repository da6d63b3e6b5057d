"""A budget only shrinks, and says what it changed."""

from typing import Any

import pytest

from sr.config import validate
from sr.errors import InputError
from sr.project import papers
from sr.recipes.budget import Budget, apply, load_budget
from sr.recipes.recipe import CosineSchedule, Recipe, StepSchedule, load_recipe, load_recipes


def changed(name: str, **changes: Any) -> Budget:
    """A budget as it would be read from a file with other values."""
    return validate(load_budget(name).model_dump() | changes, Budget, "a budget")


def shortened(iterations: int, of_budget: dict[str, Any] | None = None, **changes: Any) -> Budget:
    """The budget `paper` with fewer iterations, other values of its shares and of its own."""
    share = {"caps": {"iterations": iterations}, "checks": 1, "threads": 1, **changes}
    return changed("paper", psnr_oriented=share, perceptual_oriented=share, **(of_budget or {}))


@pytest.fixture(params=[f"{paper}/{name}" for paper in papers() for name in sorted(load_recipes(paper))])
def original(request: pytest.FixtureRequest) -> Recipe:
    return load_recipe(request.param)


def test_paper_changes_nothing(original: Recipe) -> None:
    resolved = apply(load_budget("paper"), original, original.training_set)
    assert resolved.recipe == original
    assert resolved.deviations == original.stand_ins


def test_another_training_set_is_a_deviation(original: Recipe) -> None:
    resolved = apply(load_budget("paper"), original, "DIV2K_train")
    moved = (f"training_set: DIV2K_train instead of {original.training_set}",)
    if original.training_set == "DIV2K_train":
        moved = ()
    assert resolved.deviations == (*original.stand_ins, *moved)


def test_what_nobody_can_have_is_a_deviation_even_when_nothing_is_shrunk() -> None:
    recipe = load_recipes("esrgan")["esrgan_pi"]
    deviations = apply(load_budget("paper"), recipe, recipe.training_set).deviations
    assert any("MINC" in deviation for deviation in deviations)
    assert any("Pristine" in deviation for deviation in deviations)


def test_demo_shrinks(original: Recipe) -> None:
    small = apply(load_budget("demo"), original, "embedded_train").recipe
    assert small.schedule.iterations < original.schedule.iterations
    assert small.batch <= original.batch
    assert small.patch <= original.patch
    assert small.generator.blocks <= original.generator.blocks
    assert small.generator.channels <= original.generator.channels
    if isinstance(small.schedule, StepSchedule):
        assert all(milestone < small.schedule.iterations for milestone in small.schedule.milestones)


def test_demo_names_every_field_it_changed(original: Recipe) -> None:
    resolved = apply(load_budget("demo"), original, "embedded_train")
    said = {deviation.split(":")[0] for deviation in resolved.deviations} - set(original.stand_ins)

    def leaves(value: object, key: str = "") -> dict[str, object]:
        if not isinstance(value, dict) or key.endswith("layers"):
            return {key: value}
        found: dict[str, object] = {}
        for name, inner in value.items():
            found |= leaves(inner, f"{key}.{name}".lstrip("."))
        return found

    before, after = leaves(original.model_dump()), leaves(resolved.recipe.model_dump())
    assert said == {key for key in before if before[key] != after[key]}
    assert "schedule.iterations" in said


def test_demo_replaces_vgg19_by_vgg16(original: Recipe) -> None:
    perceptual = apply(load_budget("demo"), original, "embedded_train").recipe.losses.perceptual
    if perceptual is not None:
        assert perceptual.network == "vgg16"
        assert set(perceptual.layers) <= {"conv1_2", "conv2_2", "conv3_1"}


def test_layers_that_become_one_add_their_factors() -> None:
    """LDL's five layers: 0.1, 0.1, 1, 1, 1."""
    layers = {"conv3_4": "conv3_3", "conv4_4": "conv4_3", "conv5_4": "conv4_3"}
    budget = changed("paper", perceptual={"network": "vgg16", "layers": layers})
    resolved = apply(budget, load_recipe("ldl/rrdb_gan"), "DF2K")
    assert resolved.recipe.losses.perceptual is not None
    assert resolved.recipe.losses.perceptual.layers == {
        "conv1_2": 0.1,
        "conv2_2": 0.1,
        "conv3_3": 1.0,
        "conv4_3": 2.0,
    }
    assert resolved.deviations == (
        "losses.perceptual.network: vgg16 instead of vgg19",
        "losses.perceptual.layers: conv1_2, conv2_2, conv3_3, conv4_3"
        " instead of conv1_2, conv2_2, conv3_4, conv4_4, conv5_4",
    )


def test_a_layer_the_other_network_has_not_must_be_mapped() -> None:
    budget = changed("paper", perceptual={"network": "vgg16", "layers": {"conv3_4": "conv3_3"}})
    with pytest.raises(InputError, match=r"vgg16 has no 'conv4_4'; .* Map it in 'perceptual.layers'"):
        apply(budget, load_recipe("ldl/rrdb_gan"), "DF2K")


def test_a_network_that_needs_larger_patches_has_its_own_limit() -> None:
    share = {"caps": {"patch": 32}, "patches": {"srresnet": 64}, "checks": 1, "threads": 1}
    budget = changed("paper", perceptual_oriented=share)
    assert apply(budget, load_recipe("srgan/srgan_vgg54"), "ImageNet").recipe.patch == 64
    assert apply(budget, load_recipe("esrgan/esrgan"), "DF2K_OST").recipe.patch == 32
    # The recipe's own stays where it is smaller.
    share["patches"] = {"srresnet": 200}
    budget = changed("paper", perceptual_oriented=share)
    assert apply(budget, load_recipe("srgan/srgan_vgg54"), "ImageNet").recipe.patch == 96


def test_milestones_shrink_in_proportion() -> None:
    """A budget that caps iterations, and says nothing of the learning rate, moves the milestones along."""
    schedule = apply(shortened(500), load_recipe("srgan/srgan_vgg54"), "ImageNet").recipe.schedule
    assert schedule == StepSchedule(iterations=500, milestones=(250,), factor=0.1)


@pytest.mark.parametrize("iterations", [7, 599, 6000])
def test_periods_shrink_in_proportion(iterations: int) -> None:
    """Beby-GAN's warm-up is 2000 of 600000 steps; a decay at a milestone does not concern it."""
    budget = shortened(iterations, decay_at=0.5, factor=0.1)
    schedule = apply(budget, load_recipe("beby/bebygan"), "DF2K").recipe.schedule
    warm_up = iterations // 300
    assert schedule == CosineSchedule(iterations=iterations, periods=3, warm_up=warm_up, warm_up_factor=0.1)


@pytest.mark.parametrize(("iterations", "kept"), [(60000, 3000), (30, 1), (299999, 14999)])
def test_a_shortened_training_keeps_twenty_generators_on_its_way(iterations: int, kept: int) -> None:
    recipe = load_recipe("ldl/rrdb_gan").model_copy(update={"keep_every": 5000})
    resolved = apply(shortened(iterations), recipe, "DF2K")
    assert resolved.recipe.keep_every == kept
    assert f"keep_every: {kept} instead of 5000" in resolved.deviations


def test_the_average_shortens_its_memory() -> None:
    recipe = load_recipe("ldl/rrdb_ldl_df2k")
    resolved = apply(shortened(500, ema_decay=0.98), recipe, "DF2K")
    assert resolved.recipe.ema is not None
    assert (resolved.recipe.ema.decay, resolved.recipe.result) == (0.98, "averaged")
    assert "ema.decay: 0.98 instead of 0.999" in resolved.deviations
    longer = apply(shortened(500, ema_decay=0.9999), recipe, "DF2K").recipe
    assert longer.ema == recipe.ema
    without = apply(shortened(500, ema_decay=0.98), load_recipe("ldl/rrdb_gan"), "DF2K").recipe
    assert without.ema is None


def test_each_network_has_its_learning_rate() -> None:
    budget = shortened(500, learning_rates={"swinir": 2e-3})
    swinir = apply(budget, load_recipe("ldl/swinir_psnr"), "DF2K")
    assert swinir.recipe.optimiser.learning_rate == 2e-3
    assert "optimiser.learning_rate: 0.002 instead of 0.0002" in swinir.deviations
    assert apply(budget, load_recipe("esrgan/rrdb_psnr"), "DF2K").recipe.optimiser.learning_rate == 2e-4


def test_what_learns_from_scratch_begins_as_an_enlargement_where_the_budget_says_so() -> None:
    budget = shortened(500, of_budget={"enlargements": ["rrdb"]})
    said = "initialisation: enlargement instead of own"
    first = apply(budget, load_recipe("esrgan/rrdb_psnr"), "DF2K")
    assert first.recipe.initialisation == "enlargement"
    assert said in first.deviations
    for name in ("esrgan/esrgan", "ldl/swinir_psnr"):  # begins with another run; another network
        other = apply(budget, load_recipe(name), "DF2K")
        assert other.recipe.initialisation == "own"
        assert said not in other.deviations


@pytest.mark.parametrize("name", ["short", "paper"])
def test_large_budgets_begin_as_the_papers_do(name: str) -> None:
    assert load_budget(name).enlargements == ()


def test_an_enlargement_needs_no_first_stage() -> None:
    """SRResNet-VGG22 learns from scratch, on features: as a first stage does, or as one that has a start."""
    recipe = load_recipe("srgan/srresnet_vgg22")
    shares = {
        kind: {"caps": {"iterations": iterations}, "checks": 1, "threads": 1}
        for kind, iterations in (("psnr_oriented", 500), ("perceptual_oriented", 50))
    }
    assert changed("paper", **shares).share(recipe).caps.iterations == 500
    assert changed("paper", enlargements=["srresnet"], **shares).share(recipe).caps.iterations == 50


def test_a_network_may_have_a_limit_of_its_own() -> None:
    share = {"caps": {"iterations": 60}, "iterations": {"srresnet": 150}, "checks": 1, "threads": 1}
    budget = changed("paper", psnr_oriented=share, perceptual_oriented=share)
    steps = {
        name: apply(budget, load_recipe(name), "DF2K").recipe.schedule.iterations
        for name in ("srgan/srgan_mse", "esrgan/esrgan")
    }
    assert steps == {"srgan/srgan_mse": 150, "esrgan/esrgan": 60}


def test_caps_reach_every_network() -> None:
    budget = changed("paper", generator={"blocks": 2, "channels": 24, "growth": 8, "groups": 1, "heads": 2})
    swinir = apply(budget, load_recipe("ldl/swinir_psnr"), "DF2K").recipe.generator.model_dump()
    assert [swinir[key] for key in ("blocks", "channels", "groups", "heads")] == [2, 24, 1, 2]
    rrdb = apply(budget, load_recipe("esrgan/rrdb_psnr"), "DF2K").recipe.generator.model_dump()
    assert [rrdb[key] for key in ("blocks", "channels", "growth")] == [2, 24, 8]


def test_a_width_that_heads_do_not_divide_is_refused() -> None:
    budget = changed("paper", generator={"channels": 32})
    with pytest.raises(
        InputError, match=r"budget paper: .*channels \(32\) must be a multiple of heads \(6\)"
    ):
        apply(budget, load_recipe("ldl/swinir_psnr"), "DF2K")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rates": {"srresnt": 1e-3}}, "'srresnt' is no generator; did you mean 'srresnet'"),
        ({"of_budget": {"enlargements": ["rddb"]}}, "'rddb' is no generator; did you mean 'rrdb'"),
        ({"decay_at": 0.5}, "decay_at and factor go together"),
        ({"ema_dekay": 0.5}, "unknown key 'psnr_oriented.ema_dekay'; did you mean 'ema_decay'"),
    ],
)
def test_senseless_shares_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        shortened(500, **changes)


def test_a_replacement_names_layers_that_exist() -> None:
    with pytest.raises(InputError, match="vgg16 has no 'conv3_4'"):
        changed("paper", perceptual={"network": "vgg16", "layers": {"conv5_4": "conv3_4"}})


def test_unknown_budget() -> None:
    with pytest.raises(InputError, match="'dmo' is not a budget; did you mean 'demo'"):
        load_budget("dmo")
