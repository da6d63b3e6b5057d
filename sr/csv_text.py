"""One way to write CSV: what is missing stays empty, numbers carry a stated number of digits."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

SIX_DECIMALS = ".6f"


def csv_text(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    number: str = SIX_DECIMALS,
    head: Sequence[str] = (),
) -> str:
    """CSV with a header line; floats in the format `number`, None as an empty cell, all else as its text.

    head: lines of comment above the header.
    """
    stream = io.StringIO()
    stream.writelines(f"# {line}\n" for line in head)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value, number) for value in row] for row in rows)
    return stream.getvalue()


def columns_of(row: type) -> tuple[str, ...]:
    """The columns of a dataclass whose instances are rows: the names of its fields."""
    return tuple(field.name for field in fields(row))


def _cell(value: Any, number: str) -> str:
    if value is None:
        return ""
    return format(value, number) if isinstance(value, float) else str(value)
