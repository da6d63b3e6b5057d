"""Figures that SRGAN has alone: depth against PSNR and time (Fig. 7), and a training's evolution (Fig. 8)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.ndimage import laplace
from torch import nn

from sr.data.assets import Assets
from sr.device import device_name
from sr.figure_facts import Fact
from sr.figures.crops import RULE, Crop, choose
from sr.figures.figure import NOT_TRAINED, Description, Missing, drawing, write_figure
from sr.figures.kept import kept_outputs, kept_weights
from sr.figures.own import OwnFigure
from sr.figures.panels import show
from sr.figures.paper_results import PaperResults
from sr.figures.style import COLOURS, MARKERS, head_line
from sr.images import Pixels, read_image
from sr.inference.forward import forward
from sr.metrics.views import rgb2gray
from sr.papers.figures import load_number_figures
from sr.results.measurement import Measurement
from sr.results.source import Group, group_sources
from sr.results.trainings import Training, trainings_of
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import score_image
from sr.weights.generators import device_of, load_run

# A.1: the mean over 100 reconstructions of a random LR image of 64 x 64 pixels.
REPEATS, SIDE = 100, 64

_EVOLUTION = "srgan_vgg54"
_COLUMNS = 6
_MOST = 11  # panels of generators; with the original, two full rows


def seconds_per_image(generator: nn.Module, repeats: int) -> float:
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


def depth_table(results: PaperResults, groups: Sequence[Group], benchmark: str, repeats: int) -> pd.DataFrame:
    """A row for each scored network: its blocks, whether it has the long skip connection, PSNR, seconds.

    PSNR is the mean over seeds, low and high are the lowest and the highest one.
    """
    rows = []
    for group in groups:
        psnr = results.scored.measure(results.paper, group, benchmark, "PSNR")
        if isinstance(psnr, Measurement):
            generator, record = load_run(results.run_folder(group.first))
            low, high = psnr.range
            rows.append(
                {
                    "recipe": record.recipe_name,
                    "budget": record.budget,
                    "blocks": record.recipe["generator"]["blocks"],
                    "skip": record.recipe["generator"]["long_skip"],
                    "benchmark": benchmark,
                    "psnr": psnr.mean,
                    "low": low,
                    "high": high,
                    "seeds": " ".join(map(str, group.seeds)),
                    "seconds": seconds_per_image(generator.to(_device()), repeats),
                }
            )
    return pd.DataFrame(rows)


def draw_depth(results: PaperResults, output: Path) -> None:
    """PSNR on the first benchmark with scores, and time, each against depth, with and without skip.

    Raises Missing when fewer than two depths were trained: a smaller budget gives all the same one.
    """
    sources, described = results.study("fig7")
    printed = load_number_figures(results.paper).study(results.paper, "fig7").benchmark
    runs = trainings_of(results.folder, sources)
    if not runs:
        raise Missing(NOT_TRAINED)
    _check_depths(runs)
    groups = group_sources([run.source for run in runs])
    benchmark = next(
        (
            name
            for name in sorted(results.benchmarks, key=lambda name: name != printed)
            if any(results.scored.scored(results.paper, group, name) for group in groups)
        ),
        None,
    )
    if benchmark is None:
        raise Missing("its networks were trained, but scored on no benchmark at hand.")
    table = depth_table(results, groups, benchmark, REPEATS)
    caption = (
        f"{described.caption} PSNR on {benchmark}; time is the mean of {REPEATS} reconstructions of a"
        f" random 64x64 image on {device_name(_device())} with {torch.get_num_threads()} threads."
    )
    facts = times(table)
    title = f"{described.title}: {depth_finding(table)}"
    used = [run.source for run in runs]
    description = replace(described, title=title, caption=caption, facts=facts).of(used)
    with drawing(7.4, 3.3, ncols=2) as (figure, axes):
        _draw_panel(axes[0], table, "psnr", f"PSNR on {benchmark} [dB]")
        _draw_panel(axes[1], table, "seconds", "time for a 64x64 image [s]")
        axes[1].set_ylim(0, None)
        axes[0].legend(frameon=False)
        head_line(figure, description.title)
        write_figure(figure, table, description, output)


def depth_finding(table: pd.DataFrame) -> str:
    """Which network has the highest PSNR, and how far below the shallowest with the same connection is."""
    best = table.sort_values("psnr").iloc[-1]
    least = table[table["skip"] == best["skip"]].sort_values("blocks").iloc[0]
    name = f"{best['blocks']} blocks {'with' if best['skip'] else 'without'} skip connection"
    found = f"{name} reach the highest PSNR, {best['psnr']:.2f} dB"
    if least["blocks"] == best["blocks"]:
        return found
    return f"{found}, {best['psnr'] - least['psnr']:.2f} above {least['blocks']} blocks"


def times(table: pd.DataFrame) -> dict[str, Fact]:
    """How many times as long one thing takes as another: a block of a deeper network as one of a shallower,
    by neighbouring depths; and a network without the long skip connection as the same with it.
    """
    seconds = table.groupby(["skip", "blocks"])["seconds"].mean()
    found: dict[str, float] = {}
    for skip, name in ((True, "with skip"), (False, "without skip")):
        own = seconds[seconds.index.get_level_values("skip") == skip].droplevel("skip")
        each = {(a, b): (own[b] - own[a]) / (b - a) for a, b in pairwise(own.index)}
        for lower, upper in pairwise(each):
            label = f"{upper[0]} to {upper[1]} by {lower[0]} to {lower[1]}"
            found[f"time of a block, {label}, {name}"] = each[upper] / each[lower]
    for blocks in sorted(set(table["blocks"])):
        if {(True, blocks), (False, blocks)} <= set(seconds.index):
            found[f"time without skip by time with, {blocks} blocks"] = (
                seconds[False, blocks] / seconds[True, blocks]
            )
    return {name: Fact((float(ratio),)) for name, ratio in found.items()}


def _check_depths(runs: Sequence[Training]) -> None:
    depths = sorted({run.record.recipe["generator"]["blocks"] for run in runs})
    if len(depths) < 2:
        budgets = ", ".join(sorted({run.record.budget for run in runs}))
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


@dataclass(frozen=True)
class Moment:
    """What the generator made of the image after some steps, and its PSNR under the paper's protocol."""

    step: int
    output: Pixels
    psnr: float


def draw_evolution(results: PaperResults, output: Path) -> None:
    """Start, kept generators, original. Raises Missing when the run or its kept generators are not there."""
    source = results.trained(_EVOLUTION)
    folder = results.run_folder(source)
    kept = kept_weights(folder / "kept")
    if not kept:
        raise Missing(f"{source}: the run kept no generators on its way")
    generator, record = load_run(folder)
    start = results.trained(record.start or "")
    benchmark = results.common_benchmark([start, source])
    image, crop = choose(results, benchmark, [start, source])
    outputs = {0: results.reconstruction(start, benchmark, image)}
    outputs |= kept_outputs(generator, thinned(kept, _MOST - 1), results.low_resolution(benchmark, image))
    moments = [
        Moment(step, made, _image_psnr(results, benchmark, image, made)) for step, made in outputs.items()
    ]
    data = evolution_table(moments, crop).assign(benchmark=benchmark, image=image)
    description = Description(
        title=f"SRGAN on {image} of {benchmark}: {evolution_finding(data)}",
        paper="srgan",
        place="Fig. 8",
        caption="The first panel is the network that training begins with, the others the generators kept"
        f" every {kept_every(kept)} iterations{_left_out(kept)}. {RULE} Compared are the first and the last"
        " generator. PSNR: of the whole image, under the paper's protocol; change: mean absolute difference"
        " of the crop to the panel before, in grey levels.",
        facts=evolution_facts(outputs),
    ).of([source])
    original = crop.of(results.original(benchmark, image))
    _draw_moments(moments, crop, original, data, description, output)


def evolution_finding(data: pd.DataFrame) -> str:
    """What PSNR does from the start to the last generator, and how much the crop still changes at the end."""
    start, last = data.iloc[0], data.iloc[-1]
    gained = last["psnr"] - start["psnr"]
    way = f"{'rises' if gained > 0 else 'falls'} by {abs(gained):.2f} dB"
    return (
        f"PSNR {way} in {last['step']:,.0f} iterations,"
        f" and the last images differ by {last['change']:.1f} grey levels"
    )


def evolution_facts(outputs: dict[int, Pixels]) -> dict[str, Fact]:
    """How far a training's images lie apart (mean absolute difference in grey levels), and their detail.

    Detail is the variance of what a Laplacian leaves of the grey image. outputs: step -> image, by step.
    """
    steps = list(outputs)
    if len(steps) < 3:
        return {}
    first, last = steps[1], steps[-1]
    late = [step for step in steps[1:-1] if last / 2 <= step <= 3 * last / 4]

    def apart(one: int, other: int) -> float:
        return float(np.abs(outputs[one].astype(np.float64) - outputs[other]).mean())

    def detail(step: int) -> float:
        return float(laplace(rgb2gray(outputs[step]).astype(np.float64)).var())

    found = {
        "change, start to first": apart(steps[0], first),
        "change, first to last": apart(first, last),
        "detail, start": detail(steps[0]),
        "detail, first": detail(first),
    }
    if late:
        found["change, half-way to last"] = float(np.mean([apart(step, last) for step in late]))
    return {name: Fact((value,), trained=True) for name, value in found.items()}


def kept_every(kept: dict[int, Path]) -> int:
    """The steps between two kept generators; of a single one, those before it."""
    steps = list(kept)
    return steps[1] - steps[0] if len(steps) > 1 else steps[0]


def thinned(kept: dict[int, Path], most: int) -> dict[int, Path]:
    """At most so many of them, evenly spread, the last one always among them."""
    steps = list(kept)
    count = min(most, len(steps))
    chosen = {steps[round((number + 1) * len(steps) / count) - 1] for number in range(count)}
    return {step: path for step, path in kept.items() if step in chosen}


def evolution_table(moments: list[Moment], crop: Crop) -> pd.DataFrame:
    """A row a moment: its PSNR and the mean absolute change of the crop since the one before."""
    parts = [crop.of(moment.output).astype(np.float64) for moment in moments]
    changes = [np.abs(part - before).mean() for before, part in pairwise(parts)]
    return pd.DataFrame(
        {
            "step": [moment.step for moment in moments],
            "psnr": [moment.psnr for moment in moments],
            "change": [None, *changes],
            "left": crop.left,
            "top": crop.top,
            "width": crop.width,
            "height": crop.height,
        }
    )


def _image_psnr(results: PaperResults, benchmark: str, image: str, output: Pixels) -> float:
    original = read_image(results.benchmark_folder / benchmark / "HR" / f"{image}.png")
    protocol = load_protocol(results.paper)
    return score_image(output, original, protocol, Assets.from_environment(), ["PSNR"])["PSNR"]


def _left_out(kept: dict[int, Path]) -> str:
    shown = len(thinned(kept, _MOST - 1))
    return f" ({shown} of {len(kept)}, evenly spread)" if shown < len(kept) else ""


def _draw_moments(
    moments: list[Moment],
    crop: Crop,
    original: Pixels,
    data: pd.DataFrame,
    description: Description,
    output: Path,
) -> None:
    columns = min(_COLUMNS, len(moments) + 1)
    rows = -(-(len(moments) + 1) // columns)
    with drawing(1.45 * columns, 1.95 * rows + 0.3, nrows=rows, ncols=columns, squeeze=False) as (
        figure,
        axes,
    ):
        for axis in axes.flat:
            axis.axis("off")
        for axis, moment, row in zip(axes.flat, moments, data.itertuples(), strict=False):
            above = f"iteration {moment.step:,}" if moment.step else "start"
            change = f"\nchange {row.change:.1f}" if moment.step else "\n"
            show(axis, crop.of(moment.output), above, f"{moment.psnr:.2f} dB{change}")
        show(axes.flat[len(moments)], original, "HR", "\n")
        head_line(figure, description.title)
        write_figure(figure, data, description, output)


FIGURES = (
    OwnFigure("evolution", "images", draw_evolution, "Fig. 8: one crop by the generators kept on the way"),
    OwnFigure("fig7", "numbers", draw_depth, "Fig. 7: PSNR and time against the number of residual blocks"),
)
