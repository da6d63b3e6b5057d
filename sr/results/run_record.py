"""What the trainings of a results folder were, reached, differ in from the papers, and took."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sr.errors import InputError
from sr.weights.run_folder import read_run


@dataclass(frozen=True)
class Quality:
    """PSNR in dB on Y and LPIPS (AlexNet) of the validation images; lpips is None where it can not be had."""

    psnr: float
    lpips: float | None


@dataclass(frozen=True)
class Training:
    """One finished training. before, after: of its first and last step. rate: images a second.

    start: the recipe it began with. same_training_as: the recipe whose training it took over.
    memory: peak bytes. provenance: as flat names and texts.
    """

    source: str
    paper: str
    recipe: str
    title: str
    start: str | None
    same_training_as: str | None
    budget: str
    training_set: str
    seed: int
    status: str
    iterations: int
    before: Quality
    after: Quality
    bicubic: Quality
    seconds: float
    rate: float | None
    memory: int | None
    parameters: int
    deviations: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]


def load_trainings(folder: Path) -> list[Training]:
    """All finished trainings in runs/, by source. Raises InputError for a record that can not be read."""
    return [_training(folder, path) for path in sorted(folder.glob("*/*/*/*/*/run.json"))]


def as_csv(trainings: Iterable[Training]) -> str:
    """A line for each training: what it began with and what it reached on the validation images."""
    lines = pd.DataFrame([_line(one) for one in trainings])
    return str(lines.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


def _line(one: Training) -> dict[str, Any]:
    names = ("recipe", "seed", "budget", "training_set", "start", "same_training_as", "iterations", "seconds")
    stages = {"before": one.before, "after": one.after, "bicubic": one.bicubic}
    return {
        **{name: getattr(one, name) for name in names},
        **{f"psnr_{when}": quality.psnr for when, quality in stages.items()},
        **{f"lpips_{when}": quality.lpips for when, quality in stages.items()},
    }


def _training(folder: Path, path: Path) -> Training:
    try:
        record = read_run(path.parent)
        validation = record["validation"]
        return Training(
            source=f"trained/{path.parent.relative_to(folder).as_posix()}",
            paper=record["recipe_name"].split("/")[0],
            recipe=record["recipe_name"],
            title=record["recipe"]["title"],
            start=record["recipe"]["start"],
            same_training_as=record.get("same_training_as"),
            budget=record["budget"],
            training_set=record["training_set"],
            seed=record["seed"],
            status=record["status"],
            iterations=record["recipe"]["schedule"]["iterations"],
            before=Quality(validation["start_psnr"], validation["start_lpips"]),
            after=Quality(validation["psnr"], validation["lpips"]),
            bicubic=Quality(validation["bicubic_psnr"], validation["bicubic_lpips"]),
            seconds=record["seconds"],
            rate=record["images_per_second"],
            memory=record["peak_memory_bytes"],
            parameters=record["parameters"]["generator"],
            deviations=tuple(record["deviations"]),
            provenance=tuple(_flat(record["provenance"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not the record of a finished run ({error!r}).") from error


def _flat(values: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, list):
            for number, part in enumerate(value, start=1):
                yield f"{name} {number}" if len(value) > 1 else name, _words(part)
        else:
            yield name, _words(value)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items())
    words = {None: "none", True: "yes", False: "no"}
    return words[value] if value is None or isinstance(value, bool) else str(value)
