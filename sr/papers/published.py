"""The numbers the papers print: replications/<paper>/published.csv, kept as printed text."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from sr.csv_text import open_csv
from sr.errors import InputError
from sr.metrics.known import METRICS
from sr.project import paper_folder, papers

COLUMNS = ("paper", "item", "dataset", "method", "metric", "value", "note")

# Decimal digits as papers print them; `1e999` would be one more infinity.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+|inf)")
_LONGEST_NUMBER = 20

# Printed, and ranked, but the opinion of people: nothing here computes it.
OPINION = "MOS"
LOWER_IS_BETTER = frozenset(metric.name for metric in METRICS if metric.better == "lower")
HIGHER_IS_BETTER = frozenset([*(metric.name for metric in METRICS if metric.better == "higher"), OPINION])


@dataclass(frozen=True)
class Cell:
    """One printed number and the place it stands (item = table, figure or text)."""

    paper: str
    item: str
    dataset: str
    method: str
    metric: str
    printed: str
    note: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What makes a cell unique: everything but the number and the note."""
        return (self.paper, self.item, self.dataset, self.method, self.metric)

    @property
    def value(self) -> float:
        """The number; `inf` where the paper prints an infinity sign."""
        return float(self.printed)

    @property
    def decimals(self) -> int:
        """Digits printed after the decimal point (0.8720 has four, 0.872 three, inf none)."""
        return len(self.printed.partition(".")[2])

    def __str__(self) -> str:
        return f"{self.metric}{{{self.paper}/{self.item}; {self.dataset}; {self.method}}}"


def load_published(paper: str) -> list[Cell]:
    """The printed cells of one paper, in the order of its file.

    Raises InputError naming file and row for a missing column, a repeated cell or a value that is no number.
    """
    return read_published(published_path(paper), paper)


def published_path(paper: str) -> Path:
    """Where a paper's printed cells lie."""
    return paper_folder(paper) / "published.csv"


def load_all() -> list[Cell]:
    """The printed cells of every paper under replications/."""
    return [cell for paper in papers() for cell in load_published(paper)]


def read_published(path: Path, paper: str) -> list[Cell]:
    """Read and check one published.csv. Raises InputError as `load_published` does."""
    with open_csv(path) as stream:
        reader = csv.DictReader(stream)
        _check_header(path, list(reader.fieldnames or []))
        cells: dict[tuple[str, ...], Cell] = {}
        for row in reader:
            cell = _cell(path, reader.line_num, row, paper)
            if cell.key in cells:
                raise InputError(f"{path}, line {reader.line_num}: {cell} appears twice; remove one row.")
            cells[cell.key] = cell
    return list(cells.values())


def _check_header(path: Path, header: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing:
        raise InputError(f"{path}, line 1: column '{missing[0]}' is missing; needed: {', '.join(COLUMNS)}.")
    if unknown:
        raise InputError(f"{path}, line 1: unknown column '{unknown[0]}'; valid: {', '.join(COLUMNS)}.")


def _cell(path: Path, line: int, row: dict[str, str | None], paper: str) -> Cell:
    place = f"{path}, line {line}"
    if None in row or None in row.values():
        raise InputError(f"{place}: the row has not {len(COLUMNS)} fields; quote texts with commas.")
    fields = {name: str(row[name]).strip() for name in COLUMNS}
    for name in COLUMNS[:-1]:
        if not fields[name]:
            raise InputError(f"{place}: column '{name}' is empty; write what the paper prints.")
    if fields["paper"] != paper:
        raise InputError(f"{place}: paper '{fields['paper']}' stands in the folder of '{paper}'.")
    if not _is_number(fields["value"]):
        raise InputError(f"{place}: value '{fields['value']}' is not a number; write digits or inf.")
    printed = fields.pop("value")
    return Cell(printed=printed, **fields)


def _is_number(text: str) -> bool:
    return len(text) <= _LONGEST_NUMBER and bool(_NUMBER.fullmatch(text))
