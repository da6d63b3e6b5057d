"""SRGAN's Fig. 5, how often each score was given, and Beby-GAN's Fig. 10, the shares of places."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sr.figures.figure import Description, drawing, write_figure
from sr.figures.style import colour
from sr.opinions.outcome import Outcome

DISTRIBUTION, SHARES = "distribution", "shares"


def draw(outcome: Outcome, folder: Path) -> None:
    """Write the figure of a study's scale into `folder`."""
    if outcome.study.scale.kind == "category":
        draw_distribution(outcome, folder / f"{DISTRIBUTION}.png")
    else:
        draw_shares(outcome, folder / f"{SHARES}.png")


def _description(outcome: Outcome, title: str, caption: str) -> Description:
    raters = int((outcome.raters["apart"] == "").sum())
    deviating = f" Not as the study describes: {'; '.join(outcome.deviations)}." if outcome.deviations else ""
    paper = outcome.collected.key.paper
    return Description(title, paper, outcome.study.figure, f"{caption} {raters} raters.{deviating}")


def draw_distribution(outcome: Outcome, output: Path) -> None:
    """One panel for each benchmark, a column for each version: darker where more scores were given."""
    table = outcome.table("scores")
    categories = list(outcome.study.scale.categories)
    benchmarks = list(dict.fromkeys(table["benchmark"]))
    widest = table.groupby("benchmark").size().max()
    with drawing(
        1.6 + 0.62 * widest * len(benchmarks), 3.9, ncols=len(benchmarks), squeeze=False, sharey=True
    ) as (figure, axes):
        for axis, benchmark in zip(axes[0], benchmarks, strict=True):
            rows = table[table["benchmark"] == benchmark]
            counts = rows[[f"given_{score}" for score in categories]].to_numpy(dtype=float).T
            shares = counts / np.maximum(counts.sum(axis=0), 1)
            axis.imshow(
                shares, origin="lower", aspect="auto", cmap="Blues", vmin=0, vmax=1, extent=_extent(counts)
            )
            axis.errorbar(
                range(len(rows)),
                rows["mos"],
                yerr=np.abs(rows[["low", "high"]].to_numpy().T - rows["mos"].to_numpy()),
                fmt="_",
                color="#B3261E",
                markersize=14,
                markeredgewidth=2,
                elinewidth=1,
            )
            axis.set_xticks(
                range(len(rows)), rows["version"], rotation=60, ha="right", rotation_mode="anchor"
            )
            axis.set(title=benchmark, yticks=categories)
        axes[0][0].set_ylabel("score")
        level = f"{1 - outcome.study.level:.0%}"
        text = f"How often each score was given (darker is more often), mean and {level} interval in red."
        write_figure(figure, table, _description(outcome, "Distribution of opinion scores", text), output)


def _extent(counts: np.ndarray) -> tuple[float, float, float, float]:
    """Cells centred on whole numbers: version 0, 1, ... and score 1, 2, ..."""
    scores, versions = counts.shape
    return (-0.5, versions - 0.5, 0.5, scores + 0.5)


def draw_shares(outcome: Outcome, output: Path) -> None:
    """One panel for each benchmark and for all: stacked bars, the first place at the left."""
    table = outcome.table("places")
    parts = list(dict.fromkeys(table["part"]))
    columns = min(2, len(parts))
    rows = -(-len(parts) // columns)
    versions = list(dict.fromkeys(table["version"]))
    height = 0.9 + rows * (0.7 + 0.28 * len(versions))
    with drawing(4.2 * columns, height, nrows=rows, ncols=columns, squeeze=False) as (figure, axes):
        for axis, part in zip(axes.flat, parts, strict=False):
            _bars(axis, table[table["part"] == part], versions)
            axis.set_title(part)
        for axis in list(axes.flat)[len(parts) :]:
            axis.set_axis_off()
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
        text = "Share of the orders in which a version has each place."
        write_figure(figure, table, _description(outcome, "Places in the orders", text), output)


def _bars(axis: Any, table: pd.DataFrame, versions: list[str]) -> None:
    left = np.zeros(len(versions))
    for place in sorted(set(table["place"])):
        rows = table[table["place"] == place]
        shares = 100 * rows.set_index("version")["share"].reindex(versions).fillna(0).to_numpy()
        bars = axis.barh(
            versions, shares, left=left, color=colour(int(place) - 1), label=_ordinal(int(place))
        )
        axis.bar_label(
            bars,
            [f"{share:.0f}" if share >= 6 else "" for share in shares],
            label_type="center",
            color="white",
            fontsize=8,
        )
        left += shares
    axis.set(xlim=(0, 100), xlabel="share [%]")
    axis.invert_yaxis()


def _ordinal(place: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth"}.get(place, f"{place}th")
