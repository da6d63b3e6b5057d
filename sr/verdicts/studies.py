"""Studies as rows: recipes that a paper compares outside its tables, side by side, and what each run cost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sr.csv_text import csv_text
from sr.files import write_text
from sr.papers.studies import load_study
from sr.results.measurement import Measurement, Results, metrics_of
from sr.results.source import Group
from sr.results.trainings import trainings_of

COLUMNS = ("recipe", "title", "budget", "benchmark", "metric", "value", "seeds", "parameters", "seconds")


def write_study(paper: str, name: str, results: Results, folder: Path, output: Path) -> int:
    """Write a row for each recipe, benchmark and metric: mean over the seeds, and what the run cost.

    folder: that with runs/. A recipe that can not be trained here becomes a comment line.
    Returns the number of rows.
    """
    study = load_study(paper, name)
    rows = [
        row
        for group in results.groups
        for benchmark in results.ready
        for row in _rows(paper, group, benchmark, results, folder)
    ]
    head = [f"{study.title} ({study.source}). {' '.join(study.note.split())}"]
    head += [f"{recipe}: not trained, {reason}" for recipe, reason in results.obstacles.items()]
    write_text(output, csv_text(COLUMNS, rows, head=head))
    return len(rows)


def _rows(
    paper: str, group: Group, benchmark: str, results: Results, folder: Path
) -> Iterator[tuple[Any, ...]]:
    scores = results.scored(paper, group, benchmark)
    runs = [one.record for one in trainings_of(folder, group.members)] if scores else []
    for metric in metrics_of(scores):
        found = results.measure(paper, group, benchmark, metric)
        if isinstance(found, Measurement):
            seeds = " ".join(str(seed) for seed in group.seeds)
            seconds = str(round(sum(run.seconds for run in runs) / len(runs), 1))
            first = runs[0]
            yield (
                first.recipe_name,
                first.title,
                group.budget,
                benchmark,
                metric,
                found.mean,
                seeds,
                first.parameters.generator,
                seconds,
            )
