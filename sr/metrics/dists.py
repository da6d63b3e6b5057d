"""DISTS: deep image structure and texture similarity (Ding, Ma, Wang, Simoncelli, TPAMI 2020).

d(x, y) = 1 - sum over layers i and channels j of alpha_ij l(x_ij, y_ij) + beta_ij s(x_ij, y_ij), with
texture l = (2 mx my + c) / (mx^2 + my^2 + c) and structure s = (2 cov(x, y) + c) / (var x + var y + c),
global over a channel. The layers are the image itself and five ReLU outputs of VGG16, whose max pooling is
replaced by L2 pooling: the root of a Hann-weighted 3 x 3 mean of squares, taken at every other pixel.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sr.data.assets import Assets
from sr.data.packaged_weights import load_backbone
from sr.device import exact_float32, scoring_device
from sr.images import Pixels
from sr.metrics.deep_features import asset_path, check_same_size, network_input, rectify_in_place
from sr.metrics.metric import Cropped, Metric
from sr.networks.vgg import VGGFeatures

_LAYERS = ("conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3")
_CHANNELS = (3, 64, 128, 256, 512, 512)
# c of both similarities, and what keeps the pooling's square root differentiable, as the authors chose them.
_SIMILARITY_FLOOR = 1e-6
_POOLING_FLOOR = 1e-12
# All axes but the channels'.
_PLACES = (0, 2, 3)
# Values summed up at a time. On a CPU they should stay in the cache; a GPU wants few, large sums.
_STRIP_ON_CPU = 2**18
_STRIP_ON_GPU = 2**24


class Layer(NamedTuple):
    """Features, 1 x channels x height x width, with mean and variance of every channel (float64)."""

    features: Tensor
    mean: Tensor
    variance: Tensor


class DISTS:
    """Distance of whole RGB images in [0, 1]; 0 for equal images, lower is better.

    The convention of LDL's released script: no resize to 256 pixels (which DISTS' own demonstration and
    piq apply) and no border cut here, a protocol may cut before. ImageNet's mean and deviation are taken
    off before VGG16; the image layer stays as it is.

    Memory at 2040 x 1356 pixels: the HR features take 1.4 GB, and the process peaks at 4.5 GB
    (`python -m benchmarks.bench_deep_metrics`).

    Raises Unavailable when VGG16's weights or the authors' alpha and beta (asset `dists`, weights.pt)
    are missing.
    """

    def __init__(self, assets: Assets) -> None:
        asset_path(assets, "vgg16")
        self._device = scoring_device()
        weights = torch.load(asset_path(assets, "dists"), map_location=self._device, weights_only=True)
        self._network = VGGFeatures("vgg16", _LAYERS, before_activation=False)
        self._network.load(load_backbone(assets, "vgg16")).to(self._device)
        rectify_in_place(self._network)
        total = weights["alpha"].double().sum() + weights["beta"].double().sum()
        self._alpha = (weights["alpha"].double().flatten() / total).split(_CHANNELS)
        self._beta = (weights["beta"].double().flatten() / total).split(_CHANNELS)

    @torch.inference_mode()
    @exact_float32()
    def reference(self, hr: Pixels) -> list[Layer]:
        """Six layers of an HR image with their means and variances, on the GPU where there is one."""
        return [_with_moments(features) for features in self._features(hr)]

    @torch.inference_mode()
    @exact_float32()
    def score(self, sr: Pixels, reference: list[Layer]) -> float:
        """DISTS between an image and the HR image that `reference` was made from.

        Raises InputError when they differ in size.
        """
        similarity = 0.0
        layers = zip(self._features(sr), reference, self._alpha, self._beta, strict=True)
        for features, other, alpha, beta in layers:
            check_same_size(features, other.features)
            layer = _with_moments(features)
            texture = _similarity(layer.mean * other.mean, layer.mean.square() + other.mean.square())
            structure = _similarity(_covariance(layer, other), layer.variance + other.variance)
            similarity += (alpha * texture + beta * structure).sum().item()
        return 1.0 - similarity

    def _features(self, pixels: Pixels) -> Iterator[Tensor]:
        """One layer at a time, so that a layer that has been compared can be freed."""
        image = network_input(pixels, self._device, smallest_side=1)
        yield image
        features = (image - self._network.mean) / self._network.standard_deviation
        for position, layer in enumerate(self._network.features):
            features = l2_pool(features) if isinstance(layer, nn.MaxPool2d) else layer(features)
            if position in self._network.wanted:
                yield features


def l2_pool(features: Tensor) -> Tensor:
    """Square root of the Hann-weighted 3 x 3 mean of squares at every other pixel (DISTS, eq. 1).

    N x C x H x W to N x C x ceil(H/2) x ceil(W/2); zeros beyond the border.
    """
    window = torch.tensor([0.25, 0.5, 0.25], dtype=features.dtype, device=features.device)
    channels = features.shape[1]
    kernel = torch.outer(window, window).expand(channels, 1, 3, 3)
    squares = functional.conv2d(features.square(), kernel, stride=2, padding=1, groups=channels)
    return squares.add_(_POOLING_FLOOR).sqrt_()


def _similarity(product: Tensor, squares: Tensor) -> Tensor:
    return (2.0 * product + _SIMILARITY_FLOOR) / (squares + _SIMILARITY_FLOOR)


def _with_moments(features: Tensor) -> Layer:
    """Sums of float64, in which a mean of squares less a square of means loses nothing that counts."""
    total = features.new_zeros(features.shape[1], dtype=torch.float64)
    squares = torch.zeros_like(total)
    for (strip,) in _strips(features):
        total += strip.sum(dim=_PLACES)
        squares += strip.square().sum(dim=_PLACES)
    mean = total / features[0, 0].numel()
    return Layer(features, mean, squares / features[0, 0].numel() - mean.square())


def _covariance(layer: Layer, other: Layer) -> Tensor:
    """Covariance of equal channels: mean of products minus product of means."""
    products = torch.zeros_like(layer.mean)
    for one, two in _strips(layer.features, other.features):
        products += one.mul(two).sum(dim=_PLACES)
    return products / layer.features[0, 0].numel() - layer.mean * other.mean


def _strips(*features: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Some rows of equally large features at a time, in float64: no float64 copy of a layer is ever there."""
    _, channels, _, width = features[0].shape
    values = _STRIP_ON_CPU if features[0].device.type == "cpu" else _STRIP_ON_GPU
    rows = max(1, values // (channels * width))
    for strips in zip(*(one.split(rows, dim=2) for one in features), strict=True):
        yield tuple(strip.double() for strip in strips)


METRIC = Metric(
    name="DISTS",
    better="lower",
    kind="full reference",
    build=lambda conventions, assets: Cropped(DISTS(assets), conventions.dists.border),
    assets=lambda _conventions: ("vgg16", "dists"),
    megabytes=lambda _conventions: 1350,  # the peak above, less the process' own 750 MB
)
