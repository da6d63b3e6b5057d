"""Settings changed on the command line: laid over the recipe, recorded, refused where they mean nothing."""

import pytest

from sr.errors import InputError
from sr.recipes.changes import changed
from sr.recipes.recipe import load_recipe

RECIPE = load_recipe("esrgan/esrgan")


def test_a_change_is_made_and_recorded() -> None:
    weight = RECIPE.losses.relativistic_gan.weight
    found, told = changed(RECIPE, ["losses.relativistic_gan.weight=1e-2", "batch=4", f"patch={RECIPE.patch}"])
    assert found.losses.relativistic_gan.weight == 0.01
    assert found.batch == 4
    assert told == (
        f"losses.relativistic_gan.weight: 0.01 instead of {weight}, by --set",
        f"batch: 4 instead of {RECIPE.batch}, by --set",
    )
    assert found.model_copy(update={"batch": RECIPE.batch, "losses": RECIPE.losses}) == RECIPE


def test_no_change_changes_nothing() -> None:
    assert changed(RECIPE, []) == (RECIPE, ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("batch", "write KEY=VALUE"),
        ("batch=", "write KEY=VALUE"),
        ("bacth=4", "did you mean 'batch'"),
        ("losses.relativistic_gan.wait=1", "did you mean 'weight'"),
        ("batch.size=4", "has no 'size'"),
        ("batch=many", "batch"),
        ("batch=[", "not valid YAML"),
        ("schedule.iterations=-1", "iterations"),
    ],
)
def test_what_means_nothing_is_refused(change: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        changed(RECIPE, [change])


def test_changes_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(
        InputError, match="--set: it begins with esrgan/rrdb_psnr; leave 'initialisation' out"
    ):
        changed(RECIPE, ["initialisation=enlargement"])
    with pytest.raises(InputError, match="--set: an adversarial loss and a discriminator go together"):
        changed(RECIPE, ["discriminator=null"])


def test_images_are_no_setting() -> None:
    """A record that names a set must not name one that nobody has seen."""
    with pytest.raises(InputError, match=r"--set training_set=DF2K: give the images .* as --data"):
        changed(load_recipe("esrgan/esrgan"), ["training_set=DF2K"])
