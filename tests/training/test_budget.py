"""A budget only shrinks, and says what it changed."""

import pytest

from sr.errors import InputError
from sr.training.budget import Caps, apply, load_budget
from sr.training.recipe import Recipe, load_recipes


@pytest.fixture(params=sorted(load_recipes("srgan")))
def original(request: pytest.FixtureRequest) -> Recipe:
    return load_recipes("srgan")[request.param]


def test_paper_changes_nothing(original: Recipe) -> None:
    resolved = apply(load_budget("paper"), original, original.training_set)
    assert resolved.recipe == original
    assert resolved.deviations == ()


def test_another_training_set_is_a_deviation(original: Recipe) -> None:
    resolved = apply(load_budget("paper"), original, "DIV2K_train")
    assert resolved.deviations == ("training_set: DIV2K_train instead of ImageNet",)


def test_demo_shrinks(original: Recipe) -> None:
    small = apply(load_budget("demo"), original, "embedded_train").recipe
    assert small.schedule.iterations < original.schedule.iterations
    assert small.batch <= original.batch
    assert small.patch <= original.patch
    assert small.generator.blocks <= original.generator.blocks
    assert small.generator.channels <= original.generator.channels
    assert all(milestone < small.schedule.iterations for milestone in small.schedule.milestones)


def test_demo_names_every_field_it_changed(original: Recipe) -> None:
    resolved = apply(load_budget("demo"), original, "embedded_train")
    said = {deviation.split(":")[0] for deviation in resolved.deviations}

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
        assert set(perceptual.layers) <= {"conv2_2", "conv3_3"}


def test_milestones_shrink_in_proportion() -> None:
    """A budget that caps iterations, and says nothing of the learning rate, moves the milestones along."""
    caps = Caps(iterations=500)
    share = load_budget("paper").perceptual_oriented.model_copy(update={"caps": caps})
    short = load_budget("paper").model_copy(update={"perceptual_oriented": share})
    schedule = apply(short, load_recipes("srgan")["srgan_vgg54"], "ImageNet").recipe.schedule
    assert (schedule.iterations, schedule.milestones, schedule.factor) == (500, (250,), 0.1)


def test_unknown_budget() -> None:
    with pytest.raises(InputError, match="'dmo' is not a budget; did you mean 'demo'"):
        load_budget("dmo")
