"""Ablations as bars: what each variant of a method reaches, printed beside measured."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.style import MEANING, colour, head_line, rows_of
from sr.figures.values import COLUMNS, PRINTED_KIND, Values
from sr.papers.published import HIGHER_IS_BETTER

HATCH = {"released": "...", "images": "xxx"}


def draw_bars(
    values: Values, metrics: Sequence[str], labels: dict[str, str], description: Description, output: Path
) -> None:
    """A panel for each metric and dataset, a group of bars for each method.

    labels: method -> text in the legend, in the order of the bars. The title of `description` gets the
    budget. Raises Missing when nothing was measured.
    """
    table = values.table[values.table["metric"].isin(metrics) & values.table["method"].isin(labels)]
    datasets = list(dict.fromkeys(table["dataset"]))
    measured = table[table["kind"] != PRINTED_KIND]
    if measured.empty:
        raise Missing(f"none of its methods was measured: {values.why_nothing(datasets, metrics)}")
    rows = [metric for metric in metrics if (table["metric"] == metric).any()]
    caption = f"{description.caption} {_caption(table)}"
    described = replace(description, caption=caption).of(values.sources)
    width = max((0.42 * len(labels) + 0.8) * len(datasets) + 0.6, 5.0)
    height = 2.0 * len(rows) + 0.1 * len(labels) + 1.0
    grid = {"nrows": len(rows), "ncols": len(datasets), "squeeze": False}
    with drawing(width, height, **grid) as (figure, axes):
        for line, metric in zip(axes, rows, strict=True):
            for axis, dataset in zip(line, datasets, strict=True):
                cells = table[(table["metric"] == metric) & (table["dataset"] == dataset)]
                _draw_panel(axis, cells, list(labels))
                axis.set_title(f"{dataset}, {_with_direction(metric)}", fontsize=8.5)
        _legend(figure, table, labels)
        head_line(figure, described.title)
        write_figure(figure, table[list(COLUMNS)], described, output)


def _draw_panel(axis: Any, cells: pd.DataFrame, methods: list[str]) -> None:
    axis.set_xticks(range(len(methods)), [str(number + 1) for number in range(len(methods))])
    axis.set_xlim(-0.6, len(methods) - 0.4)
    if cells.empty:
        axis.text(0.5, 0.5, "no value", transform=axis.transAxes, ha="center", va="center", color="#555555")
        axis.set_yticks([])
        return
    cells = cells.assign(rank=cells.groupby(["method", "kind"]).cumcount())
    columns = sorted({_column(cell) for cell in rows_of(cells)})
    width = 0.84 / len(columns)
    for bar in rows_of(cells):
        number = methods.index(bar.method)
        x = number + (columns.index(_column(bar)) - (len(columns) - 1) / 2) * width
        axis.bar(x, bar.value, 0.92 * width, **_bar_style(number, bar.kind))
        if bar.low < bar.high:
            ends = [[bar.value - bar.low], [bar.high - bar.value]]
            axis.errorbar(x, bar.value, ends, color="black", capsize=2, linewidth=0.9)
    low, high = _extent(cells)
    axis.set_ylim(low, high)


def _column(cell: Any) -> tuple[int, int]:
    """Which bar of its method's group a value is: by kind, printed first, then by source."""
    return list(MEANING).index(cell.kind), cell.rank


def _bar_style(number: int, kind: str) -> dict[str, Any]:
    if kind == PRINTED_KIND:
        return {"facecolor": "none", "edgecolor": colour(number), "hatch": "////", "linewidth": 1.0}
    return {"facecolor": colour(number), "edgecolor": "black", "linewidth": 0.5, "hatch": HATCH.get(kind)}


def _extent(cells: pd.DataFrame) -> tuple[float, float]:
    """Limits that show the differences: bars begin a third of their spread below the lowest."""
    low, high = float(cells[["value", "low"]].min().min()), float(cells[["value", "high"]].max().max())
    spread = max(high - low, 0.02 * abs(high), 1e-6)
    return low - 0.35 * spread, high + 0.12 * spread


def _with_direction(metric: str) -> str:
    return f"{metric} {'↑' if metric in HIGHER_IS_BETTER else '↓'}"


def _legend(figure: Any, table: pd.DataFrame, labels: dict[str, str]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour(number), label=f"{number + 1}  {label}")
        for number, label in enumerate(labels.values())
    ]
    for kind in (kind for kind in MEANING if (table["kind"] == kind).any()):
        style = _bar_style(0, kind) | {"edgecolor": "#555555"}
        if kind != PRINTED_KIND:
            style |= {"facecolor": "#bbbbbb"}
        handles.append(Patch(**style, label=MEANING[kind]))
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=8)


def _caption(table: pd.DataFrame) -> str:
    words = ["The axes do not begin at zero."]
    if (table["low"] < table["high"]).any():
        words.append("Error bars reach from the lowest to the highest seed.")
    elif (table["kind"] == "trained").any():
        words.append("One seed each, so there are no error bars.")
    if (table["kind"] == PRINTED_KIND).any():
        words.insert(0, "Hatched bars are the numbers that the paper prints, filled ones were measured here.")
    return " ".join(words)
