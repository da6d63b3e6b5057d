"""SRGAN's Fig. 7: PSNR and time of a network against its number of residual blocks."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import nn

from sr.device import device_name
from sr.figures.figure import COLOURS, MARKERS, Description, drawing, write_figure
from sr.figures.look import head_line
from sr.figures.material import Missing, warning, with_budget
from sr.figures.runs import Run, load_runs
from sr.inference.forward import forward
from sr.results.scores import load_scores
from sr.results.source import Group, group_sources, parse_sources
from sr.weights.generators import device_of, load_run

# A.1: the mean over 100 reconstructions of a random LR image of 64 x 64 pixels.
REPEATS, SIDE = 100, 64


def seconds_per_image(generator: nn.Module, repeats: int = REPEATS) -> float:
    """Mean time of one reconstruction of a random 64 x 64 image, after one that is not counted."""
    device = device_of(generator)
    lr = torch.rand((1, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(0)).to(device)
    forward(generator, lr)
    _wait(device)
    started = time.perf_counter()
    for _ in range(repeats):
        forward(generator, lr)
    _wait(device)
    return (time.perf_counter() - started) / repeats


def depth_table(
    results: Path, paper: str, groups: Sequence[Group], benchmark: str, repeats: int = REPEATS
) -> pd.DataFrame:
    """A row for each scored network: its blocks, whether it has the long skip connection, PSNR, seconds.

    PSNR is the mean over seeds, low and high are the lowest and the highest one.
    """
    rows = []
    for group in groups:
        psnr = _psnr(results, paper, group, benchmark)
        if psnr:
            generator, record = load_run(group.first.run_folder(results))
            shape = record.recipe["generator"]
            rows.append(
                {
                    "recipe": record.recipe_name,
                    "budget": record.budget,
                    "blocks": shape["blocks"],
                    "skip": shape["long_skip"],
                    "benchmark": benchmark,
                    "psnr": sum(psnr) / len(psnr),
                    "low": min(psnr),
                    "high": max(psnr),
                    "seeds": " ".join(str(seed) for seed in group.seeds),
                    "seconds": seconds_per_image(generator.to(_device()), repeats),
                }
            )
    return pd.DataFrame(rows)


def draw_depth(
    results: Path, sources: Sequence[str], benchmarks: Sequence[str], description: Description, output: Path
) -> None:
    """PSNR on the first benchmark with scores, and time, each against depth, with and without skip.

    Raises Missing when fewer than two depths were trained: a smaller budget gives all the same one.
    """
    runs = load_runs(results, sources)
    _check_depths(runs)
    groups = group_sources(parse_sources(run.source for run in runs))
    scored = (name for name in benchmarks if any(_psnr(results, description.paper, g, name) for g in groups))
    benchmark = next(scored, None)
    if benchmark is None:
        raise Missing("its networks were trained, but scored on no benchmark at hand.")
    table = depth_table(results, description.paper, groups, benchmark)
    title = with_budget(description.title, [run.source for run in runs])
    with drawing(7.4, 3.3, ncols=2) as (figure, axes):
        _draw_panel(axes[0], table, "psnr", f"PSNR on {benchmark} [dB]")
        _draw_panel(axes[1], table, "seconds", "time for a 64x64 image [s]")
        axes[1].set_ylim(0, None)
        axes[0].legend(frameon=False)
        head_line(figure, title)
        caption = (
            f"{description.caption} PSNR on {benchmark}; time is the mean of {REPEATS} reconstructions of a"
            f" random 64x64 image on {device_name(_device())} with {torch.get_num_threads()} threads."
            f"{warning([run.source for run in runs])}"
        )
        budgets = tuple(sorted(set(table["budget"])))
        done = Description(title, description.paper, description.place, caption, budgets)
        write_figure(figure, table, done, output)


def _psnr(results: Path, paper: str, group: Group, benchmark: str) -> list[float]:
    """PSNR of each scored seed."""
    scores = load_scores(results / "scores", paper, group, benchmark)
    return [score.header.set_values["PSNR"] for score in scores]


def _check_depths(runs: Sequence[Run]) -> None:
    depths = sorted({run.record["recipe"]["generator"]["blocks"] for run in runs})
    if len(depths) < 2:
        budgets = ", ".join(sorted({run.record["budget"] for run in runs}))
        raise Missing(
            f"all of its networks have {depths[0]} residual blocks under the budget {budgets}; depth needs a"
            " budget that keeps each recipe's own."
        )


def _draw_panel(axis: Any, table: pd.DataFrame, column: str, label: str) -> None:
    for number, (skip, rows) in enumerate(table.sort_values("blocks").groupby("skip", sort=False)):
        name = "with skip connection" if skip else "without skip connection"
        style = {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": ("-", "--")[number]}
        axis.plot(rows["blocks"], rows[column], label=name, **style)
        if column == "psnr":
            axis.vlines(rows["blocks"], rows["low"], rows["high"], color=COLOURS[number], linewidth=0.9)
    axis.set(xlabel="residual blocks", ylabel=label, xticks=sorted(set(table["blocks"])))


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
