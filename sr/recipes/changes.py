"""Settings of a recipe changed for one training, such as `losses.l1.weight=0.1`; each is a deviation."""

from collections.abc import Sequence
from typing import Any

import yaml

from sr.config import merge, nearest, validate
from sr.errors import InputError
from sr.recipes.recipe import Recipe, require_whole


def changed(recipe: Recipe, changes: Sequence[str]) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe with `key.key=value` laid over it, and a deviation for each change that changes something.

    Raises InputError for a key that the recipe has not, with the nearest one, a value it can not have, and
    keys that do not go together.
    """
    told = []
    settings = recipe.model_dump(mode="json")
    for change in changes:
        key, sign, text = change.partition("=")
        if not sign or not text:
            raise InputError(f"--set {change}: write KEY=VALUE, for instance schedule.iterations=1000.")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise InputError(f"--set {change}: its value is not valid YAML.") from error
        if key == "training_set":
            raise InputError(f"--set {change}: give the images that are to be trained on as --data.")
        parts = key.split(".")
        before = _at(settings, parts, change)
        overlay: Any = value
        for part in reversed(parts):
            overlay = {part: overlay}
        settings = validate(merge(settings, overlay), Recipe, f"--set {change}").model_dump(mode="json")
        after = _at(settings, parts, change)
        if after != before:
            told.append(f"{key}: {after} instead of {before}, by --set")
    found = validate(settings, Recipe, "--set")
    require_whole(found, "--set")
    return found, tuple(told)


def _at(settings: dict[str, Any], parts: list[str], change: str) -> Any:
    value: Any = settings
    for part in parts:
        if not isinstance(value, dict) or part not in value:
            known = (
                [key for key, inner in value.items() if inner is not None] if isinstance(value, dict) else []
            )
            raise InputError(f"--set {change}: the recipe has no '{part}' there; {nearest(part, known)}")
        value = value[part]
    return value
