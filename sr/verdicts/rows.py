"""One row of a result table: a printed cell, a source, what was measured and the verdict. Kept as CSV."""

import csv
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from pathlib import Path

from sr.csv_text import columns_of, csv_text, open_csv, texts_of
from sr.errors import InputError
from sr.files import write_text

_BETWEEN_DEVIATIONS = " | "
_BETWEEN_ENDS = " to "


class Verdict(StrEnum):
    """What can be said of a printed cell and a source; the words are explained in the design.

    `own` is none: it stands where a method of the user's own was measured, of which nothing is printed.
    """

    MATCH = "match"
    UNDECIDED = "undecided"
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"
    UNAVAILABLE = "unavailable"
    NOT_RUN = "not run"
    STALE = "stale"
    NOT_A_RESULT = "not a result"
    OWN = "own"

    @property
    def compares(self) -> bool:
        """Whether a measured number was held against the printed one."""
        return self in (Verdict.MATCH, Verdict.UNDECIDED, Verdict.DIFFERS)


@dataclass(frozen=True)
class Row:
    """One pair of printed cell and source; `published` is the printed text, empty where there is none.

    `difference` (measured minus printed) and `tolerance` exist only where the verdict compares.
    interval: of what was trained, where another training's number is expected; of what people gave, over
    images. assumptions: what the comparison takes for granted, `whose: name` each. listed: a number that
    stands not in the paper, but in a list of its authors. spread: standard deviation over seeds; none of one.
    could_be: methods whose printed number, of the same dataset and metric, the measured one could be as well.
    nearest: of all conventions in use, which comes nearest to the printed number, where that was looked for.
    seeds_from: of several seeds, whether they part with the `stage` or with a `start` of their own.
    """

    paper: str
    item: str
    dataset: str
    method: str
    metric: str
    published: str
    measured: float | None
    difference: float | None
    source: str
    budget: str
    images: int | None
    seeds: tuple[int, ...]
    interval: tuple[float, float] | None
    tolerance: float | None
    verdict: Verdict
    deviations: tuple[str, ...]
    note: str
    assumptions: tuple[str, ...] = ()
    listed: str = ""
    nearest: str = ""
    seeds_from: str = ""
    spread: float | None = None
    could_be: tuple[str, ...] = ()

    @property
    def is_plain_match(self) -> bool:
        """Whether it is this printed number, and none of the other methods'."""
        return self.verdict is Verdict.MATCH and not self.could_be

    @property
    def stated(self) -> str:
        """The number that the row is held against, printed or listed; empty where there is none."""
        return self.published or self.listed

    @property
    def judged(self) -> str:
        """The verdict in words, with how much it takes for granted and what it does not tell apart."""
        if not self.verdict.compares:
            return str(self.verdict)
        count = len(self.assumptions)
        under = f" under {count} assumption{'s' if count > 1 else ''}" if count else ""
        others = f"; not distinguishable from {', '.join(self.could_be)}" if self.could_be else ""
        return f"{self.verdict}{under}{others}"

    @property
    def place(self) -> tuple[str, str, str]:
        """Dataset, method and metric: where the row stands in its table."""
        return (self.dataset, self.method, self.metric)

    @property
    def key(self) -> tuple[str, ...]:
        """What makes a row unique: its printed cell and its source."""
        return (self.paper, self.item, *self.place, self.source)

    def __str__(self) -> str:
        return f"{self.paper} {self.item}, {self.dataset}, {self.method}, {self.metric} from {self.source}"


VERDICTS = [verdict for verdict in Verdict if verdict is not Verdict.OWN]
COLUMNS = columns_of(Row)
# Tables of earlier versions, which references keep, lack them.
_LATER = frozenset(field.name for field in fields(Row) if field.default is not MISSING)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as CSV, atomically; numbers carry six decimals, what is missing stays empty."""
    write_text(path, csv_text(COLUMNS, [[_cell(getattr(row, name)) for name in COLUMNS] for row in rows]))


def read_rows(path: Path) -> list[Row]:
    """Read what `write_rows` wrote. Raises InputError naming file and line for anything else."""
    reader = csv.DictReader(open_csv(path))
    names = tuple(reader.fieldnames or ())
    if names != tuple(name for name in COLUMNS if name in names or name not in _LATER):
        raise InputError(f"{path}: its columns are not a result table's; make it with `sr table`.")
    return [_row(path, reader.line_num, texts_of(cells)) for cells in reader]


def paper_rows(path: Path) -> list[Row]:
    """The same without those of methods of the user's own, which no other run has to agree with."""
    return [row for row in read_rows(path) if row.verdict is not Verdict.OWN]


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Rows without repetitions. Raises InputError when two rows of one cell and source disagree."""
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        if found.setdefault(row.key, row) != row:
            raise InputError(f"{row}: two tables disagree; make them again with `sr table`.")
    return list(found.values())


def count_verdicts(rows: Iterable[Row]) -> dict[Verdict, int]:
    """How often each verdict was given, all of them listed, in the order of their definition."""
    counts = Counter(row.verdict for row in rows)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def _cell(value: object) -> object:
    """Intervals and lists as texts; all else as it is."""
    match value:
        case (float(low), float(high)):
            return f"{low:.6f}{_BETWEEN_ENDS}{high:.6f}"
        case tuple():
            return _BETWEEN_DEVIATIONS.join(str(part) for part in value)
        case _:
            return value


def _row(path: Path, line: int, cells: dict[str, str]) -> Row:
    try:
        low, _, high = cells["interval"].partition(_BETWEEN_ENDS)
        return Row(
            paper=cells["paper"],
            item=cells["item"],
            dataset=cells["dataset"],
            method=cells["method"],
            metric=cells["metric"],
            published=cells["published"],
            measured=_number(cells["measured"]),
            difference=_number(cells["difference"]),
            source=cells["source"],
            budget=cells["budget"],
            tolerance=_number(cells["tolerance"]),
            note=cells["note"],
            images=int(cells["images"]) if cells["images"] else None,
            seeds=tuple(int(seed) for seed in _parts(cells["seeds"])),
            interval=(float(low), float(high)) if low else None,
            verdict=Verdict(cells["verdict"]),
            deviations=_parts(cells["deviations"]),
            assumptions=_parts(cells.get("assumptions", "")),
            listed=cells.get("listed", ""),
            nearest=cells.get("nearest", ""),
            seeds_from=cells.get("seeds_from", ""),
            spread=_number(cells.get("spread", "")),
            could_be=_parts(cells.get("could_be", "")),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}, line {line}: {error}; make the table again with `sr table`.") from error


def _number(text: str) -> float | None:
    if not text:
        return None
    value = float(text)
    if math.isnan(value):
        raise ValueError("a value is not a number")
    return value


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split(_BETWEEN_DEVIATIONS)) if text else ()
