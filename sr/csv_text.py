"""One way to write CSV: what is missing stays empty, numbers carry a stated number of digits.

Spreadsheets compute cells that begin with `=`, `+`, `-` or `@`; texts that do get an apostrophe in front, by
which those programs know a text. Here it is taken off again.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from sr.errors import InputError

SIX_DECIMALS = ".6f"
_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
# Numbers, and numbers with their interval behind them.
_NUMBER = re.compile(r"[-+](\d[\d.]*(e[-+]?\d+)?|inf|nan)( \[.*)?", re.DOTALL)


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
    return format(value, number) if isinstance(value, float) else as_text(str(value))


def as_text(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    risky = cell.startswith(_COMPUTED) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if risky or cell.startswith("'") else cell


def from_text(cell: str) -> str:
    """What `as_text` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith((*_COMPUTED, "'")) else cell


def texts_of(row: dict[Any, Any]) -> dict[Any, Any]:
    """A row as `csv.DictReader` gives it, with `from_text` applied to its cells."""
    return {name: from_text(cell) if isinstance(cell, str) else cell for name, cell in row.items()}


def open_csv(path: Path) -> io.StringIO:
    """A CSV file's text, with or without the mark that some programs write in front of UTF-8.

    Raises InputError for a missing file and one in another encoding.
    """
    try:
        return io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text ({error.reason}); save it as CSV in UTF-8.") from error
