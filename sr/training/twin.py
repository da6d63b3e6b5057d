"""Two recipes that are the same training: one is trained, the other takes its result over.

Some differ only in what is kept or tested (LDL's Table 2, #4 and #5). Others become the same under a budget,
which caps sizes and lets one training set stand in for others. Trained apart they would give the same
generator: on a CPU to the last bit, on a GPU but for the order of its sums.
"""

import shutil
from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.files import atomic_path, file_hash
from sr.recipes.recipe import Recipe, computed
from sr.recipes.run_record import RECORD, WEIGHTS
from sr.seals import read_record, write_record
from sr.training.record import OF_EXECUTION, identity
from sr.weights.generators import load_run, read_safetensors


def take_over(
    twin: Path, output: Path, ours: dict[str, Any], recipe: Recipe, made_from: dict[str, Any]
) -> dict[str, Any]:
    """Copy the finished run in `twin` to `output` under another recipe's name, and return its record.

    ours: what the record says of this run itself: recipe_name, budget, training_set, seed, deviations.
    recipe: the resolved one. made_from: the contents that this run would be made from.
    The result is the generator that this recipe tests. Curve, validation (which names its generator), cost
    and provenance stay those of the training that was made, and `same_training_as` names it; only the run
    that it began with is named as this recipe's own, which holds the same weights.
    Raises InputError where that training is not this one.
    """
    record = _finished(twin)
    settings = recipe.model_dump(mode="json")
    same = identity(settings, ours["seed"], made_from) == record["provenance"]["identity"]
    if computed(record["recipe"]) != computed(settings) or not same:
        raise InputError(
            f"{twin}: was trained with other settings, images or weights to begin with than"
            f" {ours['recipe_name']} asks for; delete it, or the run that either begins with, whichever is"
            " older, to train it again."
        )
    of_execution = [text for text in record["deviations"] if text.startswith(OF_EXECUTION)]
    renamed = {
        **ours,
        "same_training_as": record["recipe_name"],
        "deviations": [*ours["deviations"], *of_execution],
        "recipe": settings,
        # The same weights by the name that the workflow knows them by: other inputs would ask for it again.
        "provenance": record["provenance"] | {"start": made_from["start"]},
    }
    # The result's weights come last: where they are, everything is.
    chosen = twin / (WEIGHTS if recipe.ema is None else f"{recipe.result}.safetensors")
    read_safetensors(chosen)  # refused when it is damaged
    renamed["generator_sha256"] = file_hash(chosen)
    _copy(twin, output, recipe)
    write_record(output / RECORD, record | renamed)
    _copy_file(chosen, output / WEIGHTS)
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


def _copy(twin: Path, output: Path, recipe: Recipe) -> None:
    """Everything but record and result; generators kept on the way only where the recipe wants them."""
    generators = () if recipe.ema is None else ("raw.safetensors", "averaged.safetensors")
    for name in ("curve.csv", "stability.csv", *generators):
        _copy_file(twin / name, output / name)
    for name in ("samples", "kept"):
        if (twin / name).is_dir() and (name == "samples" or recipe.keep_every):
            # Contents alone: finished files may be read-only.
            shutil.copytree(twin / name, output / name, copy_function=shutil.copyfile, dirs_exist_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
