"""The generator that a run begins with: that of another, finished run, or one of its own."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from sr.errors import InputError
from sr.networks.enlargement import Enlarging
from sr.recipes.recipe import Recipe
from sr.weights.generators import load_run
from sr.weights.released import read_file

Weights = dict[str, Tensor]


def starting_weights(
    recipe: Recipe, start: Path | None, *, name: str, budget: str
) -> tuple[Weights | None, tuple[str, ...]]:
    """The weights of the run in `start`, None where the recipe begins from scratch, and its deviations.

    name, budget: of the run that begins. The other run has the same budget; its training set and its seed
    may be others, as several papers begin with a generator trained on other images. Its deviations are
    this run's too, named `start: ...`. A file of weights may stand for any run, which is a deviation; where
    they do not tell their network, as an SRResNet's, it must be the recipe's.
    Raises InputError where recipe, budget or network do not fit.
    """
    if recipe.start is None and start is None:
        return None, ()
    if start is not None and start.is_file():
        settings, loaded = read_file(start, recipe.generator)
        ours = recipe.generator.model_dump(mode="json")
        _require_same_network(start, _told_by_weights(settings.model_dump(mode="json"), ours), ours, name)
        return loaded.state_dict(), (
            f"start: the weights of {start.name} instead of {recipe.start or 'none'}",
        )
    if recipe.start is None:
        raise InputError(f"{name} begins from scratch: leave out --start.")
    if start is None:
        raise InputError(f"{name} begins with {recipe.start}: give --start.")
    generator, record = load_run(start)
    if record.budget != budget:
        raise InputError(
            f"{start}: was trained with budget {record.budget}; a run begins with one of its own budget,"
            f" {budget}."
        )
    if record.recipe_name != recipe.start:
        raise InputError(f"{start}: holds {record.recipe_name}; {name} begins with {recipe.start}.")
    theirs, ours = record.recipe["generator"], recipe.generator.model_dump(mode="json")
    _require_same_network(start, theirs, ours, name)
    return generator.state_dict(), tuple(f"start: {deviation}" for deviation in record.deviations)


def _told_by_weights(theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Settings of a file's network; what no weights tell is the recipe's."""
    silent = ("residual_scaling", "initialisation_scale")
    return theirs | {key: ours[key] for key in silent if key in ours and key in theirs}


def enlargement(generator: nn.Module) -> Weights:
    """The weights of a generator whose colours' way through it has been set (sr.networks.enlargement).

    Raises InputError for one that knows no such way.
    """
    if not isinstance(generator, Enlarging):
        raise InputError(
            f"{type(generator).__name__} can not begin as an enlargement; take it out of the budget's"
            " 'enlargements', or out of the recipe's 'initialisation'."
        )
    generator.begin_as_enlargement()
    return generator.state_dict()


def _require_same_network(start: Path, theirs: dict[str, Any], ours: dict[str, Any], name: str) -> None:
    for key in {**theirs, **ours}:
        if theirs.get(key) != ours.get(key):
            raise InputError(
                f"{start}: generator.{key} is {theirs.get(key)}, and {ours.get(key)} in {name}:"
                " a run begins with a generator of its own shape."
            )
