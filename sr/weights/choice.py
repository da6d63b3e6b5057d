"""The one place that turns what a user calls weights into a generator."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter
from torch import nn

from sr.errors import InputError
from sr.networks import GeneratorSettings, NetworkSettings
from sr.project import root
from sr.recipes.recipe import load_recipe
from sr.recipes.run_record import RECORD, load_record
from sr.weights.generators import load_run
from sr.weights.released import full_name, load_released, read_file, released

_RELEASED = "released/"
_FULL_BUDGET = "paper"


@dataclass(frozen=True)
class Loaded:
    """A generator in evaluation mode, its settings, and in words where it comes from."""

    generator: nn.Module
    settings: NetworkSettings
    origin: dict[str, str]


def load(weights: str) -> Loaded:
    """What a run's folder, a recipe's run, a weight file or the name of released weights holds.

    Raises InputError when it is none of these or does not fit.
    """
    path = Path(weights)
    if path.is_dir():
        return _of_run(path)
    if (name := released_name(weights)) is not None:
        generator, facts = load_released(name)
        said = {key: str(facts[key]) for key in ("sha256", "trained_by", "training_set", "licence")}
        return Loaded(generator, released(name).network, {"origin": f"released/{name}", **said})
    for folder in path.parents[:2]:  # generators kept on the way lie one folder below
        if path.suffix == ".safetensors" and (folder / RECORD).is_file():
            return _of_run(folder, path)
    if not path.exists() and not path.suffix and len(path.parts) == 2:
        return _of_run(run_of(weights))
    settings, generator = read_file(path)
    return Loaded(generator, settings, {"origin": path.name})


def released_name(weights: str) -> str | None:
    """The catalogue's name where released weights are meant, by any of their names; None for anything else.

    Nothing says that they are known: `released` does.
    """
    name = weights.removeprefix(_RELEASED)
    is_name = "/" not in name and not Path(name).suffix and not Path(weights).exists()
    return full_name(name) if is_name else None


def generator_of(weights: str) -> nn.Module:
    """A x4 generator in evaluation mode, on the GPU if there is one.

    weights: as `load` takes them.
    Raises InputError when it is none of these or does not fit.
    """
    generator = load(weights).generator.requires_grad_(False)
    return generator.to("cuda" if torch.cuda.is_available() else "cpu")


def run_of(recipe: str) -> Path:
    """The folder of the finished run of a recipe PAPER/RECIPE: that of the full budget, or else the only one.

    Raises InputError, with the runs there are, when it is not clear which is meant.
    """
    load_recipe(recipe)
    runs = {
        folder: record for folder in _finished_runs() if (record := load_record(folder)).recipe_name == recipe
    }
    full = [folder for folder, record in runs.items() if record.budget == _FULL_BUDGET]
    for one in (full, list(runs)):
        if len(one) == 1:
            return one[0]
    if not runs:
        raise InputError(
            f"{recipe}: was not trained here yet; `sr train {recipe}` does, or name a run's folder."
        )
    listed = "; ".join(f"{_shown(folder)} (budget {record.budget})" for folder, record in runs.items())
    raise InputError(f"{recipe}: which of these runs? {listed}.")


def _finished_runs() -> list[Path]:
    folders = (path.parent for path in (root() / "results" / "runs").rglob(RECORD))
    # The record in progress/ is of a run that did not learn.
    return sorted(folder for folder in folders if folder.name != "progress")


def _shown(folder: Path) -> str:
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)


def _of_run(folder: Path, weights: Path | None = None) -> Loaded:
    generator, record = load_run(folder, weights)
    settings: Any = TypeAdapter(GeneratorSettings).validate_python(record.recipe["generator"])
    said = {key: str(getattr(record, key)) for key in ("recipe_name", "budget", "training_set", "seed")}
    return Loaded(generator, settings, {"origin": "trained", **said})
