"""Training curves of a paper's recipes: PSNR and LPIPS of the validation images against the step."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sr.figures.figure import NOT_TRAINED, Description, Missing, drawing, write_figure
from sr.figures.style import LINES, colour, count_in_thousands, head_line, names_at_ends
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
    """A line for each run, its recipe's name at its end; first stages above those that begin with another.

    head: name in the title, and paper. Raises Missing without a trained run.
    """
    runs = trainings_of(results, sources)
    if not runs:
        raise Missing(NOT_TRAINED)
    table = curve_table(runs)
    panels = [label for label in METRICS.values() if (table["metric"] == label.partition(" ")[0]).any()]
    if not panels:
        raise Missing("no run was validated while it trained.")
    description = _description(f"{head[0]}: {_finding(runs)}", head[1], runs, panels)
    later = {run.record.recipe_name for run in runs if run.record.start}
    stages = {
        "from the beginning": table[~table["recipe"].isin(later)],
        "from another generator": table[table["recipe"].isin(later)],
    }
    stages = {name: rows for name, rows in stages.items() if len(rows)}
    with drawing(
        4.9 * len(panels), 3.2 * len(stages) + 0.4, nrows=len(stages), ncols=len(panels), squeeze=False
    ) as (
        figure,
        axes,
    ):
        for line, (stage, shown) in zip(axes, stages.items(), strict=True):
            for axis, label in zip(line, panels, strict=True):
                _draw_panel(axis, shown[shown["metric"] == label.partition(" ")[0]])
                axis.set(xlabel="step", ylabel=label, title=stage)
                count_in_thousands(axis)
        head_line(figure, description.title)
        write_figure(figure, table, description, output)


def _draw_panel(axis: Any, table: pd.DataFrame) -> None:
    """The lines of one metric, one colour for each recipe, and the names beside the last checks."""
    titles = list(dict.fromkeys(table["title"]))
    low, high = table["value"].min(), table["value"].max()
    for (title, _), rows in table.groupby(["title", "seed"], sort=False):
        number = titles.index(str(title))
        style = {"color": colour(number), "linestyle": LINES[number // 8 % len(LINES)], "linewidth": 1.1}
        axis.plot(rows["step"], rows["value"], marker=".", markersize=3, **style)
    ends = {
        title: rows[rows["step"] == rows["step"].max()] for title, rows in table.groupby("title", sort=False)
    }
    axis.set_ylim(low - 0.06 * (high - low or 1), high + 0.06 * (high - low or 1))
    names_at_ends(
        axis,
        [
            (e["step"].iloc[0], e["value"].mean(), str(t), colour(titles.index(str(t))))
            for t, e in ends.items()
        ],
    )


def _finding(runs: Sequence[Training]) -> str:
    """How many second stages have a better LPIPS than what they began with, or how far first ones came."""
    later = [run.record.validation for run in runs if run.record.start]
    judged = [one for one in later if one.before.lpips is not None and one.after.lpips is not None]
    if judged:
        better = sum(
            one.after.lpips < one.before.lpips for one in judged if one.after.lpips and one.before.lpips
        )
        return f"{better} of {len(judged)} trainings that begin with another generator lower its LPIPS"
    first = [run.record.validation for run in runs]
    beaten = sum(one.after.psnr > one.bicubic_psnr for one in first)
    return f"{beaten} of {len(first)} trainings have a higher PSNR than bicubic"


def _description(title: str, paper: str, runs: Sequence[Training], panels: Sequence[str]) -> Description:
    validation = runs[0].record.validation
    lacking = validation.lpips_unavailable if len(panels) == 1 else None
    shown = f"{' and '.join(panels)} of the images of `{validation.benchmark}`"
    caption = f"{shown} during training; a line for each run, in one colour for each recipe."
    if lacking:
        caption += f" LPIPS is missing: {lacking}"
    return Description(title, paper, "", caption).of([run.source for run in runs])
