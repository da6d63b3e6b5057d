"""Ablations as dots: what each variant of a method reaches, printed and measured, with the seeds' spread."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.style import COLOURS, MEANING, head_line, point_style, rows_of
from sr.figures.values import COLUMNS, PRINTED_KIND, Values, best_finding
from sr.papers.published import HIGHER_IS_BETTER
from sr.results.source import PAPER_BUDGET

_TONES = {
    PRINTED_KIND: COLOURS[6],
    "trained": COLOURS[1],
    "released": COLOURS[0],
    "images": COLOURS[2],
    "baseline": COLOURS[7],
}


@dataclass(frozen=True)
class _Panel:
    """One pair of axes: values of a metric on a dataset that may be compared with each other."""

    metric: str
    title: str
    cells: pd.DataFrame


def draw_dots(
    values: Values, metrics: Sequence[str], labels: dict[str, str], description: Description, output: Path
) -> None:
    """A line for each method and a column of panels for each dataset: a dot for each value.

    Printed numbers and those of a smaller budget stand in panels of their own: the ones are not held
    against the others. At the papers' budget a line leads from the printed number to the measured one.
    labels: method -> text at its line, from top to bottom. The title of `description` gets what was found
    and the budget. Raises Missing when nothing was measured.
    """
    table = values.table[values.table["metric"].isin(metrics) & values.table["method"].isin(labels)]
    measured = table[table["kind"] != PRINTED_KIND]
    if measured.empty:
        datasets = list(dict.fromkeys(table["dataset"]))
        raise Missing(f"none of its methods was measured: {values.why_nothing(datasets, metrics)}")
    rows = [panels for metric in metrics if (panels := list(_panels(table, metric)))]
    if not rows:
        raise Missing("no two of its methods were measured on one dataset.")
    title = f"{description.title}{best_finding(measured, lambda group: _leaders(group, labels))}"
    caption = f"{description.caption} {_caption(table)}"
    described = replace(description, title=title, caption=caption).of(values.sources)
    columns = max(map(len, rows))
    longest = max(map(len, labels.values()))
    width, height = 2.3 * columns + 0.075 * longest, (0.24 * len(labels) + 0.75) * len(rows) + 0.8
    grid = {"nrows": len(rows), "ncols": columns, "squeeze": False, "sharey": True}
    with drawing(max(width, 5.0), height, **grid) as (figure, axes):
        for line, panels in zip(axes, rows, strict=True):
            for axis in line[len(panels) :]:
                axis.set_axis_off()
            for axis, panel in zip(line, panels, strict=False):
                _draw_panel(axis, panel, list(labels))
        axes[0, 0].set_yticks(range(len(labels)), list(labels.values()))
        axes[0, 0].set_ylim(len(labels) - 0.5, -0.5)
        _legend(figure, table)
        head_line(figure, described.title)
        write_figure(figure, table[list(COLUMNS)], described, output)


def _panels(table: pd.DataFrame, metric: str) -> Iterator[_Panel]:
    """What may stand on common axes; a single value shows no difference and has none."""
    of_metric = table[table["metric"] == metric]
    arrow = "→" if metric in HIGHER_IS_BETTER else "←"
    for dataset in dict.fromkeys(of_metric["dataset"]):
        cells = of_metric[of_metric["dataset"] == dataset]
        full = cells[cells["budget"].isin(("", PAPER_BUDGET))]
        only = "" if (full["kind"] != PRINTED_KIND).any() else ", printed"
        parts = {f"{dataset}, {metric}{only}": full}
        for budget in dict.fromkeys(cells["budget"]):
            if budget not in ("", PAPER_BUDGET):
                parts[f"{dataset}, {metric}, here ({budget})"] = cells[cells["budget"] == budget]
        for title, own in parts.items():
            if len(own) > 1 or len(cells) == 1 == of_metric["dataset"].nunique():
                yield _Panel(metric, f"{title}\nbetter {arrow}", own)


def _draw_panel(axis: Any, panel: _Panel, methods: list[str]) -> None:
    for cell in rows_of(panel.cells):
        y = methods.index(cell.method)
        tone = _TONES[cell.kind]
        axis.plot(cell.value, y, **point_style(tone, cell.kind), zorder=3)
        if cell.low < cell.high:
            axis.hlines(y, cell.low, cell.high, color=tone, linewidth=1.4)
    printed = {cell.method: cell.value for cell in rows_of(panel.cells) if cell.kind == PRINTED_KIND}
    for cell in rows_of(panel.cells):
        if cell.kind != PRINTED_KIND and cell.method in printed:
            ends = [printed[cell.method], cell.value]
            axis.plot(ends, [methods.index(cell.method)] * 2, color="#999999", linewidth=0.8, zorder=1)
    axis.set_title(panel.title, fontsize=8.5)
    axis.margins(x=0.12)
    axis.grid(axis="y", color="#dddddd", linewidth=0.6)
    axis.tick_params(axis="y", length=0)
    axis.locator_params(axis="x", nbins=4)


def _leaders(group: pd.DataFrame, labels: dict[str, str]) -> list[str]:
    """By each metric the method that is best on most datasets, of those where several were measured."""
    found = []
    for metric in dict.fromkeys(group["metric"]):
        best: Counter[str] = Counter()
        clear = True
        for _, cells in group[group["metric"] == metric].groupby("dataset", sort=False):
            if cells["method"].nunique() > 1:
                ordered = cells.sort_values("value", ascending=metric not in HIGHER_IS_BETTER)
                best[ordered["method"].iloc[0]] += 1
                first, second = ordered.iloc[0], ordered.iloc[1]
                clear &= bool(max(first["low"], second["low"]) > min(first["high"], second["high"]))
        for method, count in best.most_common(1):
            spread = "" if clear else ", within the spread of seeds"
            found.append(f"{labels[method]} by {metric} ({count} of {best.total()}{spread})")
    return found


def _legend(figure: Any, table: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], **point_style(_TONES[kind], kind), label=meaning)
        for kind, meaning in MEANING.items()
        if (table["kind"] == kind).any()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=8)


def _caption(table: pd.DataFrame) -> str:
    words = ["Each panel has its own scale."]
    if (table["low"] < table["high"]).any():
        words.append("Lines through a dot reach from the lowest to the highest seed.")
    elif (table["kind"] == "trained").any():
        words.append("One seed each, so no spread is shown.")
    if (table["kind"] == PRINTED_KIND).any():
        words.insert(0, "Hollow dots are the numbers that the paper prints, filled ones were measured here.")
    return " ".join(words)
