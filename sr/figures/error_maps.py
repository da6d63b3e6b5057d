"""Beby-GAN, Fig. 5: where the output is wrong with and without the back-projection loss."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sr.figures.crops import RULE, Crop, choose
from sr.figures.figure import Description, drawing, write_figure
from sr.figures.material import Material, budgets, warning, with_budget
from sr.figures.panels import show
from sr.images import Pixels

_RECIPES = {"with": "bebygan", "without": "bebygan_without_back_projection"}

# The ticks of the paper's colour bar. Maps are drawn between them on a logarithmic scale, or beyond.
_LOW, _HIGH = 0.01, 0.1


def error_map(output: Pixels, original: Pixels) -> NDArray[np.float64]:
    """L2 norm over the colours of the difference of two uint8 images, in units of white: height x width."""
    difference = (output.astype(np.float64) - original.astype(np.float64)) / 255.0
    errors: NDArray[np.float64] = np.sqrt(np.square(difference).sum(axis=2))
    return errors


def draw(material: Material, name: str) -> None:
    """The crop in which the two outputs differ most. Raises Missing when one of the two was not trained."""
    sources = {key: material.trained(recipe) for key, recipe in _RECIPES.items()}
    benchmark = material.common_benchmark(list(sources.values()))
    image, crop = choose(material, benchmark, list(sources.values()))
    original = crop.of(material.original(benchmark, image))
    outputs = {
        key: crop.of(material.reconstruction(source, benchmark, image)) for key, source in sources.items()
    }
    maps = {key: error_map(output, original) for key, output in outputs.items()}
    used = list(sources.values())
    description = Description(
        title=with_budget(f"Errors with and without the back-projection loss, {image} of {benchmark}", used),
        paper="beby",
        place="Fig. 5",
        caption=f"L2 norm over the colours of output minus original (white is 1). {RULE} The image of the"
        f" paper is not named; the colours span the ticks of its colour bar, {_LOW:g} to {_HIGH:g}, and"
        " more where more than 1 % of the errors are larger. Below the original the one map minus the other:"
        " blue where the back-projection loss helps." + warning(used),
        budgets=budgets(used),
    )
    _draw(material, name, original, outputs, maps, crop, description)


def table(maps: dict[str, NDArray[np.float64]], crop: Crop) -> pd.DataFrame:
    """A row for each pixel of the crop, at its place in the image, with the error of each map."""
    rows, columns = np.mgrid[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
    data = pd.DataFrame({"x": columns.ravel(), "y": rows.ravel()})
    for key, errors in maps.items():
        data[key] = errors.ravel().round(5)
    return data


def _draw(
    material: Material,
    name: str,
    original: Pixels,
    outputs: dict[str, Pixels],
    maps: dict[str, NDArray[np.float64]],
    crop: Crop,
    description: Description,
) -> None:
    with drawing(7.2, 5.4, nrows=2, ncols=3) as (figure, axes):
        from matplotlib.colors import LogNorm

        show(axes[0, 0], original, "HR", "")
        change = maps["with"] - maps["without"]
        limit = max(float(np.quantile(np.abs(change), 0.99)), 1e-6)
        below = f"with minus without: mean {change.mean():+.4f}"
        drawn = show(axes[1, 0], change, "", below, cmap="RdBu_r", vmin=-limit, vmax=limit)
        figure.colorbar(
            drawn, ax=axes[1, 0], orientation="horizontal", ticks=[-limit, 0, limit], format="%.2g"
        )
        highest = _highest(maps)
        scale = LogNorm(_LOW, highest, clip=True)
        for axis, (key, errors) in zip(axes[:, 1:].T, maps.items(), strict=True):
            show(axis[0], outputs[key], f"{key} back projection", "")
            drawn = show(axis[1], errors, "", f"error: mean {errors.mean():.4f}", cmap="inferno", norm=scale)
        bar = figure.colorbar(drawn, ax=axes[1, 1:], orientation="horizontal", aspect=40)
        bar.set_ticks([_LOW, 0.03, _HIGH, highest], labels=[_LOW, 0.03, _HIGH, _last(highest)])
        bar.minorticks_off()
        figure.suptitle(description.title, fontsize=9)
        write_figure(figure, table(maps, crop), description, material.output(name))


def _highest(maps: dict[str, NDArray[np.float64]]) -> float:
    """The end of the colour scale: the paper's, or what 99 % of the errors stay below."""
    return max(_HIGH, *(float(np.quantile(errors, 0.99)) for errors in maps.values()))


def _last(end: float) -> str:
    """The label at the end of the scale, empty where the paper's last tick already stands there."""
    return f"{end:.2g}" if end > 1.3 * _HIGH else ""
