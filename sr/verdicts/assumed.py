"""What a comparison of a printed and a measured number takes for granted."""

from sr.papers.published import Cell
from sr.results.measurement import Measurement
from sr.scoring.protocol import bears_on, load_protocol


def assumptions(cell: Cell, found: Measurement) -> tuple[str, ...]:
    """`whose: name` of every assumption behind a number, each once.

    Another paper's recipe in place of one that the printing paper does not give; and what the scores carry:
    assumptions of the recipe and of those it begins with, of the protocol where they bear on the metric, of
    weights and images whose making nothing proves.
    """
    return (*_borrowed(cell, found), *_stated(cell, found))


def _borrowed(cell: Cell, found: Measurement) -> list[str]:
    """Papers print other papers' methods, and do not say how they trained them."""
    source = found.group.source
    if source.paper in ("", cell.paper):
        return []
    return [f"{cell.paper}: {cell.method} was trained as {source.name} says, another paper's recipe"]


def _stated(cell: Cell, found: Measurement) -> list[str]:
    """A recipe passes its assumptions on to what begins with it: those of one wording count once."""
    measured = load_protocol(cell.paper).assumptions
    kept: dict[str, str] = {}
    for line in found.assumptions:
        whose, name, wording = line.split(": ", 2)
        of_protocol = whose == f"{cell.paper}'s protocol"
        if of_protocol and name in measured and not bears_on(measured[name], cell.metric):
            continue
        kept.setdefault(f"{name}: {wording}", f"{whose}: {name}")
    return list(kept.values())
