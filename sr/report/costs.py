"""What the trainings and jobs of a results folder cost."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sr.results.trainings import Training


@dataclass(frozen=True)
class Cost:
    """Sums over trainings or jobs: their number, seconds, and the largest memory in bytes."""

    name: str
    count: int
    seconds: float
    memory: float


def training_costs(trainings: Iterable[Training]) -> list[Cost]:
    """What the trainings cost, for each budget; one that several recipes share is counted once."""
    found = defaultdict(list)
    for training in trainings:
        if training.record.same_training_as is None:
            found[training.record.budget].append(training.record)
    return [
        Cost(
            budget,
            len(own),
            sum(one.seconds for one in own),
            max(one.peak_memory_bytes or 0 for one in own),
        )
        for budget, own in sorted(found.items())
    ]


def job_costs(folder: Path) -> list[Cost]:
    """What workflow jobs cost by kind, as the workflow measured them (results/timings/KIND/**.tsv)."""
    costs = []
    for kind in sorted(path for path in folder.glob("*") if path.is_dir()):
        jobs = [job for path in kind.rglob("*.tsv") for job in _measured(path)]
        if jobs:
            seconds, memory = zip(*jobs, strict=True)
            costs.append(Cost(kind.name, len(jobs), sum(seconds), max(memory)))
    return costs


def _measured(path: Path) -> Iterable[tuple[float, float]]:
    """Seconds and bytes of a job; memory is missing where a job was too short to be measured."""
    with path.open(encoding="utf-8", newline="") as stream:
        for job in csv.DictReader(stream, delimiter="\t"):
            memory = job["max_rss"]
            yield float(job["s"]), 0.0 if memory in ("NA", "-") else float(memory) * 2**20
