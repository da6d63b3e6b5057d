"""What figures of numbers share: a look for each method, marks for what is printed, places for labels."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sr.figures.figure import COLOURS, MARKERS

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
        "markersize": 7,
        "linestyle": "none",
    }


def put_labels(axes: Any, points: list[tuple[float, float, str]]) -> None:
    """Write a short text beside each point (x, y, text), away from other points and texts.

    Limits of the axes must be final. Of sixteen places around a point the first is taken that is farthest
    from everything drawn before, up to a distance at which nothing overlaps.
    """
    if not points:
        return
    axes.figure.draw_without_rendering()
    taken = [np.array(axes.transData.transform(point[:2])) for point in points]
    enough = axes.figure.dpi / 72 * 9  # pixels, a text of this size
    for centre, (x, y, text) in zip(list(taken), points, strict=True):
        offsets = [_offset(place) for place in range(16)]
        positions = [centre + offset * axes.figure.dpi / 72 for offset in offsets]
        room = [min(min(float(np.hypot(*(at - other))) for other in taken), enough) for at in positions]
        best = int(np.argmax(room))
        taken.append(positions[best])
        axes.annotate(
            text, (x, y), offsets[best], textcoords="offset points", fontsize=7.5, ha="center", va="center"
        )


def _offset(place: int) -> np.ndarray:
    """In points: eight directions, first near, then farther away."""
    angle = np.pi / 4 + place * np.pi / 4
    return (10.0 if place < 8 else 19.0) * np.array([np.cos(angle), np.sin(angle)])
