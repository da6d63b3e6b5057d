"""LPIPS v0.1: learned perceptual image patch similarity (Zhang et al., CVPR 2018, eq. 1).

d(x, y) = sum over layers l of the mean over pixels of sum over channels c of w_lc (fx_lc - fy_lc)^2,
where fx, fy are the ReLU outputs of the backbone, scaled to unit length over the channels at every pixel.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sr.data.assets import Assets
from sr.data.packaged_weights import load_backbone
from sr.device import exact_float32, scoring_device
from sr.errors import Unavailable
from sr.images import Pixels
from sr.metrics.deep_features import asset_path, check_same_size, network_input, rectify_in_place
from sr.metrics.metric import Conventions, Cropped, FullReference, Metric
from sr.networks.vgg import VGGFeatures

Backbone = Literal["alex", "vgg"]

_ASSETS: dict[Backbone, Literal["alexnet", "vgg16"]] = {"alex": "alexnet", "vgg": "vgg16"}
# At the peak for a megapixel, from the process' peaks below.
_MEGABYTES: dict[Backbone, int] = {"alex": 310, "vgg": 1350}
# Below these sides the pooling layers have nothing left to pool.
_SMALLEST_SIDE = {"alex": 31, "vgg": 16}
# Distances are taken over strips of about this many feature values (16 MB), so that the
# temporaries stay small beside the features themselves.
_STRIP = 2**22
# What the package subtracts from a colour, and divides it by.
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)
# Outputs, kernel, stride and padding of AlexNet's convolutions; a pooling stands before the second and third.
_ALEXNET = ((64, 11, 4, 2), (192, 5, 1, 2), (384, 3, 1, 1), (256, 3, 1, 1), (256, 3, 1, 1))
_VGG16 = ("conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3")
# Keeps what is divided by from being 0.
_EPSILON = 1e-10


class LPIPS:
    """Distance of whole images, RGB scaled to [-1, 1]; 0 for equal images, lower is better.

    No border is cut here, a protocol may do so before. The network and the linear heads are those of the
    `lpips` package; only its forward pass is split in two, so that the features of an HR image are computed
    once for all sources. They lie on the GPU where there is one.

    Memory at 2040 x 1356 pixels: with `vgg` the HR features take 1.4 GB and the process peaks at 4.5 GB,
    where the package's own forward pass takes about 8 GB; with `alex` it is 1.1 and 1.6 GB
    (`python -m benchmarks.bench_deep_metrics`).

    Raises Unavailable when the `lpips` package or the backbone's weights are missing.
    """

    def __init__(self, backbone: Backbone, assets: Assets) -> None:
        name = _ASSETS[backbone]
        asset_path(assets, name)
        heads = package_heads(backbone, "0.1")
        weights = load_backbone(assets, name)
        self._device = scoring_device()
        self._shift, self._scale = (
            torch.tensor(values, device=self._device).view(1, 3, 1, 1) for values in (_SHIFT, _SCALE)
        )
        self._stages = [stage.to(self._device) for stage in _stages(backbone, weights)]
        self._heads = [head.to(self._device) for head in heads]
        self._smallest_side = _SMALLEST_SIDE[backbone]

    @torch.inference_mode()
    @exact_float32()
    def reference(self, hr: Pixels) -> list[Tensor]:
        """The backbone's ReLU outputs for an HR image: five layers, each 1 x channels x height x width."""
        return list(self._features(hr))

    @torch.inference_mode()
    @exact_float32()
    def score(self, sr: Pixels, reference: list[Tensor]) -> float:
        """LPIPS between an image and the HR image that `reference` was made from.

        Raises InputError when they differ in size.
        """
        layers = zip(self._features(sr), reference, self._heads, strict=True)
        return sum(_layer_distance(image, other, head) for image, other, head in layers)

    def _features(self, pixels: Pixels) -> Iterator[Tensor]:
        """One layer at a time, so that a layer that has been compared can be freed."""
        image = network_input(pixels, self._device, smallest_side=self._smallest_side)
        features = (image * 2.0 - 1.0 - self._shift) / self._scale
        for stage in self._stages:
            features = stage(features)
            yield features


def _layer_distance(image: Tensor, reference: Tensor, head: Tensor) -> float:
    """Mean over all pixels of the weighted squared difference of unit-length features."""
    check_same_size(image, reference)
    _, channels, height, width = image.shape
    rows = max(1, _STRIP // (channels * width))
    total = 0.0
    for strip, other in zip(image.split(rows, dim=2), reference.split(rows, dim=2), strict=True):
        difference = _unit_length(strip).sub_(_unit_length(other)).square_()
        total += functional.conv2d(difference, head).sum(dtype=torch.float64).item()
    return total / (height * width)


def _unit_length(features: Tensor) -> Tensor:
    return features / (features.square().sum(dim=1, keepdim=True).sqrt() + _EPSILON)


def package_heads(backbone: Backbone, version: Literal["0.0", "0.1"]) -> list[Tensor]:
    """The package's weights of each layer's channels, 1 x channels x 1 x 1.

    They are read from its file: importing it also imports torch's compiler, which takes two seconds.
    Raises Unavailable when the package is missing.
    """
    package = find_spec("lpips")
    if package is None or package.origin is None:
        raise Unavailable(
            "LPIPS needs the package lpips; install the extra `metrics` "
            "(pip install 'sr-replications[metrics]')."
        )
    file = Path(package.origin).parent / "weights" / f"v{version}" / f"{backbone}.pth"
    weights = torch.load(file, map_location="cpu", weights_only=True)
    return [weights[f"lin{layer}.model.1.weight"] for layer in range(len(_VGG16))]


def _stages(backbone: Backbone, weights: Mapping[str, Tensor]) -> list[nn.Sequential]:
    """The network in five parts, each up to the rectifier whose output is compared. weights: by the names of
    torchvision's `features`, which the layers have, too.
    """
    with torch.device("meta"):
        layers, ends = _alexnet() if backbone == "alex" else _vgg16()
    stages = [layers[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
    for stage in stages:
        stage.load_state_dict({key: weights[f"features.{key}"] for key in stage.state_dict()}, assign=True)
        rectify_in_place(stage)
    return [stage.requires_grad_(False).eval() for stage in stages]


def _alexnet() -> tuple[nn.Sequential, list[int]]:
    """AlexNet's features, as torchvision has them, and where the parts end."""
    layers: list[nn.Module] = []
    ends: list[int] = []
    inputs = 3
    for outputs, kernel, stride, padding in _ALEXNET:
        if len(ends) in (1, 2):
            layers.append(nn.MaxPool2d(3, 2))
        layers += [nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.ReLU()]
        ends.append(len(layers))
        inputs = outputs
    return nn.Sequential(*layers), ends


def _vgg16() -> tuple[nn.Sequential, list[int]]:
    """VGG16's features and where the parts end."""
    network = VGGFeatures("vgg16", _VGG16, before_activation=False)
    return network.features, [position + 1 for position in network.wanted]


def _build(conventions: Conventions, assets: Assets) -> FullReference:
    return Cropped(LPIPS(conventions.lpips.backbone, assets), conventions.lpips.border)


METRIC = Metric(
    name="LPIPS",
    better="lower",
    kind="full reference",
    build=_build,
    assets=lambda conventions: (_ASSETS[conventions.lpips.backbone],),
    megabytes=lambda conventions: _MEGABYTES[conventions.lpips.backbone],
)
