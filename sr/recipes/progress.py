"""How far the trainings under a folder of runs have come."""

import csv
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sr.errors import InputError
from sr.locks import NoLocksError, try_lock
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import load_recipe
from sr.recipes.run_record import RECORD

State = Literal["finished", "running", "stopped", "did not learn"]
_PROGRESS = "progress"
_PARTS = 5  # of a run's path
# Without locks, a training that wrote nothing for that long has stopped.
_SILENT_SECONDS = 1800.0


@dataclass(frozen=True)
class Progress:
    """One training. run: BUDGET/TRAINING_SET/PAPER/RECIPE/seedN. folder: where it lies.

    step, iterations: done and in all; None where it can not be told. seconds_left: at the pace so far, of one
    that is running.
    """

    run: str
    folder: Path
    state: State
    step: int | None
    iterations: int | None
    seconds_left: float | None


def progress_of(runs: Path) -> list[Progress]:
    """Every training under `runs`, by its path; whatever was left half-written is no error."""
    folders = {path.parent.parent for path in runs.rglob(f"seed*/{_PROGRESS}/lock")}
    folders |= {path.parent for path in runs.rglob(f"seed*/{RECORD}")}
    found = (_progress(runs, folder) for folder in sorted(folders))
    return [one for one in found if one is not None]


def _progress(runs: Path, folder: Path) -> Progress | None:
    parts = folder.relative_to(runs).parts
    if len(parts) != _PARTS:
        return None
    run = "/".join(parts)
    iterations = _iterations(*parts[:-1])
    if (folder / RECORD).is_file():
        return Progress(run, folder, "finished", iterations, iterations, None)
    step, seconds = _last_row(folder / _PROGRESS / "curve.csv")
    checkpoints = (folder / _PROGRESS).glob("checkpoint-*.pt")
    step = max([step or 0, *(int(path.stem.rpartition("-")[2]) for path in checkpoints)])
    if _status(folder / _PROGRESS / RECORD) == "did not learn":
        return Progress(run, folder, "did not learn", step, iterations, None)
    if not _is_running(folder / _PROGRESS / "lock"):
        return Progress(run, folder, "stopped", step, iterations, None)
    left = seconds / step * (iterations - step) if seconds and step and iterations else None
    return Progress(run, folder, "running", step, iterations, left)


def _iterations(budget: str, training_set: str, paper: str, recipe: str) -> int | None:
    try:
        resolved = apply(load_budget(budget), load_recipe(f"{paper}/{recipe}"), training_set)
    except InputError:
        return None
    return resolved.recipe.schedule.iterations


def _last_row(curve: Path) -> tuple[int | None, float | None]:
    try:
        rows = list(csv.DictReader(curve.read_text(encoding="utf-8").splitlines()))
        return int(rows[-1]["step"]), float(rows[-1]["seconds"])
    except (OSError, LookupError, ValueError):
        return None, None


def _status(record: Path) -> str | None:
    try:
        return str(json.loads(record.read_text(encoding="utf-8")).get("status"))
    except (OSError, ValueError, AttributeError):
        return None


def _is_running(lock: Path) -> bool:
    """Whether a process holds the run's lock; it ends with the process, however that ends."""
    try:
        held = try_lock(lock)
    except NoLocksError:
        newest = max(path.stat().st_mtime for path in lock.parent.iterdir())
        return time.time() - newest < _SILENT_SECONDS
    except OSError:
        return False
    if held is None:
        return True
    held.release()
    return False
