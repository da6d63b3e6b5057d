"""Figures that ESRGAN has alone: active features (Fig. 6), its ablation (Fig. 8), brightness (Fig. 9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sr.data.assets import Assets
from sr.data.packaged_weights import Backbone, load_backbone
from sr.figure_facts import Fact
from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.own import OwnFigure
from sr.figures.panels import draw_study, show
from sr.figures.paper_results import PaperResults
from sr.figures.style import COLOURS, MARKERS, head_line
from sr.images import Pixels, to_tensor
from sr.metrics.views import rgb2gray
from sr.networks.vgg import VGGFeatures, convolution_positions
from sr.papers.published import load_published

_BENCHMARK, _IMAGE = "Set14", "baboon"  # sec. 3.3
_PRINTED_LAYER = "conv5_4"  # the paper's VGG19-54

# Neighbours of the ladder: they differ in nothing but the features of the perceptual loss.
_RECIPES = {
    "after activation": "ladder_without_normalisation",
    "before activation": "ladder_before_activation",
}
_BLUR, _WIDTH = 3.0, 8  # standard deviation of the blur in pixels, grey levels in a bar of the histogram


@dataclass(frozen=True)
class Layer:
    """Features of one layer before the rectifier: a map (height x width) for each channel."""

    name: str
    features: NDArray[np.float32]

    @property
    def active(self) -> float:
        """Share of all features that are positive, and so are not zero behind the rectifier."""
        return float(np.mean(self.features > 0))

    @property
    def used_before(self) -> float:
        """Share of all features that are not zero before the rectifier."""
        return float(np.mean(self.features != 0))

    @property
    def representative(self) -> int:
        """The channel whose share of active features is nearest to the layer's; the first of equals."""
        shares = np.mean(self.features > 0, axis=(1, 2))
        return int(np.argmin(np.abs(shares - self.active)))


def layers(image: Pixels, network: str, weights: dict[str, torch.Tensor]) -> list[Layer]:
    """The features of every convolution for an image (uint8, height x width x 3)."""
    names = list(convolution_positions(network))
    features = VGGFeatures(network, names, before_activation=True).load(weights)
    with torch.inference_mode():
        found = features(to_tensor(image)[None])
    return [Layer(name, values[0].numpy()) for name, values in zip(names, found, strict=True)]


def feature_table(found: list[Layer]) -> pd.DataFrame:
    """A row for each layer: its size and the shares of features that are not zero."""
    return pd.DataFrame(
        {
            "layer": [layer.name for layer in found],
            "channels": [layer.features.shape[0] for layer in found],
            "height": [layer.features.shape[1] for layer in found],
            "width": [layer.features.shape[2] for layer in found],
            "before_activation": [layer.used_before for layer in found],
            "after_activation": [layer.active for layer in found],
        }
    )


def draw_active_features(results: PaperResults, output: Path) -> None:
    """Shares by layer, and a map of an early and of the last one. Raises Missing without VGG's weights."""
    assets = Assets.from_environment()
    network = _network(assets)
    benchmark, image = _image(results)
    found = layers(results.original(benchmark, image), network, load_backbone(assets, network))
    papers_own = (network, image) == ("vgg19", _IMAGE)
    said = "" if image == _IMAGE else f" The paper's image is {_IMAGE} of {_BENCHMARK}, which is not at hand."
    if network != "vgg19":
        said += f" The paper's network is VGG19, which is not at hand: this is {network.upper()}."
    description = Description(
        title=f"{network.upper()} on {image} of {benchmark}: {active_finding(found)}",
        paper="esrgan",
        place="Fig. 6",
        caption="Left: the share of features that are not zero before and after the rectifier, mean over"
        " channels and places; hollow, what the paper prints for VGG19's conv5_4 and the image baboon. Right:"
        " one map each of conv2_2 and of the last layer, of the channel whose share of active features is"
        f" nearest to its layer's, from its lowest value (black) to its highest (white).{said}",
        facts={f"active share, {layer.name}": Fact((layer.active,)) for layer in found} if papers_own else {},
        without=said.strip(),
    )
    _draw_features(found, description, output)


def active_finding(found: list[Layer]) -> str:
    """How many features the rectifier leaves active: of the first layer and of the last."""
    first, last = found[0], found[-1]
    return (
        f"behind the rectifier {first.active:.1%} of the features of {first.name} are active,"
        f" {last.active:.1%} of those of {last.name}"
    )


def _network(assets: Assets) -> Backbone:
    names: tuple[Backbone, ...] = ("vgg19", "vgg16")
    for name in names:
        if assets.find(name):
            return name
    raise Missing(f"neither of VGG19 and VGG16 is at hand: {assets.reason('vgg16')}")


def _image(results: PaperResults) -> tuple[str, str]:
    """The paper's image where it is at hand; else the first one of the first benchmark."""
    if _BENCHMARK in results.benchmarks:
        return _BENCHMARK, _IMAGE
    if not results.benchmarks:
        raise Missing("no benchmark is at hand")
    benchmark = results.benchmarks[0]
    return benchmark, results.names(benchmark)[0]


def _printed_share() -> float:
    """What the paper prints for VGG19's conv5_4 and baboon, as a share."""
    cells = (cell for cell in load_published("esrgan") if cell.metric == "activated_neurons_percent")
    return next(cells).value / 100


def _draw_features(found: list[Layer], description: Description, output: Path) -> None:
    data = feature_table(found)
    grid = {"width_ratios": [2.2, 1, 1]}
    with drawing(8.6, 4.2, nrows=2, ncols=3, gridspec_kw=grid) as (figure, axes):
        whole = axes[0, 0].get_gridspec()[:, 0]
        axes[0, 0].remove()
        axes[1, 0].remove()
        _draw_shares(figure.add_subplot(whole), data)
        for row, layer in zip(axes[:, 1:], (_layer(found, "conv2_2"), found[-1]), strict=True):
            channel = layer.features[layer.representative]
            used = f"channel {layer.representative}, {np.mean(channel > 0):.0%} active"
            show(row[0], channel, f"{layer.name}, before", used, cmap="gray")
            show(row[1], channel.clip(min=0), f"{layer.name}, after", used, cmap="gray")
        head_line(figure, description.title)
        write_figure(figure, data, description, output)


def _layer(found: list[Layer], name: str) -> Layer:
    return next(layer for layer in found if layer.name == name)


def _draw_shares(axis: Any, data: pd.DataFrame) -> None:
    for number, column in enumerate(("before_activation", "after_activation")):
        style = {"color": COLOURS[number], "marker": MARKERS[number], "linewidth": 1}
        axis.plot(data["layer"], 100 * data[column], label=column.replace("_", " "), **style)
    printed = 100 * _printed_share()
    label = f"printed: VGG19 {_PRINTED_LAYER}, {_IMAGE}"
    axis.scatter(
        [data["layer"].iloc[-1]],
        [printed],
        s=60,
        edgecolors=COLOURS[1],
        label=label,
        zorder=3,
        facecolors="none",
    )
    axis.tick_params(axis="x", labelrotation=60)
    axis.set(ylabel="features that are not zero [%]", ylim=(0, 105))
    axis.legend(frameon=False, fontsize=7.5, loc="upper right", bbox_to_anchor=(1.0, 0.9))


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


def draw_brightness(results: PaperResults, output: Path) -> None:
    """All images of a benchmark. Raises Missing when one of the two models was not trained."""
    sources = {label: results.trained(recipe) for label, recipe in _RECIPES.items()}
    used = list(sources.values())
    benchmark = results.common_benchmark(used)
    images = results.names(benchmark)
    data = pd.DataFrame({"grey": np.arange(0, 256, _WIDTH)})
    data["ground truth"] = histogram(results.original(benchmark, image) for image in images)
    for label, source in sources.items():
        data[label] = histogram(results.reconstruction(source, benchmark, image) for image in images)
    description = Description(
        title=f"ESRGAN on {benchmark}: {brightness_finding(data)}",
        paper="esrgan",
        place="Fig. 9",
        caption=f"Share of pixels in each range of {_WIDTH} grey levels, of all images of {benchmark} after"
        f" a Gaussian blur (standard deviation {_BLUR:g} pixels; unstated there, as is the image)."
        " The two models differ in nothing but the features of the perceptual loss. Distance: half the sum of"
        " the absolute differences to the ground truth's shares, 0 for the same histogram, 1 for none in"
        " common. Only Fig. 9a; for 9b see the panels.",
        facts=_brightness_facts(results, data, benchmark),
    ).of(used)
    _draw_histograms(data, description, output)


def brightness_finding(data: pd.DataFrame) -> str:
    """Which features bring the brightness nearer to the original's, and by which distances."""
    off = {label: distance(data[label], data["ground truth"]) for label in _RECIPES}
    nearest, other = sorted(off, key=lambda label: off[label])
    told = f"{off[nearest]:.3f} off, {other} {off[other]:.3f}"
    if f"{off[nearest]:.3f}" == f"{off[other]:.3f}":
        return f"with features {nearest} and {other} the brightness is as near to the original's ({told})"
    return f"with features {nearest} the brightness is nearer to the original's ({told})"


def _brightness_facts(results: PaperResults, data: pd.DataFrame, benchmark: str) -> dict[str, Fact]:
    """Mean grey and distance to the ground truth of each training of the two models, by seed."""
    truth = data["ground truth"]
    facts = {"mean grey, ground truth": Fact((mean_grey(data, "ground truth"),))}
    for label, recipe in _RECIPES.items():
        at_hand = [source for source in results.seeds_of(recipe) if results.at_hand(source, benchmark)]
        each = [
            histogram(results.reconstruction(source, benchmark, image) for image in results.names(benchmark))
            for source in at_hand
        ]
        tables = [data.assign(made=shares) for shares in each]
        facts[f"mean grey, {label}"] = Fact(tuple(mean_grey(table, "made") for table in tables), trained=True)
        distances = tuple(distance(table["made"], truth) for table in tables)
        facts[f"distance, {label}"] = Fact(distances, trained=True)
    return facts


def distance(first: pd.Series, second: pd.Series) -> float:
    """Half the sum of absolute differences of two histograms whose shares sum to 1."""
    return float(0.5 * (first - second).abs().sum())


def mean_grey(data: pd.DataFrame, column: str) -> float:
    """Mean grey level of a histogram, from the middle of each range."""
    return float(((data["grey"] + _WIDTH / 2) * data[column]).sum())


def _draw_histograms(data: pd.DataFrame, description: Description, output: Path) -> None:
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
        head_line(figure, description.title)
        write_figure(figure, data, description, output)


def draw_ladder(results: PaperResults, output: Path) -> None:
    """The recipes of the ablation, one crop. Raises Missing when one of them was not trained."""
    draw_study(results, "fig8_ladder", output)


FIGURES = (
    OwnFigure("ladder", "images", draw_ladder, "Fig. 8: one crop by every step of the ablation"),
    OwnFigure(
        "active_features", "images", draw_active_features, "Fig. 6: features that are active, by layer"
    ),
    OwnFigure("brightness", "images", draw_brightness, "Fig. 9a: brightness before and after activation"),
)
