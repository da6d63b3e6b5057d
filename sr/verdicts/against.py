"""What another run's tables and claims say otherwise than this one's: verdicts, word for word."""

import csv
from collections import Counter
from pathlib import Path

from sr.csv_text import open_csv, texts_of
from sr.verdicts.rows import Verdict
from sr.verdicts.summary import load_tables

_CLAIMS = "claims.csv"


def changes(tables: Path, others: Path) -> list[str]:
    """Every cell and claim in both folders whose verdict differs, in a line each; then how many were equal.

    Raises InputError when one of the folders holds no tables.
    """
    pairs = [*_cells(tables, others), *_claims(tables, others)]
    changed = [f"{what}: {mine}, there {theirs}" for what, mine, theirs in pairs if mine != theirs]
    return [*changed, f"{len(pairs) - len(changed)} of {len(pairs)} verdicts are the same"]


def missing(tables: Path, others: Path) -> Counter[str]:
    """How many cells and claims only one of the two folders has."""
    mine, theirs = (_verdicts(folder) | _claim_verdicts(folder / _CLAIMS) for folder in (tables, others))
    return Counter({"only here": len(mine.keys() - theirs), "only there": len(theirs.keys() - mine)})


def _cells(tables: Path, others: Path) -> list[tuple[str, str, str]]:
    mine, theirs = _verdicts(tables), _verdicts(others)
    return [(key, verdict, theirs[key]) for key, verdict in mine.items() if key in theirs]


def _verdicts(folder: Path) -> dict[str, str]:
    """Of every row but those of methods of the user's own, of which nothing is judged."""
    return {str(row): str(row.verdict) for row in load_tables(folder) if row.verdict is not Verdict.OWN}


def _claims(tables: Path, others: Path) -> list[tuple[str, str, str]]:
    mine, theirs = (_claim_verdicts(folder / _CLAIMS) for folder in (tables, others))
    return [(key, verdict, theirs[key]) for key, verdict in mine.items() if key in theirs]


def _claim_verdicts(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    rows = map(texts_of, csv.DictReader(open_csv(path)))
    return {f"claim {row['claim']} ({row['budget'] or 'no budget'})": row["verdict"] for row in rows}
