"""Two recipes that a budget makes the same training of: one is trained, the other takes its result over.

A budget caps sizes and lets one training set stand in for others. Recipes that differ in nothing else then
give the same generator: on a CPU to the last bit, on a GPU but for the order of its sums.
"""

import shutil
from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.files import atomic_path, file_hash, value_hash
from sr.recipes.recipe import Recipe, computed
from sr.recipes.run_record import RECORD, WEIGHTS
from sr.seals import read_record, write_record
from sr.training.record import BATCH_STATISTICS
from sr.weights.generators import load_run


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
    settings = recipe.model_dump(mode="json")
    began_with = file_hash(start / WEIGHTS) if start else None
    # Its identity covers settings, seed, images and the weights it began with.
    identity = value_hash([record["recipe"], ours["seed"], checksum, began_with])
    if computed(record["recipe"]) != computed(settings) or identity != record["provenance"]["identity"]:
        raise InputError(
            f"{twin}: was trained with other settings, images or weights to begin with than"
            f" {ours['recipe_name']} asks for; delete it, or the run that either begins with, whichever is"
            " older, to train it again."
        )
    statistics = [text for text in record["deviations"] if text.startswith(BATCH_STATISTICS)]
    renamed = {
        **ours,
        "same_training_as": record["recipe_name"],
        "deviations": [*ours["deviations"], *statistics],
        "recipe": settings,
    }
    _copy(twin, output)
    write_record(output / RECORD, record | renamed)
    # The weights come last: where they are, everything is.
    _copy_file(twin / WEIGHTS, output / WEIGHTS)
    return record | renamed


def _finished(twin: Path) -> dict[str, Any]:
    try:
        load_run(twin)  # whose weights and record fit together
        record = read_record(twin / RECORD, f"delete {twin} to train it again")
    except InputError as error:
        raise InputError(
            f"{twin}: holds no finished run ({str(error).rstrip('.')}); leave out --twin."
        ) from error
    if original := record.get("same_training_as"):
        raise InputError(f"{twin}: was itself taken over; give the run of {original} as --twin.")
    return record


def _copy(twin: Path, output: Path) -> None:
    """Everything but record and weights."""
    for name in ("curve.csv", "stability.csv"):
        _copy_file(twin / name, output / name)
    for name in ("samples", "kept"):
        if (twin / name).is_dir():
            # Contents alone: finished files may be read-only.
            shutil.copytree(twin / name, output / name, copy_function=shutil.copyfile, dirs_exist_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
