"""ESRGAN, Fig. 6: how few of VGG's features are active behind the rectifier, layer by layer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from sr.data.assets import Assets
from sr.data.packaged_weights import Backbone, load_backbone
from sr.figures.figure import COLOURS, MARKERS, PRINTED, Description, drawing, write_figure
from sr.figures.material import Material, Missing
from sr.figures.panels import show
from sr.images import Pixels, to_tensor
from sr.networks.vgg import VGGFeatures, convolution_positions
from sr.papers.published import load_published

_BENCHMARK, _IMAGE = "Set14", "baboon"  # sec. 3.3
_PRINTED_LAYER = "conv5_4"  # the paper's VGG19-54


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


def table(found: list[Layer]) -> pd.DataFrame:
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


def draw(material: Material, name: str) -> None:
    """Shares by layer, and a map of an early and of the last one. Raises Missing without VGG's weights."""
    assets = Assets.from_environment()
    network = _network(assets)
    benchmark, image = _image(material)
    found = layers(material.original(benchmark, image), network, load_backbone(assets, network))
    said = "" if image == _IMAGE else f" The paper's image is {_IMAGE} of {_BENCHMARK}, which is not at hand."
    if network != "vgg19":
        said += f" The paper's network is VGG19, which is not at hand: this is {network.upper()}."
    description = Description(
        title=f"Active features of {network.upper()} on {image} of {benchmark}",
        paper="esrgan",
        place="Fig. 6",
        caption="Left: the share of features that are not zero before and after the rectifier, mean over"
        " channels and places; hollow, what the paper prints for VGG19's conv5_4 and the image baboon. Right:"
        " one map each of conv2_2 and of the last layer, of the channel whose share of active features is"
        f" nearest to its layer's, from its lowest value (black) to its highest (white).{said}",
    )
    _draw(found, description, material, name)


def _network(assets: Assets) -> Backbone:
    names: tuple[Backbone, ...] = ("vgg19", "vgg16")
    for name in names:
        if assets.find(name):
            return name
    raise Missing(f"neither of VGG19 and VGG16 is at hand: {assets.reason('vgg16')}")


def _image(material: Material) -> tuple[str, str]:
    """The paper's image where it is at hand; else the first one of the first benchmark."""
    if _BENCHMARK in material.benchmarks:
        return _BENCHMARK, _IMAGE
    if not material.benchmarks:
        raise Missing("no benchmark is at hand")
    benchmark = material.benchmarks[0]
    return benchmark, material.names(benchmark)[0]


def _printed_share() -> float:
    """What the paper prints for VGG19's conv5_4 and baboon, as a share."""
    cells = (cell for cell in load_published("esrgan") if cell.metric == "activated_neurons_percent")
    return next(cells).value / 100


def _draw(found: list[Layer], description: Description, material: Material, name: str) -> None:
    data = table(found)
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
        figure.suptitle(description.title, fontsize=10)
        write_figure(figure, data, description, material.output(name))


def _layer(found: list[Layer], name: str) -> Layer:
    return next(layer for layer in found if layer.name == name)


def _draw_shares(axis: Any, data: pd.DataFrame) -> None:
    for number, column in enumerate(("before_activation", "after_activation")):
        style = {"color": COLOURS[number], "marker": MARKERS[number], "linewidth": 1}
        axis.plot(data["layer"], 100 * data[column], label=column.replace("_", " "), **style)
    printed = 100 * _printed_share()
    label = f"printed: VGG19 {_PRINTED_LAYER}, {_IMAGE}"
    axis.scatter(
        [data["layer"].iloc[-1]], [printed], s=60, edgecolors=COLOURS[1], label=label, zorder=3, **PRINTED
    )
    axis.tick_params(axis="x", labelrotation=60)
    axis.set(ylabel="features that are not zero [%]", ylim=(0, 105))
    axis.legend(frameon=False, fontsize=7.5, loc="upper right", bbox_to_anchor=(1.0, 0.9))
