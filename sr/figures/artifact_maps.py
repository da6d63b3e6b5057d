"""LDL, Fig. 5: how the map of artifacts comes about, from the residual to the refined map."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sr.figures.crops import SIDE, Crop
from sr.figures.figure import Description, drawing, write_figure
from sr.figures.material import Material, budgets, warning, with_budget
from sr.figures.panels import show
from sr.images import Pixels, to_tensor
from sr.losses.box_filter import local_variance
from sr.recipes.run_record import load_record

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


def maps(original: Pixels, output: Pixels, averaged: Pixels, window: int, root: float) -> Maps:
    """The maps of a patch (uint8, height x width x 3), as the paper's Eq. 2 to 6 define them.

    output: of the model; averaged: of its moving average. window: n of Eq. 3; root: a of Eq. 4.
    """
    hr = to_tensor(original)[None].double()
    residual = hr - to_tensor(output)[None].double()
    magnitude = residual.abs().sum(dim=1)[0]
    magnitude_averaged = (hr - to_tensor(averaged)[None].double()).abs().sum(dim=1)[0]
    local = local_variance(residual, window)[0, 0]
    sigma = float(residual.var()) ** (1 / root)
    spared = magnitude < magnitude_averaged
    refined = (sigma * local).masked_fill(spared, 0.0)
    found = [values.float().numpy() for values in (magnitude, local, sigma * local, refined)]
    return Maps(sigma, found[0], found[1], found[2], spared.numpy(), found[3])


def draw(material: Material, name: str) -> None:
    """Three patches of a benchmark. Raises Missing when one of the two models was not trained."""
    model, averaged = material.trained(_MODEL), material.trained(_AVERAGED)
    benchmark = material.common_benchmark([model, averaged])
    settings = load_record(material.run_folder(model)).recipe["losses"]["artifact"]
    found = sorted(_patches(material, benchmark, model), key=lambda entry: entry[0])
    patches = {}
    for kind, share in _TYPES.items():
        _, image, crop = found[round(share * (len(found) - 1))]
        original, output, average = (
            crop.of(pixels)
            for pixels in (
                material.original(benchmark, image),
                material.reconstruction(model, benchmark, image),
                material.reconstruction(averaged, benchmark, image),
            )
        )
        made = maps(original, output, average, settings["window"], settings["root"])
        patches[kind] = Patch(image, crop, original, output, made)
    description = Description(
        title=with_budget(f"The artifact maps of LDL on {benchmark}", [model, averaged]),
        paper="ldl",
        place="Fig. 5",
        caption=_CAPTION + warning([model, averaged]),
        budgets=budgets([model, averaged]),
    )
    _draw(patches, description, material, name)


def _patches(material: Material, benchmark: str, source: str) -> Iterator[tuple[float, str, Crop]]:
    """Variance of the residual, image and place of every patch of a benchmark."""
    for image in material.names(benchmark):
        original = material.original(benchmark, image).astype(np.float64)
        residual = original - material.reconstruction(source, benchmark, image)
        height, width = residual.shape[:2]
        for top in range(0, height - SIDE + 1, SIDE):
            for left in range(0, width - SIDE + 1, SIDE):
                crop = Crop(left, top, SIDE, SIDE)
                yield float(residual[top : top + SIDE, left : left + SIDE].var()), image, crop


def table(patches: dict[str, Patch]) -> pd.DataFrame:
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


def _draw(patches: dict[str, Patch], description: Description, material: Material, name: str) -> None:
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
        write_figure(figure, table(patches), description, material.output(name))


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
