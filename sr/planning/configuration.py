"""workflow/config.yaml as a model: what to run."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, field_validator

from sr.config import Strict, nearest, validate
from sr.data.catalogue import catalogue
from sr.device import Precision
from sr.errors import InputError
from sr.papers.tables import layouts_path
from sr.project import papers
from sr.recipes.budget import load_budget

# Of several trainings of a recipe: `stage`, all begin with seed 0's start; `start`, each has its own.
SeedsFrom = Literal["start", "stage"]


class Configuration(Strict):
    """workflow/config.yaml, and what `--config` changed of it."""

    budget: str
    papers: tuple[str, ...] = Field(min_length=1)
    seeds: tuple[NonNegativeInt, ...] = Field(min_length=1)
    seeds_from: SeedsFrom
    sources: tuple[Literal["trained", "released"], ...]
    benchmarks: tuple[str, ...]
    mirror: Path | None
    download: Literal["small", "all", "none"]
    gpus: dict[str, NonNegativeInt]
    precision: dict[str, Precision]
    checkpoint_minutes: dict[str, PositiveFloat]
    overlap: Literal["leave_out", "refuse"]

    @field_validator("download", mode="before")
    @classmethod
    def _yes_and_no(cls, value: Any) -> Any:
        """`true` and `false`, as it once was said."""
        return {"true": "all", "false": "none"}.get(str(value).lower(), value)

    @field_validator("papers", "sources", "benchmarks", mode="before")
    @classmethod
    def _one_is_a_list_of_one(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("seeds", mode="before")
    @classmethod
    def _seeds_are_listed(cls, value: Any) -> Any:
        if isinstance(value, int):
            number = ",".join(map(str, range(value)))
            raise ValueError(
                f"write [{number}] for {value} trainings of each recipe, or [{value}] for the seed {value}"
                f" alone; on the command line: --config 'seeds=[{number}]'"
            )
        return value


def configuration(config: dict[str, Any]) -> Configuration:
    """Snakemake's `config`. Raises InputError for a misspelt key or name, before anything is planned."""
    read = validate(config, Configuration, "workflow/config.yaml or --config")
    for name in read.benchmarks:
        if catalogue().get(name).kind != "images":
            raise InputError(f"benchmarks: '{name}' is no set of images.")
    for paper in read.papers:
        if not layouts_path(paper).is_file():
            raise InputError(f"papers: '{paper}' has no tables yet; {nearest(paper, replicated_papers())}")
    for budget in (read.budget, *read.gpus, *read.precision, *read.checkpoint_minutes):
        load_budget(budget)
    return read


def replicated_papers() -> list[str]:
    """Papers whose tables are described, and so can be replicated."""
    return [paper for paper in papers() if layouts_path(paper).is_file()]
