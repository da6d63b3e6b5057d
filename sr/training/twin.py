"""Two recipes that a budget makes the same training of: one is trained, the other takes its result over.

A budget caps sizes and lets one training set stand in for others. Recipes that differ in nothing else then
give the same generator, on a CPU to the last bit.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.files import atomic_path, file_hash, value_hash, write_json
from sr.training.recipe import Recipe, computed
from sr.training.record import BATCH_STATISTICS


def take_over(
    twin: Path, output: Path, ours: dict[str, Any], recipe: Recipe, checksum: str, start: Path | None
) -> dict[str, Any]:
    """Copy the finished run in `twin` to `output` under another recipe's name, and return its record.

    ours: what the record says of this run itself: recipe_name, budget, training_set, seed, deviations.
    recipe: the resolved one. checksum: of the packed training set. start: the run it begins with.
    Curve, validation, cost and provenance stay those of the training that was made, and
    `same_training_as` names it. Raises InputError where that training is not this one.
    """
    record = _finished(twin)
    # Its identity covers settings, seed, images and the weights it began with.
    began_with = file_hash(start / "generator.safetensors") if start else None
    identity = value_hash([record["recipe"], ours["seed"], checksum, began_with])
    settings = recipe.model_dump(mode="json")
    if computed(record["recipe"]) != computed(settings) or identity != record["provenance"]["identity"]:
        raise InputError(
            f"{twin}: was trained with other settings, images or start than {ours['recipe_name']} has now;"
            " delete it to train it again."
        )
    statistics = [text for text in record["deviations"] if text.startswith(BATCH_STATISTICS)]
    renamed = {
        **ours,
        "same_training_as": record["recipe_name"],
        "deviations": [*ours["deviations"], *statistics],
        "recipe": settings,
    }
    _copy(twin, output)
    write_json(output / "run.json", record | renamed)
    # The weights come last: where they are, everything is.
    with atomic_path(output / "generator.safetensors") as temporary:
        shutil.copyfile(twin / "generator.safetensors", temporary)
    return record | renamed


def _finished(twin: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((twin / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{twin}: holds no finished run ({error}); leave out --twin.") from error
    return record


def _copy(twin: Path, output: Path) -> None:
    """Everything but record and weights."""
    output.mkdir(parents=True, exist_ok=True)
    for name in ("curve.csv", "stability.csv"):
        shutil.copyfile(twin / name, output / name)
    for name in ("samples", "kept"):
        if (twin / name).is_dir():
            shutil.copytree(twin / name, output / name, dirs_exist_ok=True)
