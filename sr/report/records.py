"""Lists that other parts of the suite wrote as CSV: claims, comparisons, calibrations, audits, studies."""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from sr.csv_text import open_csv, texts_of
from sr.errors import InputError

Record = dict[str, str]


@dataclass(frozen=True)
class Records:
    """The rows of a file, and the remark it begins with (its lines after `#`, joined), if any."""

    name: str
    remark: str
    columns: tuple[str, ...]
    rows: tuple[Record, ...]


def load_records(path: Path, needed: Collection[str] = ()) -> Records:
    """Read a CSV. Raises InputError naming the file and what is wrong when columns or cells are missing."""
    lines = open_csv(path).getvalue().splitlines(keepends=True)
    # A study has one for each recipe that can not be trained.
    head = list(takewhile(lambda line: line.startswith("#"), lines))
    remark = " ".join(f"{line.lstrip('#').strip().rstrip('.')}." for line in head)
    reader = csv.DictReader(lines[len(head) :])
    columns = tuple(reader.fieldnames or ())
    if missing := [name for name in needed if name not in columns]:
        raise InputError(f"{path}: has no column {', '.join(missing)}; delete it and make it again.")
    rows = tuple(texts_of(row) for row in reader)
    if any(None in row or None in row.values() for row in rows):
        raise InputError(f"{path}: a row has more or fewer cells than the heading; make it again.")
    return Records(path.stem, remark, columns, rows)
