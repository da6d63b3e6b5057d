"""ESRGAN, Fig. 9a: brightness of outputs trained with VGG's features before and after activation."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sr.figures.figure import COLOURS, Description, drawing, write_figure
from sr.figures.material import Material, budgets, warning, with_budget
from sr.images import Pixels
from sr.metrics.views import rgb2gray

# Neighbours of the ladder: they differ in nothing but the features of the perceptual loss.
_RECIPES = {
    "after activation": "ladder_without_normalisation",
    "before activation": "ladder_before_activation",
}
_BLUR, _WIDTH = 3.0, 8  # standard deviation of the blur in pixels, grey levels in a bar of the histogram


def histogram(images: Iterable[Pixels]) -> NDArray[np.float64]:
    """Share of pixels in each range of 8 grey levels, of all images together, blurred by a Gaussian.

    images: uint8, height x width x 3. The 32 shares sum to 1.
    """
    counts = np.zeros(256 // _WIDTH)
    for image in images:
        grey = gaussian_filter(rgb2gray(image).astype(np.float64), _BLUR)
        counts += np.histogram(grey, bins=256 // _WIDTH, range=(0, 256))[0]
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def draw(material: Material, name: str) -> None:
    """All images of a benchmark. Raises Missing when one of the two models was not trained."""
    sources = {label: material.trained(recipe) for label, recipe in _RECIPES.items()}
    used = list(sources.values())
    benchmark = material.common_benchmark(used)
    images = material.names(benchmark)
    data = pd.DataFrame({"grey": np.arange(0, 256, _WIDTH)})
    data["ground truth"] = histogram(material.original(benchmark, image) for image in images)
    for label, source in sources.items():
        data[label] = histogram(material.reconstruction(source, benchmark, image) for image in images)
    description = Description(
        title=with_budget(f"Brightness with features before and after activation, {benchmark}", used),
        paper="esrgan",
        place="Fig. 9",
        caption=f"Share of pixels in each range of {_WIDTH} grey levels, of all images of {benchmark} after"
        f" a Gaussian blur (standard deviation {_BLUR:g} pixels; unstated there, as is the image)."
        " The two models differ in nothing but the features of the perceptual loss. Distance: half the sum of"
        " the absolute differences to the ground truth's shares, 0 for the same histogram, 1 for none in"
        " common. Only Fig. 9a; for 9b see the panels." + warning(used),
        budgets=budgets(used),
    )
    _draw(data, description, material, name)


def distance(first: pd.Series, second: pd.Series) -> float:
    """Half the sum of absolute differences of two histograms whose shares sum to 1."""
    return float(0.5 * (first - second).abs().sum())


def mean_grey(data: pd.DataFrame, column: str) -> float:
    """Mean grey level of a histogram, from the middle of each range."""
    return float(((data["grey"] + _WIDTH / 2) * data[column]).sum())


def _draw(data: pd.DataFrame, description: Description, material: Material, name: str) -> None:
    styles: dict[str, dict[str, Any]] = {
        "ground truth": {"color": "#000000", "linewidth": 1.6},
        "after activation": {"color": COLOURS[1], "linestyle": "--"},
        "before activation": {"color": COLOURS[0]},
    }
    truth = data["ground truth"]
    with drawing(6.8, 3.8) as (figure, axis):
        for column, style in styles.items():
            label = f"{column}: mean {mean_grey(data, column):.1f}"
            if column != "ground truth":
                label += f", distance {distance(data[column], truth):.3f}"
            axis.stairs(100 * data[column], [*data["grey"], 256], label=label, **style)
        axis.set(xlabel="grey level", ylabel="share of pixels [%]", xlim=(0, 256), ylim=(0, None))
        axis.legend(frameon=False, fontsize=8)
        figure.suptitle(description.title, fontsize=10)
        write_figure(figure, data, description, material.output(name))
