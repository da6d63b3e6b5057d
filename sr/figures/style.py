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


def point_style(tone: str, kind: str) -> dict[str, Any]:
    """Arguments of `plot` for one point in a colour; its kind says how it is filled."""
    return {
        "color": tone,
        "marker": "o",
        "fillstyle": FILLING.get(kind, "full"),
        "markerfacecoloralt": "white",
        # A printed mark stays visible around a measured one at the same place.
        "markersize": 8 if kind == PRINTED_KIND else 6,
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


def names_at_ends(axes: Any, ends: list[tuple[float, float, str, str]]) -> None:
    """Names right of the axes beside the ends of lines (x, y, name, colour), pushed apart where they meet.

    Limits of the axes must be final.
    """
    axes.figure.draw_without_rendering()
    low, high = axes.get_ylim()
    points = axes.get_window_extent().height * 72 / axes.figure.dpi
    gap, last = 11.0 * (high - low) / points, -np.inf
    for x, y, name, tone in sorted(ends, key=lambda end: end[1]):
        last = max(y, last + gap)
        axes.annotate(
            name,
            (x, y),
            (1.03, last),
            textcoords=("axes fraction", "data"),
            fontsize=7.5,
            color=tone,
            va="center",
            arrowprops={"arrowstyle": "-", "color": tone, "linewidth": 0.4},
        )


def put_labels(axes: Any, texts: list[tuple[float, float, str]], marks: list[tuple[float, float]]) -> None:
    """Write a text beside each of some points (x, y, text), away from other texts, all marks and the edge.

    Limits of the axes must be final. Of the places around a point that one is taken whose box meets least
    of what is there, nearer ones first; a text that had to move away is joined to its point by a line.
    """
    from matplotlib.patheffects import withStroke

    figure = axes.figure
    figure.draw_without_rendering()
    renderer, scale = figure.canvas.get_renderer(), figure.dpi / 72  # pixels in a point
    edge = axes.get_window_extent(renderer)
    pixels = [axes.transData.transform(mark) for mark in marks]
    taken = [(x - 4 * scale, y - 4 * scale, x + 4 * scale, y + 4 * scale) for x, y in pixels]
    for x, y, text in texts:
        label = axes.annotate(
            text,
            (x, y),
            (0, 0),
            textcoords="offset points",
            fontsize=7.5,
            ha="center",
            va="center",
            path_effects=[withStroke(linewidth=2, foreground="white")],
            zorder=5,
        )
        size = label.get_window_extent(renderer)
        centre = axes.transData.transform((x, y))
        half = (size.width / 2, size.height / 2)
        places = [_place(angle, gap * scale, half) for gap in _GAPS for angle in _ANGLES]
        boxes = [_box(centre + place, half) for place in places]
        costs = [
            sum(_shared(box, other) for other in taken) + 3 * _outside(box, edge.extents) + 0.5 * far
            for far, box in enumerate(boxes)
        ]
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        label.set_position(tuple(places[best] / scale))
        if best >= len(_ANGLES):
            ends = axes.transData.inverted().transform([centre, centre + 0.75 * places[best]])
            axes.plot(*ends.T, color="#999999", linewidth=0.5, zorder=1)


# Around a point the places of a text, and how far from it, in points.
_ANGLES = np.pi / 4 * np.arange(8)
_GAPS = (6.0, 13.0, 22.0, 34.0, 48.0)
_Box = tuple[float, float, float, float]


def _place(angle: float, gap: float, half: tuple[float, float]) -> Any:
    """From a point to the centre of a text whose nearest edge is `gap` away, in pixels."""
    way = np.array([np.cos(angle), np.sin(angle)])
    return way * (gap + np.array(half))


def _box(centre: Any, half: tuple[float, float]) -> _Box:
    x, y = centre
    return x - half[0], y - half[1], x + half[0], y + half[1]


def _shared(one: _Box, other: _Box) -> float:
    """The area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _outside(box: _Box, edge: Any) -> float:
    """The area of a box beyond the edge of the axes."""
    return (box[2] - box[0]) * (box[3] - box[1]) - _shared(box, tuple(edge))
