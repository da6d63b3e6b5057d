"""LDL's Fig. 4: how much a network's images change from one check of its training to the next."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sr.figures.figure import Description, drawing, write_figure
from sr.figures.look import LINES, colour, count_in_thousands, head_line, marker
from sr.figures.material import Missing, warning, with_budget
from sr.figures.runs import Run, load_runs

COLUMNS = ["recipe", "title", "budget", "seed", "step", "previous_step", "image", "mad"]


def stability_table(runs: Sequence[Run]) -> pd.DataFrame:
    """MAD of each image between two checks, in [0, 255], a row for each run, check and image."""
    return pd.concat([run.table("stability.csv") for run in runs], ignore_index=True)[COLUMNS]


def draw_stability(results: Path, sources: Sequence[str], description: Description, output: Path) -> None:
    """MAD against the step: one line for each image and recipe, the mean over seeds.

    The title of `description` gets the budget. Raises Missing unless every run has two changes to show.
    """
    runs = load_runs(results, sources)
    table = stability_table(runs)
    for (recipe, _), rows in table.groupby(["recipe", "seed"]):
        if rows["step"].nunique() < 2:
            raise Missing(f"{recipe} was checked too seldom: a curve needs at least two changes.")
    title = with_budget(description.title, [run.source for run in runs])
    images, recipes = list(dict.fromkeys(table["image"])), list(dict.fromkeys(table["recipe"]))
    titles = dict(zip(table["recipe"], table["title"], strict=True))
    with drawing(7.6, 3.8) as (figure, axis):
        for (recipe, image), rows in table.groupby(["recipe", "image"], sort=False):
            mean = rows.groupby("step")["mad"].mean()
            number = images.index(image)
            axis.plot(
                mean.index,
                mean.values,
                LINES[recipes.index(recipe) % len(LINES)],
                color=colour(number),
                marker=marker(number),
                markersize=3.5,
                markevery=max(1, len(mean) // 12),
                linewidth=1.2,
                label=f"{image}, {titles[recipe]}",
            )
        axis.set(xlabel="step", ylabel="MAD to the check before [0..255]", ylim=(0, None))
        count_in_thousands(axis)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
        head_line(figure, title)
        gaps = sorted({int(gap) for gap in table["step"] - table["previous_step"]})
        steps = f"{gaps[0]} steps" if len(gaps) == 1 else f"{gaps[0]} to {gaps[-1]} steps"
        caption = (
            f"{description.caption} Mean absolute difference between the images of two checks, {steps} apart,"
            f" on the validation images.{warning([run.source for run in runs])}"
        )
        budgets = tuple(sorted(set(table["budget"])))
        done = Description(title, description.paper, description.place, caption, budgets)
        write_figure(figure, table, done, output)
