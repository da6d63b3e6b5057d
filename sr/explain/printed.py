"""Printed numbers with their precision: written on the command line, or taken from a paper's cell."""

import difflib
import re
from dataclasses import dataclass

from sr.config import nearest
from sr.errors import InputError
from sr.papers.published import Cell, load_published

METRICS = ("PSNR", "SSIM", "LPIPS", "DISTS", "NIQE")


@dataclass(frozen=True)
class Printed:
    """One printed number."""

    metric: str
    text: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)

    @property
    def half_unit(self) -> float:
        """What rounding to the printed digits may have changed at most."""
        return 0.5 * 10.0 ** -len(self.text.partition(".")[2])

    def distance(self, value: float) -> float:
        """How far a value lies from the printed one, in half units of its last digit: up to 1 is a fit."""
        return abs(value - self.value) / self.half_unit

    def fits(self, value: float) -> bool:
        """Whether a value gives the printed number at its precision."""
        return self.distance(value) <= 1.0 + 1e-6


def parse(text: str) -> list[Printed]:
    """`PSNR=26.28,SSIM=0.6985`. Raises InputError for anything else, and for a metric that is not known."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, number = (each.strip() for each in part.partition("="))
        metric = name.upper()
        if metric not in METRICS:
            raise InputError(f"--printed: '{name}' can not be explained; {nearest(metric, list(METRICS))}")
        if not re.fullmatch(r"\d+(\.\d+)?", number):
            raise InputError(f"--printed: write {metric}=NUMBER as it is printed, not '{part}'.")
        found.append(Printed(metric, number))
    if len({entry.metric for entry in found}) < len(found):
        raise InputError("--printed: a metric is named twice.")
    return found


def of_cell(paper: str, text: str) -> list[Printed]:
    """The numbers of one row of a paper: `Table 2, Set14, ESRGAN` (item, dataset, method).

    Raises InputError, with what the paper has there, when nothing or nothing that can be explained is meant.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3:
        raise InputError(
            f"--cell: write item, dataset, method, such as 'Table 2, Set14, ESRGAN', not '{text}'."
        )
    cells = load_published(paper)
    for part, key in zip(parts, ("item", "dataset", "method"), strict=True):
        cells = _meant(part, key, cells, paper)
    found = [Printed(cell.metric, cell.printed) for cell in cells if cell.metric in METRICS]
    if not found:
        others = ", ".join(cell.metric for cell in cells)
        raise InputError(f"--cell: {paper} prints only {others} there, which can not be explained.")
    return found


def _meant(text: str, key: str, cells: list[Cell], paper: str) -> list[Cell]:
    known = {_plain(getattr(cell, key)): getattr(cell, key) for cell in cells}
    if _plain(text) not in known:
        close = difflib.get_close_matches(_plain(text), known, n=1, cutoff=0.5)
        hint = f"did you mean '{known[close[0]]}'? " if close else ""
        raise InputError(
            f"--cell: {paper} has no {key} '{text}' there; {hint}It has {', '.join(known.values())}."
        )
    return [cell for cell in cells if getattr(cell, key) == known[_plain(text)]]


def _plain(text: str) -> str:
    return re.sub(r"[\s._]", "", text.lower())
