"""What others report for released weights and their own trainings: replications/third_party.csv.

These are no claims of a paper.
"""

import csv
from pathlib import Path
from typing import Literal

from sr.config import Strict, validate
from sr.csv_text import open_csv
from sr.data.catalogue import catalogue
from sr.errors import InputError
from sr.papers.published import Cell
from sr.papers.tables import Table
from sr.project import root

# In place of released weights: what needs none.
BASELINES = ("baseline/nearest", "baseline/bicubic")

# Channel and number of cut pixels by name; grey images count as RGB in all of them.
CONVENTIONS: dict[str, tuple[str, int]] = {
    "RGB, border 4": ("RGB", 4),
    "Y, border 4": ("Y", 4),
}


class Reported(Strict):
    """One reported number as printed.

    source: who reports it. released: our catalogue's name of those weights, `baseline/NAME` where nothing is
    trained, empty where we have them not.
    convention: a key of CONVENTIONS. where: the file of the source's repository. note: what is uncertain.
    """

    source: str
    model: str
    released: str
    dataset: str
    metric: Literal["PSNR", "SSIM"]
    value: str
    convention: Literal["RGB, border 4", "Y, border 4"]
    where: str
    note: str


def load_reported(path: Path | None = None) -> list[Reported]:
    """All reported numbers. Raises InputError naming line and column for anything malformed."""
    path = path or root() / "replications" / "third_party.csv"
    with open_csv(path) as stream:
        reader = csv.DictReader(stream)
        found = [
            _checked(validate(row, Reported, f"{path}, line {reader.line_num}"), path, reader.line_num)
            for row in reader
        ]
    keys = [(r.source, r.model, r.dataset, r.metric, r.convention) for r in found]
    repeated = next((key for key in keys if keys.count(key) > 1), None)
    if repeated:
        raise InputError(f"{path}: {', '.join(repeated)} appears twice; remove one row.")
    return found


def listed_cells(paper: str, item: str, table: Table) -> list[Cell]:
    """Numbers that a paper's authors list outside the paper, for weights that they gave away, in a table that
    the paper itself does not print: those that have a place in the table, in the order of the file.
    """
    methods = {method.listed: name for name, method in table.methods.items() if method.listed}
    datasets = {table.benchmark(name): name for name in table.datasets}
    return [
        Cell(paper, item, datasets[entry.dataset], methods[entry.model], entry.metric, entry.value)
        for entry in load_reported()
        if entry.source == table.listed
        and entry.model in methods
        and entry.dataset in datasets
        and entry.metric in table.metrics
    ]


def _checked(entry: Reported, path: Path, line: int) -> Reported:
    place = f"{path}, line {line}"
    known = not entry.released or entry.released in BASELINES
    if not known and catalogue().get(entry.released).kind != "released":
        raise InputError(f"{place}: '{entry.released}' is no released generator of the catalogue.")
    if catalogue().get(entry.dataset).kind != "images":
        raise InputError(f"{place}: '{entry.dataset}' is no set of images.")
    try:
        float(entry.value)
    except ValueError:
        raise InputError(f"{place}: value '{entry.value}' is not a number.") from None
    return entry
