"""Training curves of a paper's recipes: PSNR and LPIPS of the validation images against the step."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sr.figures.figure import NOT_TRAINED, Description, Missing, drawing, write_figure
from sr.figures.style import LINES, colour, count_in_thousands, head_line, marker
from sr.results.source import Source
from sr.results.trainings import Training, trainings_of

METRICS = {"validation_psnr": "PSNR [dB]", "validation_lpips": "LPIPS"}
_HEAD = ["recipe", "title", "budget", "seed", "step", "metric", "value"]


def curve_table(runs: Sequence[Training]) -> pd.DataFrame:
    """A row for each check of a run and metric that was validated."""
    parts = [
        run.table("curve.csv").melt(_HEAD[:5], list(METRICS), "metric", "value").dropna(subset="value")
        for run in runs
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(metric=table["metric"].map(lambda name: METRICS[name].partition(" ")[0]))


def draw_training_curves(
    results: Path, sources: Sequence[Source], head: tuple[str, str], output: Path
) -> None:
    """One line for each run. head: name in the title, and paper. Raises Missing without a trained run."""
    runs = trainings_of(results, sources)
    if not runs:
        raise Missing(NOT_TRAINED)
    table = curve_table(runs)
    panels = [label for label in METRICS.values() if (table["metric"] == label.partition(" ")[0]).any()]
    if not panels:
        raise Missing("no run was validated while it trained.")
    description = _description(f"{head[0]}: training curves", head[1], runs, panels)
    recipes = list(dict.fromkeys(table["recipe"]))
    width, height = 3.6 * len(panels) + 2.6, max(3.6, 0.2 * len(recipes) + 1)
    with drawing(width, height, ncols=len(panels), squeeze=False) as (figure, axes):
        for axis, label in zip(axes[0], panels, strict=True):
            for (recipe, _), rows in table[table["metric"] == label.partition(" ")[0]].groupby(
                ["recipe", "seed"], sort=False
            ):
                _draw_line(axis, rows, recipes.index(recipe))
            axis.set(xlabel="step", ylabel=label)
            count_in_thousands(axis)
        _legend(figure, table, recipes)
        head_line(figure, description.title)
        write_figure(figure, table, description, output)


def _draw_line(axis: Any, rows: pd.DataFrame, number: int) -> None:
    axis.plot(rows["step"], rows["value"], **_style(number), markevery=max(1, len(rows) // 6))


def _style(number: int) -> dict[str, Any]:
    return {
        "color": colour(number),
        "marker": marker(number),
        "linestyle": LINES[number % len(LINES)],
        "markersize": 4,
        "linewidth": 1.1,
    }


def _legend(figure: Any, table: pd.DataFrame, recipes: list[str]) -> None:
    from matplotlib.lines import Line2D

    titles = dict(zip(table["recipe"], table["title"], strict=True))
    handles = [
        Line2D([], [], **_style(number), label=titles[recipe]) for number, recipe in enumerate(recipes)
    ]
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=8)


def _description(title: str, paper: str, runs: Sequence[Training], panels: Sequence[str]) -> Description:
    validation = runs[0].record.validation
    lacking = validation.lpips_unavailable if len(panels) == 1 else None
    shown = f"{' and '.join(panels)} of the images of `{validation.benchmark}`"
    caption = f"{shown} during training; a line for each run."
    if lacking:
        caption += f" LPIPS is missing: {lacking}"
    return Description(title, paper, "", caption).of([run.source for run in runs])
