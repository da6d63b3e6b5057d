"""The one place that turns what a user calls weights into a generator."""

from pathlib import Path

import torch
from torch import nn

from sr.config import load_yaml
from sr.errors import InputError
from sr.inference.generators import load_run
from sr.project import root

# Only a run that spent its paper's whole budget is used without being asked for.
_FULL_BUDGET = "paper"
_GET_RELEASED = (
    "For released weights give their name: `sr assets list` shows them and which are at hand, and"
    " `sr assets fetch NAME` gets them."
)


def generator_of(weights: str) -> nn.Module:
    """A x4 generator in evaluation mode, on the GPU if there is one.

    weights: the folder of a run, a .safetensors or .pth file, or the name of released weights.
    Raises InputError when it is none of these or does not fit.
    """
    generator = _generator(weights).eval().requires_grad_(False)
    return generator.to("cuda" if torch.cuda.is_available() else "cpu")


def default_weights() -> str:
    """The one run of the full budget under results/runs, for a user who names no weights.

    Raises InputError with what there is when there is none or more than one: a network trained in
    minutes to show that everything works must never pass for the paper's.
    """
    runs = {path.parent: load_yaml(path)["budget"] for path in _finished_runs()}
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
    runs = (root() / "results" / "runs").rglob("run.json")
    # progress/run.json records a run that did not learn.
    return sorted(path for path in runs if path.parent.name != "progress")


def _shown(folder: Path) -> str:
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)


def _generator(weights: str) -> nn.Module:
    path = Path(weights)
    beside = path.parent / "run.json"
    if path.is_dir():
        return load_run(path)[0]
    if path.name == "generator.safetensors" and beside.is_file():
        return load_run(path.parent)[0]
    # Released weights need the catalogue and the assets, runs do not.
    from sr.inference.released import load_file, load_released

    if path.suffix or len(path.parts) > 1:
        return load_file(path)
    return load_released(weights)[0]
