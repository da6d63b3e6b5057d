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
from sr.recipes.run_record import RECORD, load_record
from sr.weights.generators import load_run
from sr.weights.released import load_released, read_file, released

# Only a run that spent its paper's whole budget is used without being asked for.
_FULL_BUDGET = "paper"
_GET_RELEASED = (
    "For released weights give their name: `sr assets list` shows them and which are at hand, and"
    " `sr assets fetch NAME` gets them."
)


@dataclass(frozen=True)
class Loaded:
    """A generator in evaluation mode, its settings, and in words where it comes from."""

    generator: nn.Module
    settings: NetworkSettings
    origin: dict[str, str]


def load(weights: str) -> Loaded:
    """What a run's folder, a weight file or the name of released weights holds.

    Raises InputError when it is none of these or does not fit.
    """
    path = Path(weights)
    if path.is_dir():
        return _of_run(path)
    for folder in path.parents[:2]:  # generators kept on the way lie one folder below
        if path.suffix == ".safetensors" and (folder / RECORD).is_file():
            return _of_run(folder, path)
    if path.suffix or len(path.parts) > 1:
        settings, generator = read_file(path)
        return Loaded(generator, settings, {"origin": path.name})
    generator, facts = load_released(weights)
    said = {key: str(facts[key]) for key in ("sha256", "trained_by", "training_set", "licence")}
    return Loaded(generator, released(weights).network, {"origin": f"released/{weights}", **said})


def generator_of(weights: str) -> nn.Module:
    """A x4 generator in evaluation mode, on the GPU if there is one.

    weights: the folder of a run, a .safetensors or .pth file, or the name of released weights.
    Raises InputError when it is none of these or does not fit.
    """
    generator = load(weights).generator.requires_grad_(False)
    return generator.to("cuda" if torch.cuda.is_available() else "cpu")


def default_weights() -> str:
    """The one run of the full budget under results/runs, for a user who names no weights.

    Raises InputError with what there is when there is none or more than one: a network trained in
    minutes to show that everything works must never pass for the paper's.
    """
    runs = {folder: load_record(folder).budget for folder in _finished_runs()}
    full = [folder for folder, budget in runs.items() if budget == _FULL_BUDGET]
    if len(full) == 1:
        return str(full[0])
    listed = "; ".join(f"{_shown(folder)} (budget {budget})" for folder, budget in runs.items())
    if full:
        raise InputError(f"--weights: which of these runs? {listed}.")
    there = f"there are only runs of smaller budgets, which must be named to be used: {listed}"
    raise InputError(
        f"--weights: no run of the budget '{_FULL_BUDGET}' is there; "
        f"{there if runs else 'nothing was trained yet'}. {_GET_RELEASED}"
    )


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
