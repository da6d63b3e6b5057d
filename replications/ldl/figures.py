"""Figures that LDL has alone: toy patches (Fig. 3), stability (Fig. 4), its map of artifacts (Fig. 5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sr.figure_facts import Fact
from sr.figures.crops import SIDE, Crop
from sr.figures.figure import NOT_TRAINED, Description, Missing, drawing, write_figure
from sr.figures.kept import kept_outputs, kept_weights
from sr.figures.own import OwnFigure
from sr.figures.panels import show
from sr.figures.paper_results import PaperResults
from sr.figures.style import LINES, colour, count_in_thousands, head_line, marker
from sr.images import Pixels, to_tensor
from sr.losses.box_filter import local_variance
from sr.recipes.run_record import load_record
from sr.results.source import Source
from sr.results.trainings import Training, trainings_of
from sr.scoring.scoring import SCALE
from sr.weights.generators import load_run

Residual = Literal["signed", "absolute_sum"]

_MODEL, _AVERAGED = "rrdb_refined_map", "rrdb_ldl_df2k"
_TYPES = {"A": 0.0, "B": 0.5, "C": 1.0}  # which patch, in the order of sigma: smallest, median, largest
_HEADINGS = (
    "original",
    "output",
    "error |R|",
    "its variance M",
    "weighted: sigma M",
    "error below the\naveraged model's",
    "refined: what is\npunished",
)
_CAPTION = (
    f"Rows: of all {SIDE}x{SIDE} patches of the benchmark (side by side, without overlap) those with the"
    " smallest (A), the median (B) and the largest (C) sigma, which in the paper's text tells its three types"
    " of regions apart; its own patches are not named (sigma 0.25, 0.39 and 0.67 there). |R|: sum"
    " of the magnitudes over the colours. M: Eq. 3, the variance of R in a window of 7x7. sigma: Eq. 4."
    " Refined: Eq. 6, without the pixels that are white in the column before. The output is Table 2's #4,"
    " that of the averaged model (R2) comes from #5, which is the same training, its averaged weights tested."
    " From images of 8 bits. |R| has one colour scale for its three patches, the other maps share another."
)
_OF: dict[str, str] = {"signed": "", "absolute_sum": " The R of Eq. 3 and 4 is here |R|, as in training."}

_CHANGES = ["recipe", "title", "budget", "seed", "step", "previous_step", "patch", "mad"]
_MARGIN = 24  # pixels of the input around a patch that its reconstruction is made from


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
    benchmark, places = three_patches(results, model, way["residual"], benchmark)
    patches = {}
    for kind, (image, crop) in places.items():
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
        title=f"LDL on {benchmark}: {_finding(patches)}",
        paper="ldl",
        place="Fig. 5",
        caption=_CAPTION + _OF[way["residual"]],
    ).of([model, averaged])
    _draw(patches, description, output)


def three_patches(
    results: PaperResults, model: Source, residual: Residual, benchmark: str | None = None
) -> tuple[str, dict[str, tuple[str, Crop]]]:
    """A benchmark, and of it by type (A, B, C) the image and place of the patch that sigma says."""
    benchmark = benchmark or results.common_benchmark([model])
    found = sorted(_patches(results, benchmark, model, residual), key=lambda entry: entry[0])
    places = {kind: found[round(share * (len(found) - 1))] for kind, share in _TYPES.items()}
    return benchmark, {kind: (image, crop) for kind, (_, image, crop) in places.items()}


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


def _finding(patches: dict[str, Patch]) -> str:
    """Where the punishment goes, and how much of it the comparison with the averaged model spares."""
    weights = {kind: float(patch.maps.refined.sum()) for kind, patch in patches.items()}
    before = sum(float(patch.maps.scaled.sum()) for patch in patches.values())
    total = sum(weights.values())
    if not total or not before:
        return "nothing is taken for an artifact"
    most = max(weights, key=lambda kind: weights[kind])
    share, spared = weights[most] / total, 1 - total / before
    return f"{share:.0%} of the punishment falls on patch {most}, {spared:.0%} is spared"


def _draw(patches: dict[str, Patch], description: Description, output: Path) -> None:
    highest = {
        key: max(float(np.quantile(getattr(patch.maps, key), 0.995)) for patch in patches.values()) or 1.0
        for key in ("residual", "local")
    }
    with drawing(9.6, 5.0, nrows=3, ncols=len(_HEADINGS)) as (figure, axes):
        for row, (kind, patch) in enumerate(patches.items()):
            drawn = _draw_row(axes[row], patch, highest)
            if row == len(patches) - 1:
                _draw_scales(figure, axes, drawn)
            axes[row, 0].set_ylabel(f"{kind}: {patch.image}\nsigma {patch.maps.sigma:.3f}", fontsize=7)
            if row == 0:
                for axis, heading in zip(axes[row], _HEADINGS, strict=True):
                    axis.set_title(heading, fontsize=8, pad=3)
        figure.suptitle(description.title, fontsize=9)
        write_figure(figure, map_table(patches), description, output)


def _draw_scales(figure: Any, axes: Any, drawn: list[Any]) -> None:
    """A colour bar below the errors, and one below the maps that share a scale."""
    for column, beside in ((2, axes[:, 2]), (4, axes[:, 3:5]), (6, axes[:, 6])):
        bar = figure.colorbar(drawn[column], ax=beside, orientation="horizontal", aspect=15, pad=0.02)
        bar.ax.tick_params(labelsize=6.5)
        bar.ax.locator_params(nbins=3)


def _draw_row(axes: Any, patch: Patch, highest: dict[str, float]) -> list[Any]:
    """What was drawn. highest: the ends of the colour scales of |R| and of the other maps."""
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
    return [
        show(axis, pixels, "", "", **colours) for axis, (pixels, colours) in zip(axes, shown, strict=True)
    ]


def draw_stability(results: PaperResults, output: Path) -> None:
    """MAD against the step: one line for each patch and recipe, the mean over seeds.

    Raises Missing unless every run kept three generators on its way.
    """
    sources, described = results.study("stability")
    runs = trainings_of(results.folder, sources)
    if not runs:
        raise Missing(NOT_TRAINED)
    benchmark, patches = three_patches(results, results.trained(_MODEL), "absolute_sum")
    inputs = {kind: _input(results, benchmark, *place) for kind, place in patches.items()}
    table = pd.concat([_changes(run, inputs) for run in runs], ignore_index=True)
    table.insert(len(table.columns) - 1, "image", [patches[kind][0] for kind in table["patch"]])
    gap = int((table["step"] - table["previous_step"]).iloc[0])
    shown = ", ".join(f"{kind} of {image}" for kind, (image, _) in patches.items())
    caption = (
        f"{described.caption} Mean absolute difference between what two generators kept {gap} steps apart"
        f" make of three patches of {benchmark} ({shown}): of all {SIDE}x{SIDE} patches those with the"
        " smallest (A), the median (B) and the largest (C) sigma, chosen here."
    )
    facts = stability_facts(table)
    description = replace(described, caption=caption, facts=facts).of([run.source for run in runs])
    recipes = list(dict.fromkeys(table["recipe"]))
    with drawing(7.6, 3.8) as (figure, axis):
        for (recipe, title, kind), rows in table.groupby(["recipe", "title", "patch"], sort=False):
            mean = rows.groupby("step")["mad"].mean()
            number = list(_TYPES).index(str(kind))
            axis.plot(
                mean.index,
                mean.values,
                LINES[recipes.index(str(recipe)) % len(LINES)],
                color=colour(number),
                marker=marker(number),
                markersize=3.5,
                markevery=max(1, len(mean) // 12),
                linewidth=1.2,
                label=f"{kind}, {title}",
            )
        axis.set(xlabel="step", ylabel=f"MAD to {gap} steps before [0..255]", ylim=(0, None))
        count_in_thousands(axis)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
        head_line(figure, description.title)
        write_figure(figure, table, description, output)


def stability_facts(table: pd.DataFrame) -> dict[str, Fact]:
    """Mean and standard deviation of MAD over a training, by recipe and patch, a value for each seed."""
    facts = {}
    for (recipe, kind), rows in table.groupby(["recipe", "patch"], sort=False):
        name = str(recipe).partition("/")[2]
        of_seeds = rows.sort_values("seed").groupby("seed")["mad"]
        facts[f"mean change, {name}, {kind}"] = Fact(tuple(of_seeds.mean()), trained=True)
        facts[f"variation of the change, {name}, {kind}"] = Fact(tuple(of_seeds.std(ddof=1)), trained=True)
    return facts


def _input(results: PaperResults, benchmark: str, image: str, crop: Crop) -> tuple[Pixels, Crop]:
    """The part of an input that a patch is made from with what surrounds it, and the patch's place there."""
    lr, left, top = results.low_resolution(benchmark, image), crop.left // SCALE, crop.top // SCALE
    first_row, first_column = max(0, top - _MARGIN), max(0, left - _MARGIN)
    size = SIDE // SCALE + _MARGIN
    part = lr[first_row : top + size, first_column : left + size]
    return part, Crop(SCALE * (left - first_column), SCALE * (top - first_row), SIDE, SIDE)


def _changes(run: Training, inputs: dict[str, tuple[Pixels, Crop]]) -> pd.DataFrame:
    """MAD of each patch between generators kept one after the other, in [0, 255]."""
    kept = kept_weights(run.folder / "kept")
    if len(kept) < 3:
        raise Missing(f"{run.record.recipe_name} kept {len(kept)} generators: a curve needs three.")
    generator, _ = load_run(run.folder)
    record, rows = run.record, []
    head = (record.recipe_name, record.title, record.budget, record.seed)
    for kind, (part, place) in inputs.items():
        made = {step: place.of(image) for step, image in kept_outputs(generator, kept, part).items()}
        for before, step in pairwise(made):
            mad = np.abs(made[step].astype(np.float64) - made[before]).mean()
            rows.append((*head, step, before, kind, float(mad)))
    return pd.DataFrame(rows, columns=_CHANGES)


def toy_patches() -> dict[str, NDArray[np.float64]]:
    """Three patches of 8 x 8 in [0, 1]: a large structure (A), a random texture (B), regular lines (C).

    Chosen here, after what the text says of the three: A's edge lies between the pooled pixels, B's values
    in a small range, C's lines are one pixel wide.
    """
    _, columns = np.mgrid[:8, :8]
    texture = np.random.default_rng(0).uniform(0.35, 0.65, (8, 8))
    return {"A": (columns >= 4) * 0.8 + 0.1, "B": texture, "C": (columns % 2) * 0.8 + 0.1}


def pooled(patch: NDArray[np.float64]) -> NDArray[np.float64]:
    """2x2 average pooling with stride 2 (caption of Fig. 3)."""
    height, width = patch.shape
    blocks: NDArray[np.float64] = patch.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    return blocks


def turned_inside_blocks(patch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Another patch of the same pooled pixels: each 2x2 block mirrored from left to right."""
    height, width = patch.shape
    blocks = patch.reshape(height, width // 2, 2)[:, :, ::-1]
    turned: NDArray[np.float64] = blocks.reshape(height, width)
    return turned


def toy_finding(found: dict[str, NDArray[np.float64]]) -> str:
    """How far apart pixels lie that pooling makes equal, by type of patch."""
    apart = {kind: float(np.abs(turned_inside_blocks(patch) - patch).mean()) for kind, patch in found.items()}
    return ", ".join(f"{kind}'s lie {difference:.2f} apart" for kind, difference in apart.items())


def draw_toy_regions(_results: PaperResults, output: Path) -> None:
    """The three patches, their pooled pixels, and other patches that have these as well."""
    found = toy_patches()
    description = Description(
        title=f"Patches with the very same pooled pixels: {toy_finding(found)}",
        paper="ldl",
        place="Fig. 3",
        caption="Rows: a large structure (A), a random texture (B), regular fine lines (C). The patches are"
        " this replication's: the paper's pixels, and the model and training behind its outputs, are not"
        " given. Right, in the outputs' place, a patch with the very same pooled pixels, each 2x2 block"
        " mirrored, and the mean absolute difference to it: A's is the patch itself, so its input tells it;"
        " B's differs by little and looks alike; C's differs by the whole step everywhere, and an average of"
        " the two is flat.",
    )
    rows = []
    with drawing(4.6, 4.9, nrows=3, ncols=3) as (figure, axes):
        for axis, (kind, patch) in zip(axes, found.items(), strict=True):
            other = turned_inside_blocks(patch)
            difference = float(np.abs(other - patch).mean())
            shades = {"cmap": "gray", "vmin": 0, "vmax": 1}
            show(axis[0], patch, "HR" if kind == "A" else "", "", **shades)
            show(axis[1], pooled(patch), "2x2 pooled" if kind == "A" else "", "", **shades)
            show(axis[2], other, "another HR" if kind == "A" else "", f"{difference:.2f} apart", **shades)
            axis[0].set_ylabel(kind)
            rows += [(kind, y, x, value, other[y, x]) for (y, x), value in np.ndenumerate(patch)]
        head_line(figure, description.title)
        data = pd.DataFrame(rows, columns=["patch", "y", "x", "hr", "another_hr"])
        write_figure(figure, data, description, output)


FIGURES = (
    OwnFigure("toy_regions", "images", draw_toy_regions, "Fig. 3: three patches, and what pooling leaves"),
    OwnFigure("artifact_maps", "images", draw_artifact_maps, "Fig. 5: from the residual to the refined map"),
    OwnFigure("stability", "numbers", draw_stability, "Fig. 4: change from one kept generator to the next"),
)
