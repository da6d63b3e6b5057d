"""A paper's studies: recipes that are compared with each other outside its tables (`studies.yaml`)."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, RootModel

from sr.config import Strict, load_model, nearest
from sr.errors import InputError
from sr.files import write_text
from sr.project import paper_folder
from sr.results.source import Group, group_sources, load_scores
from sr.weights.run_folder import read_run


class Study(Strict):
    """Recipes side by side. source: the section or figure; note: what a reader must know."""

    title: str
    source: str
    recipes: tuple[str, ...] = Field(min_length=1)
    note: str

    def full_recipes(self, paper: str) -> list[str]:
        """paper/recipe of each; a bare name means a recipe of `paper`."""
        return [name if "/" in name else f"{paper}/{name}" for name in self.recipes]


class Studies(RootModel[dict[str, Study]]):
    """The whole studies.yaml of one paper."""


def load_studies(paper: str) -> dict[str, Study]:
    """Studies of a paper by name; none where the paper has no studies.yaml."""
    path = paper_folder(paper) / "studies.yaml"
    return load_model(path, Studies).root if path.is_file() else {}


def load_study(paper: str, name: str) -> Study:
    """One study. Raises InputError with the nearest name for an unknown one."""
    studies = load_studies(paper)
    if name not in studies:
        raise InputError(f"'{name}' is not a study of {paper}; {nearest(name, list(studies))}")
    return studies[name]


def write_study(
    paper: str,
    name: str,
    results: Path,
    sources: list[str],
    benchmarks: list[str],
    output: Path,
    obstacles: Mapping[str, str],
) -> int:
    """Write a row for each recipe, benchmark and metric: mean over the seeds, and what the run cost.

    results: the folder with scores/ and runs/. obstacles: recipe -> why it can not be trained here; each
    becomes a comment line. Returns the number of rows.
    """
    study = load_study(paper, name)
    rows = [
        row
        for group in group_sources(sources)
        for benchmark in benchmarks
        for row in _rows(paper, group, benchmark, results)
    ]
    columns = ("recipe", "title", "budget", "benchmark", "metric", "value", "seeds", "parameters", "seconds")
    text = io.StringIO()
    text.write(f"# {study.title} ({study.source}). {' '.join(study.note.split())}\n")
    text.writelines(f"# {recipe}: not trained, {reason}\n" for recipe, reason in obstacles.items())
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(output, text.getvalue())
    return len(rows)


def _rows(paper: str, group: Group, benchmark: str, results: Path) -> list[dict[str, Any]]:
    scores = load_scores(results / "scores", paper, group, benchmark)
    if not scores:
        return []
    runs = [read_run(results / "runs" / member.removeprefix("trained/")) for member in group.members]
    values = [score.header.set_values for score in scores]
    metrics = [name for name in values[0] if all(name in one for one in values)]
    common = {
        "recipe": runs[0]["recipe_name"],
        "title": runs[0]["recipe"]["title"],
        "budget": group.budget,
        "benchmark": benchmark,
        "seeds": " ".join(str(seed) for seed in group.seeds),
        "parameters": runs[0]["parameters"]["generator"],
        "seconds": round(sum(run["seconds"] for run in runs) / len(runs), 1),
    }
    return [
        common | {"metric": metric, "value": f"{_mean([one[metric] for one in values]):.6f}"}
        for metric in metrics
    ]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
