"""What the trainings of a results folder were, differ in from the papers, and cost."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sr.errors import InputError


@dataclass(frozen=True)
class Run:
    """One training. rate: images a second; memory: peak bytes; provenance: as flat names and texts."""

    source: str
    paper: str
    recipe: str
    title: str
    budget: str
    training_set: str
    seed: int
    status: str
    psnr: float
    seconds: float
    rate: float | None
    memory: int | None
    parameters: int
    deviations: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cost:
    """Sums over trainings or jobs: their number, seconds, and the largest memory in bytes."""

    name: str
    count: int
    seconds: float
    memory: float


def load_runs(folder: Path) -> list[Run]:
    """All finished trainings in runs/, by source. Raises InputError for a record that can not be read."""
    return [_run(folder, path) for path in sorted(folder.glob("*/*/*/*/*/run.json"))]


def training_costs(runs: Iterable[Run]) -> list[Cost]:
    """What the trainings cost, for each budget."""
    found = defaultdict(list)
    for run in runs:
        found[run.budget].append(run)
    return [
        Cost(
            budget,
            len(own),
            sum(run.seconds for run in own),
            max((run.memory or 0 for run in own), default=0),
        )
        for budget, own in sorted(found.items())
    ]


def job_costs(folder: Path) -> list[Cost]:
    """What workflow jobs cost by kind, as the workflow measured them (results/benchmarks/KIND/**.tsv)."""
    costs = []
    for kind in sorted(path for path in folder.glob("*") if path.is_dir()):
        jobs = [job for path in kind.rglob("*.tsv") for job in _measured(path)]
        if jobs:
            seconds, memory = zip(*jobs, strict=True)
            costs.append(Cost(kind.name, len(jobs), sum(seconds), max(memory)))
    return costs


def _run(folder: Path, path: Path) -> Run:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Run(
            source=f"trained/{path.parent.relative_to(folder).as_posix()}",
            paper=record["recipe_name"].split("/")[0],
            recipe=record["recipe_name"],
            title=record["recipe"]["title"],
            budget=record["budget"],
            training_set=record["training_set"],
            seed=record["seed"],
            status=record["status"],
            psnr=record["validation"]["psnr"],
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


def _measured(path: Path) -> Iterable[tuple[float, float]]:
    """Seconds and bytes of a job; memory is missing where a job was too short to be measured."""
    with path.open(encoding="utf-8", newline="") as stream:
        for job in csv.DictReader(stream, delimiter="\t"):
            memory = job["max_rss"]
            yield float(job["s"]), 0.0 if memory in ("NA", "-") else float(memory) * 2**20
