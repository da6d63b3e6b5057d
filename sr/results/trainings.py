"""The finished trainings of a results folder: where each lies, what its record says, and what it wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sr.csv_text import csv_text
from sr.recipes.run_record import RECORD, RunRecord, load_record
from sr.results.source import Kind, Source

_COLUMNS = ("recipe", "seed", "budget", "training_set", "start", "same_training_as", "iterations", "seconds")
_STAGES = ("before", "after", "bicubic")


@dataclass(frozen=True)
class Training:
    """One finished training."""

    source: Source
    folder: Path
    record: RunRecord

    def table(self, name: str) -> pd.DataFrame:
        """One of its CSV files, with columns `recipe`, `title`, `budget` and `seed` in front."""
        found = pd.read_csv(self.folder / name)
        head: dict[str, Any] = {
            "recipe": self.record.recipe_name,
            "title": self.record.title,
            "budget": self.record.budget,
            "seed": self.record.seed,
        }
        for place, (column, value) in enumerate(head.items()):
            found.insert(place, column, value)
        return found

    @property
    def provenance(self) -> list[tuple[str, str]]:
        """What the record says of code, data and machine, as flat names and texts."""
        return list(_flat(self.record.provenance))


def load_trainings(runs: Path) -> list[Training]:
    """All finished trainings in runs/, by source. Raises InputError for a record that can not be read."""
    folders = [path.parent for path in sorted(runs.glob(f"*/*/*/*/*/{RECORD}"))]
    return [
        Training(
            Source.parse(f"{Kind.TRAINED}/{folder.relative_to(runs).as_posix()}"), folder, load_record(folder)
        )
        for folder in folders
    ]


def trainings_of(results: Path, sources: Sequence[Source]) -> list[Training]:
    """The finished trainings among some sources, in their order."""
    trained = [source for source in dict.fromkeys(sources) if source.kind == Kind.TRAINED]
    folders = {source: source.run_folder(results) for source in trained}
    return [
        Training(source, folder, load_record(folder))
        for source, folder in folders.items()
        if (folder / RECORD).is_file()
    ]


def as_csv(trainings: Iterable[Training]) -> str:
    """A line for each training: what it began with and what it reached on the validation images."""
    measures = [f"{measure}_{stage}" for measure in ("psnr", "lpips") for stage in _STAGES]
    return csv_text((*_COLUMNS, *measures), [_line(one.record) for one in trainings], ".4f")


def _line(record: RunRecord) -> list[Any]:
    stages = [getattr(record.validation, stage) for stage in _STAGES]
    return [
        record.recipe_name,
        record.seed,
        record.budget,
        record.training_set,
        record.start,
        record.same_training_as,
        record.recipe["schedule"]["iterations"],
        record.seconds,
        *(stage.psnr for stage in stages),
        *(stage.lpips for stage in stages),
    ]


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
