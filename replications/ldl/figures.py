"""Figures that LDL has alone: stability of training (Fig. 4), and its map of artifacts (Fig. 5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sr.figures.crops import SIDE, Crop
from sr.figures.figure import NOT_TRAINED, Description, Missing, drawing, write_figure
from sr.figures.own import OwnFigure
from sr.figures.panels import show
from sr.figures.paper_results import PaperResults
from sr.figures.style import LINES, colour, count_in_thousands, head_line, marker
from sr.images import Pixels, to_tensor
from sr.losses.box_filter import local_variance
from sr.recipes.run_record import load_record
from sr.results.source import Source
from sr.results.trainings import Training, trainings_of

Residual = Literal["signed", "absolute_sum"]

_MODEL, _AVERAGED = "rrdb_refined_map", "rrdb_ldl_df2k"
_TYPES = {"A": 0.0, "B": 0.5, "C": 1.0}  # which patch, in the order of sigma: smallest, median, largest
_HEADINGS = ("I_HR", "I_SR", "|R|", "M", "sigma M", "|R1| < |R2|", "M refined")
_CAPTION = (
    f"Rows: of all {SIDE}x{SIDE} patches of the benchmark (side by side, without overlap) those with the"
    " smallest (A), the median (B) and the largest (C) sigma, which in the paper's text tells its three types"
    " of regions apart; its own patches are not named (sigma 0.25, 0.39 and 0.67 there). |R|: sum"
    " of the magnitudes over the colours. M: Eq. 3, the variance of R in a window of 7x7. sigma: Eq. 4."
    " M refined: Eq. 6, where white pixels of |R1| < |R2| are left out. I_SR is the output of Table 2's #4,"
    " that of the averaged model (R2) comes from #5, which is the same training, its averaged weights tested."
    " From images of 8 bits. |R| has one colour scale for its three patches, the other maps share another."
)
_OF: dict[str, str] = {"signed": "", "absolute_sum": " The R of Eq. 3 and 4 is here |R|, as in training."}

_CHANGES = ["recipe", "title", "budget", "seed", "step", "previous_step", "image", "mad"]


@dataclass(frozen=True)
class Maps:
    """Of one patch, height x width each: |R|, M, sigma M, where |R1| < |R2|, M refined; and sigma."""

    sigma: float
    residual: NDArray[np.float32]
    local: NDArray[np.float32]
    scaled: NDArray[np.float32]
    spared: NDArray[np.bool_]
    refined: NDArray[np.float32]


@dataclass(frozen=True)
class Patch:
    """A part of an image with its maps."""

    image: str
    crop: Crop
    original: Pixels
    output: Pixels
    maps: Maps


def maps(
    original: Pixels, output: Pixels, averaged: Pixels, window: int, root: float, residual: Residual
) -> Maps:
    """The maps of a patch (uint8, height x width x 3), as the paper's Eq. 2 to 6 define them.

    output: of the model; averaged: of its moving average. window: n of Eq. 3; root: a of Eq. 4. residual:
    what the variances are taken of, as the artifact loss has it.
    """
    hr = to_tensor(original)[None].double()
    difference = hr - to_tensor(output)[None].double()
    magnitude = difference.abs().sum(dim=1)[0]
    magnitude_averaged = (hr - to_tensor(averaged)[None].double()).abs().sum(dim=1)[0]
    judged = difference if residual == "signed" else magnitude[None, None]
    local = local_variance(judged, window)[0, 0]
    sigma = float(judged.var()) ** (1 / root)
    spared = magnitude < magnitude_averaged
    refined = (sigma * local).masked_fill(spared, 0.0)
    found = [values.float().numpy() for values in (magnitude, local, sigma * local, refined)]
    return Maps(sigma, found[0], found[1], found[2], spared.numpy(), found[3])


def draw_artifact_maps(results: PaperResults, output: Path) -> None:
    """Three patches of a benchmark. Raises Missing when one of the two models was not trained."""
    model, averaged = results.trained(_MODEL), results.trained(_AVERAGED)
    benchmark = results.common_benchmark([model, averaged])
    settings = load_record(results.run_folder(model)).recipe["losses"]["artifact"]
    way = {key: settings[key] for key in ("window", "root", "residual")}
    patches_found = _patches(results, benchmark, model, way["residual"])
    found = sorted(patches_found, key=lambda entry: entry[0])
    patches = {}
    for kind, share in _TYPES.items():
        _, image, crop = found[round(share * (len(found) - 1))]
        original, made_of, average = (
            crop.of(pixels)
            for pixels in (
                results.original(benchmark, image),
                results.reconstruction(model, benchmark, image),
                results.reconstruction(averaged, benchmark, image),
            )
        )
        made = maps(original, made_of, average, **way)
        patches[kind] = Patch(image, crop, original, made_of, made)
    description = Description(
        title=f"The artifact maps of LDL on {benchmark}",
        paper="ldl",
        place="Fig. 5",
        caption=_CAPTION + _OF[way["residual"]],
    ).of([model, averaged])
    _draw(patches, description, output)


def _patches(
    results: PaperResults, benchmark: str, source: Source, residual: Residual
) -> Iterator[tuple[float, str, Crop]]:
    """Variance of the residual, image and place of every patch of a benchmark."""
    for image in results.names(benchmark):
        original = results.original(benchmark, image).astype(np.float64)
        difference = original - results.reconstruction(source, benchmark, image)
        judged = difference if residual == "signed" else np.abs(difference).sum(axis=2)
        height, width = judged.shape[:2]
        for top in range(0, height - SIDE + 1, SIDE):
            for left in range(0, width - SIDE + 1, SIDE):
                crop = Crop(left, top, SIDE, SIDE)
                yield float(judged[top : top + SIDE, left : left + SIDE].var()), image, crop


def map_table(patches: dict[str, Patch]) -> pd.DataFrame:
    """A row for each pixel of each patch, at its place in the image, with the value of every map."""
    parts = []
    for kind, patch in patches.items():
        crop, made = patch.crop, patch.maps
        rows, columns = np.mgrid[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
        part = pd.DataFrame({"x": columns.ravel(), "y": rows.ravel()})
        part.insert(0, "patch", kind)
        part.insert(1, "image", patch.image)
        part["sigma"] = round(made.sigma, 5)
        for key in ("residual", "local", "scaled", "refined"):
            part[key] = [float(f"{value:.4g}") for value in getattr(made, key).ravel()]
        part["spared"] = made.spared.ravel().astype(int)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _draw(patches: dict[str, Patch], description: Description, output: Path) -> None:
    highest = {
        key: max(float(np.quantile(getattr(patch.maps, key), 0.995)) for patch in patches.values()) or 1.0
        for key in ("residual", "local")
    }
    with drawing(9.6, 4.45, nrows=3, ncols=len(_HEADINGS)) as (figure, axes):
        for row, (kind, patch) in enumerate(patches.items()):
            _draw_row(axes[row], patch, highest)
            axes[row, 0].set_ylabel(f"{kind}: {patch.image}\nsigma {patch.maps.sigma:.3f}", fontsize=7)
            if row == 0:
                for axis, heading in zip(axes[row], _HEADINGS, strict=True):
                    axis.set_title(heading, fontsize=8, pad=3)
        figure.suptitle(description.title, fontsize=9)
        write_figure(figure, map_table(patches), description, output)


def _draw_row(axes: Any, patch: Patch, highest: dict[str, float]) -> None:
    """highest: the ends of the colour scales of |R| and of the other maps."""
    made = patch.maps
    shown = [
        (patch.original, {}),
        (patch.output, {}),
        (made.residual, {"cmap": "inferno", "vmin": 0, "vmax": highest["residual"]}),
        (made.local, {"cmap": "inferno", "vmin": 0, "vmax": highest["local"]}),
        (made.scaled, {"cmap": "inferno", "vmin": 0, "vmax": highest["local"]}),
        (made.spared, {"cmap": "gray", "vmin": 0, "vmax": 1}),
        (made.refined, {"cmap": "inferno", "vmin": 0, "vmax": highest["local"]}),
    ]
    for axis, (pixels, colours) in zip(axes, shown, strict=True):
        show(axis, pixels, "", "", **colours)


def stability_table(runs: Sequence[Training]) -> pd.DataFrame:
    """MAD of each image between two checks, in [0, 255], a row for each run, check and image."""
    return pd.concat([run.table("stability.csv") for run in runs], ignore_index=True)[_CHANGES]


def draw_stability(results: PaperResults, output: Path) -> None:
    """MAD against the step: one line for each image and recipe, the mean over seeds.

    Raises Missing unless every run has two changes to show.
    """
    sources, described = results.study("stability")
    runs = trainings_of(results.folder, sources)
    if not runs:
        raise Missing(NOT_TRAINED)
    table = stability_table(runs)
    for (recipe, _), rows in table.groupby(["recipe", "seed"]):
        if rows["step"].nunique() < 2:
            raise Missing(f"{recipe} was checked too seldom: a curve needs at least two changes.")
    gaps = sorted({int(gap) for gap in table["step"] - table["previous_step"]})
    steps = f"{gaps[0]} steps" if len(gaps) == 1 else f"{gaps[0]} to {gaps[-1]} steps"
    caption = (
        f"{described.caption} Mean absolute difference between the images of two checks, {steps} apart,"
        " on the validation images."
    )
    description = replace(described, caption=caption).of([run.source for run in runs])
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
        head_line(figure, description.title)
        write_figure(figure, table, description, output)


def no_toy_regions(_results: PaperResults, _output: Path) -> None:
    """Raises Missing: the paper does not give what its figure is made of."""
    raise Missing(
        "Fig. 3: the text gives the 2x2 average pooling, but neither the pixels of the three patches nor"
        " the model and training behind the outputs shown"
    )


FIGURES = (
    OwnFigure("toy_regions", "images", no_toy_regions, "Fig. 3: three patches, reduced and restored"),
    OwnFigure("artifact_maps", "images", draw_artifact_maps, "Fig. 5: from the residual to the refined map"),
    OwnFigure(
        "stability", "numbers", draw_stability, "Fig. 4: change from one check of a training to the next"
    ),
)
