"""Opinion scores as score files: what people gave fills cells and decides claims as any measurement does."""

import csv
import io
from pathlib import Path

import pandas as pd

from sr.assumption import sentences
from sr.config import load_yaml
from sr.errors import InputError
from sr.files import write_json, write_text
from sr.opinions.outcome import Outcome
from sr.results.source import Source

METRIC = "MOS"


def write_cells(outcome: Outcome, folder: Path) -> list[Path]:
    """Write the scores of every version and benchmark into a folder of opinion scores; their JSON files.

    The value of an image is the mean of the raters that are kept. Deviations are those of the source and of
    the study. Raises InputError for a study of orders or of one's own, which fill no cells, and where scores
    of another study lie already, since their raters are not to be mixed.
    """
    key = outcome.collected.key
    if not key.paper or not outcome.study.scale.categories:
        raise InputError(f"{key.study.title}: fills no cells; leave --scores out.")
    values = {
        (str(version), str(benchmark)): rows.groupby("image")["value"].mean()
        for (benchmark, version), rows in outcome.ratings[~outcome.ratings["again"]].groupby(
            ["benchmark", "version"]
        )
    }
    paths = {place: _path(outcome, *place, folder) for place in values}
    for path in paths.values():
        _refuse_other_study(path, key.hash)
    for place, path in paths.items():
        _write(outcome, *place, values[place], path)
    return list(paths.values())


def _path(outcome: Outcome, version: str, benchmark: str, folder: Path) -> Path:
    key = outcome.collected.key
    source = Source.parse(key.sources[version]["source"])
    return source.scores_file(folder, key.paper, benchmark)


def _refuse_other_study(path: Path, study: str) -> None:
    if path.is_file() and load_yaml(path).get("study") != study:
        raise InputError(f"{path}: holds what other raters gave in another study; move it away first.")


def _write(outcome: Outcome, version: str, benchmark: str, values: pd.Series, path: Path) -> None:
    key = outcome.collected.key
    facts = key.sources[version]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", METRIC])
    writer.writerows(values.items())
    write_text(path.with_suffix(".csv"), text.getvalue())
    header = {
        "protocol": key.paper,
        "benchmark": benchmark,
        "images": len(values),
        "set_values": {METRIC: float(values.mean())},
        "unavailable": {},
        **facts,
        "deviations": [*facts["deviations"], *outcome.deviations],
        "assumptions": [*facts["assumptions"], *sentences(key.study.assumptions)],
        "study": key.hash,
        "raters": int((outcome.raters["apart"] == "").sum()),
    }
    write_json(path, header)
