"""The specification curve: how many of a paper's printed numbers each convention gives, and what it is."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from sr.explain.multiverse import Outcome
from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.style import COLOURS, head_line
from sr.papers.names import title_of

_CHOICES = ("channel", "border", "grey", "multiple", "detail")
_MOST = 60  # conventions in a panel, the best first
_PANEL = ("PSNR", "SSIM", "LPIPS", "DISTS", "NIQE")


def curve_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """A row for each metric and convention: how many cells it was tried on, how many it gives, and how far
    the others are, as the median distance in half units of the last printed digit; the best first.

    A cell with several sources counts by the one that comes nearest.
    """
    table = pd.DataFrame([asdict(one) for one in outcomes])
    if table.empty:
        return table
    cell = ["paper", "item", "dataset", "method", "metric"]
    nearest = table.groupby([*cell, *_CHOICES], sort=False).agg(
        distance=("distance", "min"), own=("own", "max")
    )
    grouped = nearest.reset_index().groupby(["metric", *_CHOICES], sort=False)
    found = grouped.agg(
        cells=("distance", "size"),
        given=("distance", lambda each: int((each <= 1.0 + 1e-6).sum())),
        median=("distance", "median"),
        own=("own", "max"),
    ).reset_index()
    found["share"] = found["given"] / found["cells"]
    return found.sort_values(["metric", "share", "median"], ascending=[True, False, True], kind="stable")


def draw_specifications(paper: str, outcomes: Sequence[Outcome], output: Path) -> None:
    """One column for each metric. Raises Missing when nothing was computed."""
    table = curve_table(outcomes)
    if table.empty:
        raise Missing("no images at hand fill a cell whose number the paper prints.")
    metrics = [name for name in _PANEL if (table["metric"] == name).any()]
    description = Description(
        title=f"{title_of(paper)}: printed numbers under every convention",
        paper=paper,
        place="",
        caption="Above: the share of the printed cells tried that a convention gives to the last printed"
        f" digit, the best {_MOST} first; where several images fill a cell the nearest counts. The ringed one"
        " is the paper's protocol as it is read here. Below: what each convention consists of.",
    )
    shown = {name: table[table["metric"] == name].head(_MOST) for name in metrics}
    choices = {name: _choices(rows) for name, rows in shown.items()}
    height = 2.2 + 0.17 * max(len(each) for each in choices.values())
    grid = {
        "nrows": 2,
        "ncols": len(metrics),
        "squeeze": False,
        "height_ratios": [1, (height - 2.2) / 2 + 0.1],
    }
    with drawing(4.6 * len(metrics) + 0.6, height, **grid) as (figure, axes):
        for upper, lower, (name, rows) in zip(axes[0], axes[1], shown.items(), strict=True):
            _draw_shares(upper, name, rows)
            _draw_choices(lower, rows, choices[name])
        head_line(figure, description.title)
        write_figure(figure, table, description, output)


def _choices(rows: pd.DataFrame) -> list[tuple[str, Any]]:
    """Every choice that differs among the rows, with its values."""
    return [(name, value) for name in _CHOICES if rows[name].nunique() > 1 for value in rows[name].unique()]


def _draw_shares(axis: Any, metric: str, rows: pd.DataFrame) -> None:
    places = range(len(rows))
    axis.plot(places, rows["share"], ".", color=COLOURS[0])
    own = [place for place, mark in zip(places, rows["own"], strict=True) if mark]
    axis.plot(own, rows["share"].iloc[own], "o", markersize=9, fillstyle="none", color="black")
    axis.set(
        title=f"{metric}, {int(rows['cells'].max())} cells",
        ylabel="given",
        ylim=(-0.05, 1.05),
        xlim=(-1, len(rows)),
        xticks=[],
    )


def _draw_choices(axis: Any, rows: pd.DataFrame, choices: list[tuple[str, Any]]) -> None:
    for line, (name, value) in enumerate(choices):
        where = [place for place, own in enumerate(rows[name]) if own == value]
        axis.plot(where, [line] * len(where), "|", color="black", markersize=5)
    labels = [f"{name} {value}" if name in ("border", "multiple") else str(value) for name, value in choices]
    axis.set_yticks(range(len(choices)), labels, fontsize=6.5)
    axis.set(xticks=[], ylim=(len(choices) - 0.5, -0.5), xlim=(-1, len(rows)))
