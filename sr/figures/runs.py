"""What trained runs wrote while they trained, as tables: curves and changes from check to check."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sr.figures.material import Missing
from sr.recipes.run_record import RECORD
from sr.results.source import Source
from sr.seals import read_record


@dataclass(frozen=True)
class Run:
    """A finished run: its source, folder and what run.json says."""

    source: str
    folder: Path
    record: dict[str, Any]

    @property
    def title(self) -> str:
        """How its recipe is called."""
        return str(self.record["recipe"]["title"])

    def table(self, name: str) -> pd.DataFrame:
        """One of its CSV files, with columns `recipe`, `title`, `budget` and `seed` in front."""
        found = pd.read_csv(self.folder / name)
        head = {
            "recipe": self.record["recipe_name"],
            "title": self.title,
            "budget": self.record["budget"],
            "seed": self.record["seed"],
        }
        for place, (column, value) in enumerate(head.items()):
            found.insert(place, column, value)
        return found


def load_runs(results: Path, sources: Sequence[str]) -> list[Run]:
    """The finished runs among some sources, in their order. Raises Missing when there is none."""
    trained = [source for source in dict.fromkeys(sources) if source.startswith("trained/")]
    folders = {source: Source.parse(source).run_folder(results) for source in trained}
    runs = [
        Run(source, folder, read_record(folder / RECORD, f"copy {folder} again"))
        for source, folder in folders.items()
        if (folder / RECORD).is_file()
    ]
    if not runs:
        raise Missing("none of its recipes was trained.")
    return runs
