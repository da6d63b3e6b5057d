"""Which convention comes nearest to a printed number: what `sr multiverse` found, beside the verdicts."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sr.csv_text import open_csv, texts_of
from sr.errors import InputError
from sr.verdicts.rows import Row

CELL = ("paper", "item", "dataset", "method", "metric", "source")
NEAREST = "nearest"


def with_nearest(rows: Iterable[Row], files: Iterable[Path]) -> list[Row]:
    """The rows, those with the summary of their cell and source that one of the files has.

    Raises InputError for a file of another kind.
    """
    known: dict[tuple[str, ...], str] = {}
    for path in files:
        reader = csv.DictReader(open_csv(path))
        if tuple(reader.fieldnames or ()) != (*CELL, NEAREST):
            raise InputError(f"{path}: tells no nearest conventions; make it with `sr multiverse`.")
        for row in map(texts_of, reader):
            known[tuple(row[name] for name in CELL)] = row[NEAREST]
    return [replace(row, nearest=known.get(row.key, "")) for row in rows]
