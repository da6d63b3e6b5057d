"""How every figure is written and looks: four files beside each other, one set of colours and markers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sr.errors import InputError
from sr.files import atomic_path, write_text

# Okabe and Ito's colours, which colour-blind readers can tell apart; markers tell the same again.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

# Marks what was not computed here but printed by a paper.
PRINTED = {"facecolors": "none"}


@dataclass(frozen=True)
class Description:
    """What a reader must know of a figure.

    paper: its name, or empty for figures across papers. place: the figure it stands for, for instance
    `Fig. 4`, or empty. caption: what is shown, from which runs, and what it can not show. budgets: of the
    runs behind it.
    """

    title: str
    paper: str
    place: str
    caption: str
    budgets: tuple[str, ...] = ()


@contextmanager
def drawing(width: float = 6.4, height: float = 4.2, **subplots: Any) -> Iterator[tuple[Any, Any]]:
    """A matplotlib figure and its axes, without a display, closed at the end.

    Raises InputError when matplotlib is missing.
    """
    try:
        import matplotlib
    except ImportError:
        raise InputError(
            "figures need matplotlib; get it with `pip install 'sr-replications[workflow]'`."
        ) from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    style: Any = {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "sr",  # the same figure gives the same file
        "figure.constrained_layout.use": True,
    }
    with plt.rc_context(style):
        figure, axes = plt.subplots(figsize=(width, height), **subplots)
        try:
            yield figure, axes
        finally:
            plt.close(figure)


def write_figure(figure: Any, data: pd.DataFrame, description: Description, output: Path) -> None:
    """Write `output` (.png) and beside it .svg, .csv (what is drawn) and .json (the description)."""
    for suffix, date in ((".png", {}), (".svg", {"Date": None})):
        with atomic_path(output.with_suffix(suffix)) as temporary:
            figure.savefig(temporary, format=suffix[1:], dpi=150, metadata=date)
    write_text(output.with_suffix(".csv"), data.to_csv(index=False, lineterminator="\n"))
    write_text(output.with_suffix(".json"), json.dumps(asdict(description), indent=2) + "\n")
