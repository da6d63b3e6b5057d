"""LPIPS v0.1: learned perceptual image patch similarity (Zhang et al., CVPR 2018, eq. 1).

d(x, y) = sum over layers l of the mean over pixels of sum over channels c of w_lc (fx_lc - fy_lc)^2,
where fx, fy are the ReLU outputs of the backbone, scaled to unit length over the channels at every pixel.
"""

import warnings
from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn

from sr.data.assets import Assets
from sr.data.packaged_weights import load_backbone
from sr.device import scoring_device
from sr.errors import Unavailable
from sr.images import Pixels
from sr.metrics.deep_features import asset_path, check_same_size, network_input
from sr.metrics.metric import Conventions, Cropped, FullReference, Metric

Backbone = Literal["alex", "vgg"]

_ASSETS: dict[Backbone, Literal["alexnet", "vgg16"]] = {"alex": "alexnet", "vgg": "vgg16"}
# At the peak for a megapixel, from the process' peaks below.
_MEGABYTES: dict[Backbone, int] = {"alex": 310, "vgg": 1350}
# Below these sides the pooling layers have nothing left to pool.
_SMALLEST_SIDE = {"alex": 31, "vgg": 16}
# Distances are taken over strips of about this many feature values (16 MB), so that the
# temporaries stay small beside the features themselves.
_STRIP = 2**22


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
        network = _package_network(backbone)
        weights = load_backbone(assets, name)
        for stage in network.net.children():
            stage.load_state_dict({key: weights[f"features.{key}"] for key in stage.state_dict()})
        self._device = scoring_device()
        network.to(self._device)
        self._scaling = network.scaling_layer
        self._stages = list(network.net.children())
        self._heads = list(network.lins)
        self._smallest_side = _SMALLEST_SIDE[backbone]

    @torch.inference_mode()
    def reference(self, hr: Pixels) -> list[Tensor]:
        """The backbone's ReLU outputs for an HR image: five layers, each 1 x channels x height x width."""
        return list(self._features(hr))

    @torch.inference_mode()
    def score(self, sr: Pixels, reference: list[Tensor]) -> float:
        """LPIPS between an image and the HR image that `reference` was made from.

        Raises InputError when they differ in size.
        """
        layers = zip(self._features(sr), reference, self._heads, strict=True)
        return sum(_layer_distance(image, other, head) for image, other, head in layers)

    def _features(self, pixels: Pixels) -> Iterator[Tensor]:
        """One layer at a time, so that a layer that has been compared can be freed."""
        image = network_input(pixels, self._device, smallest_side=self._smallest_side)
        features = self._scaling(image * 2.0 - 1.0)
        for stage in self._stages:
            features = stage(features)
            yield features


def _layer_distance(image: Tensor, reference: Tensor, head: nn.Module) -> float:
    """Mean over all pixels of the weighted squared difference of unit-length features."""
    from lpips import normalize_tensor

    check_same_size(image, reference)
    _, channels, height, width = image.shape
    rows = max(1, _STRIP // (channels * width))
    total = 0.0
    for strip, other in zip(image.split(rows, dim=2), reference.split(rows, dim=2), strict=True):
        difference = normalize_tensor(strip).sub_(normalize_tensor(other)).square_()
        total += head(difference).sum(dtype=torch.float64).item()
    return total / (height * width)


def _package_network(backbone: Backbone) -> Any:
    """The package's network with its own linear heads and a backbone still without trained weights."""
    try:
        import lpips
    except ImportError:
        raise Unavailable(
            "LPIPS needs the package lpips; install the extra `metrics` "
            "(pip install 'sr-replications[metrics]')."
        ) from None
    with warnings.catch_warnings():
        # lpips still calls torchvision by its old argument names.
        warnings.filterwarnings("ignore", category=UserWarning, module="torchvision.models")
        network = lpips.LPIPS(net=backbone, version="0.1", pnet_rand=True, verbose=False)
    return network.eval().requires_grad_(False)


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
