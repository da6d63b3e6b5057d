"""Every adversarial recipe at full size, in bfloat16: some steps and no value that is not finite."""

import time
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.gpu_measures import MIB, Row, arithmetic, finish, rate_of, release, trainer_of
from benchmarks.material import packed_images, recipe_of
from sr.config import nearest
from sr.errors import InputError
from sr.project import papers
from sr.recipes.recipe import load_recipes
from sr.training.ledger import Ledger

# Not timed: the fastest convolutions are searched in the first steps.
_WARM_UP = 10


def recipes_to_check(wanted: Sequence[str]) -> list[str]:
    """Full names of the adversarial recipes of some papers, or those named. Raises InputError."""
    known = [f"{paper}/{name}" for paper in papers() for name in _adversarial(paper)]
    if not wanted:
        return known
    for name in wanted:
        if name not in known and name not in papers():
            raise InputError(f"'{name}' is no paper and no adversarial recipe; {nearest(name, known)}")
    return [name for name in known if name in wanted or name.split("/")[0] in wanted]


def _adversarial(paper: str) -> list[str]:
    return [name for name, recipe in load_recipes(paper).items() if recipe.discriminator is not None]


def contract(name: str, folder: Path, steps: int, *, toy: bool) -> Row:
    """So many steps of one recipe, in bfloat16.

    `not_finite` says which value was not, and at which step; else it is empty.
    """
    recipe = recipe_of(name, toy=toy)
    count, warm_up = (3, 1) if toy else (max(steps, _WARM_UP + 1), _WARM_UP)
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    ledger, began = Ledger(), 0.0
    with arithmetic(tf32=False):
        trainer = trainer_of(recipe, packed_images(folder, toy=toy), "bfloat16", recorded=True)
        for number in range(1, count + 1):
            ledger.add(number, trainer.step())
            if number == warm_up:
                finish()
                began = time.perf_counter()
        finish()
    seconds = (time.perf_counter() - began) / (count - warm_up)
    del trainer
    release()
    return {
        "what": name,
        "batch": f"{recipe.batch} x {recipe.patch} px",
        **rate_of(recipe, seconds),
        "peak_mib": torch.cuda.max_memory_reserved() / MIB if torch.cuda.is_available() else None,
        "not_finite": _first_bad(ledger, folder),
    }


def _first_bad(ledger: Ledger, folder: Path) -> str:
    try:
        ledger.require_finite(folder)
    except InputError as error:
        return str(error).split(";")[0]
    return ""
