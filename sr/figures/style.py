"""How figures look: colours and markers of methods, marks for what is printed, places for labels."""

import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sr.figures.values import PRINTED_KIND

# Okabe and Ito's colours, which colour-blind readers can tell apart; markers tell the same again.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

# How a marker is filled says what stands behind it; grey prints keep that.
FILLING = {"printed": "none", "released": "left", "images": "bottom"}
MEANING = {
    "printed": "printed in the paper",
    "trained": "measured, trained here",
    "released": "measured, released weights",
    "images": "measured, supplied images",
    "baseline": "measured, interpolation",
}
LINES = ("-", "--", "-.", ":")


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """The rows as tuples with the columns' names, whose types only the reader knows."""
    yield from table.itertuples()


def colour(number: int) -> str:
    """The colour of the method at a place in the list."""
    return COLOURS[number % len(COLOURS)]


def marker(number: int) -> str:
    """Its marker; with more methods than colours, no colour meets a marker twice."""
    return MARKERS[(number + number // len(COLOURS)) % len(MARKERS)]


def point_style(number: int, kind: str) -> dict[str, Any]:
    """Arguments of `plot` for one point of a method."""
    return {
        "color": colour(number),
        "marker": marker(number),
        "fillstyle": FILLING.get(kind, "full"),
        "markerfacecoloralt": "white",
        # A printed mark stays visible around a measured one at the same place.
        "markersize": 9 if kind == PRINTED_KIND else 6.5,
        "linestyle": "none",
    }


def head_line(figure: Any, text: str) -> None:
    """The title of a whole figure, in as many lines as its width asks for."""
    figure.suptitle(textwrap.fill(text, int(12 * figure.get_figwidth())), fontsize=10)


def count_in_thousands(axis: Any) -> None:
    """Steps along x as 50 k in place of 50000, and no fractions of a step."""
    from matplotlib.ticker import EngFormatter

    axis.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axis.xaxis.get_major_locator().set_params(integer=True)


def put_labels(axes: Any, texts: list[tuple[float, float, str]], marks: list[tuple[float, float]]) -> None:
    """Write a short text beside each of some points (x, y, text), away from other texts and all marks.

    Limits of the axes must be final. Of the places around a point the first is taken that has enough room
    around it, or the one with the most.
    """
    from matplotlib.patheffects import withStroke

    axes.figure.draw_without_rendering()
    scale = axes.figure.dpi / 72  # pixels in a point
    taken = [axes.transData.transform(mark) for mark in marks]
    for x, y, text in texts:
        places = [axes.transData.transform((x, y)) + scale * offset for offset in _OFFSETS]
        room = [min(float(np.hypot(*(place - other))) for other in taken) for place in places]
        best = int(np.argmax(np.minimum(room, _ROOM * scale)))
        taken.append(places[best])
        axes.annotate(
            text,
            (x, y),
            _OFFSETS[best],
            textcoords="offset points",
            fontsize=7.5,
            ha="center",
            va="center",
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=5,
        )


# Places for a text, in points from its mark: eight directions, nearer ones first.
_OFFSETS = [
    distance * np.array([np.cos(angle), np.sin(angle)])
    for distance in (10.0, 17.0, 25.0)
    for angle in np.pi / 4 * np.arange(1, 9)
]
_ROOM = 9.5
