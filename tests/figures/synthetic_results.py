"""A folder of results made up for the tests of figures of numbers: runs, scores and rows of tables."""

import json
from pathlib import Path
from typing import Any

from sr.results.measurement import Results
from sr.verdicts.rows import Row, Verdict
from tests.recipes.synthetic_record import make_record
from tests.results.synthetic_scores import READY, make_run, write_score


def make_row(place: tuple[str, str, str, str, str], source: str, **changed: Any) -> Row:
    """A row of a result table as for a benchmark that is not at hand. place: paper to metric."""
    trained = source.startswith("trained/")
    fields: dict[str, Any] = {
        "published": "",
        "measured": None,
        "difference": None,
        "source": source,
        "budget": source.split("/")[1] if trained else "",
        "images": None,
        "seeds": (0,) if trained else (),
        "interval": None,
        "tolerance": None,
        "verdict": Verdict.UNAVAILABLE,
        "deviations": (),
        "note": "",
    }
    names = dict(zip(("paper", "item", "dataset", "method", "metric"), place, strict=True))
    return Row(**names, **(fields | changed))


def ready(results: Path) -> Results:
    """What was measured in a folder of results, on whatever benchmark these tests speak of."""
    return make_run(results / "scores", embedded=READY)


def write_seeds(
    results: Path, paper: str, source: str, benchmark: str, seeds: list[dict[str, float]]
) -> None:
    """Scores of one image for each seed of a trained source (without its /seedN)."""
    for number, values in enumerate(seeds):
        one_image = {metric: [value] for metric, value in values.items()}
        write_score(results / "scores", f"{source}/seed{number}", benchmark, one_image, protocol=paper)


def write_run(results: Path, source: str, title: str, files: dict[str, str], **generator: Any) -> None:
    """run.json of a finished run and its CSV files."""
    _, budget, training_set, paper, recipe, seed = source.split("/")
    folder = results / "runs" / source.removeprefix("trained/")
    folder.mkdir(parents=True)
    record = make_record(
        f"{paper}/{recipe}",
        budget=budget,
        training_set=training_set,
        seed=int(seed.removeprefix("seed")),
        recipe={"title": title, "start": None, "generator": generator},
    )
    (folder / "run.json").write_text(json.dumps(record))
    for name, text in files.items():
        (folder / name).write_text(text)
