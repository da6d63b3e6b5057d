"""Which values a figure's title may rank with each other: measured ones of one budget, or of one kind."""

from collections.abc import Iterator

import pandas as pd

from sr.results.source import Kind, Source

_KINDS = {Kind.RELEASED: "of the released weights", Kind.IMAGES: "of the supplied images"}


def rivals(measured: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The groups of a table of measured values in which several methods meet, each with its name in a title.

    measured: with columns `method` and `source`. As in the table across methods, trainings are ranked with
    those of their budget, released weights and supplied images among themselves, and baselines, which have
    learned nothing, with none.
    """
    for name, group in measured.groupby(measured["source"].map(_group_of), sort=False):
        if name and group["method"].nunique() > 1:
            yield str(name), group


def _group_of(source: str) -> str:
    found = Source.parse(source)
    return f"at budget {found.budget}" if found.budget else _KINDS.get(found.kind, "")
