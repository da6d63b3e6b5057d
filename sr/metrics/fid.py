"""FID: Fréchet distance between Gaussians fitted to Inception features (Heusel et al., NeurIPS 2017, eq. 6).

d = |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)).

Every covariance is handled as a factor F with C = F F^T. The trace of (C1 C2)^(1/2) is then the sum of the
singular values of F1^T F2: real, never negative, and exact for singular covariances. Those are the rule here:
n images span n - 1 of 2048 dimensions, so FID of a small benchmark says little, and code that takes a matrix
square root of C1 C2 may add a small multiple of the identity and print another number.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn
from torch.nn import functional

from sr.data.assets import Assets
from sr.device import exact_float32, scoring_device
from sr.errors import InputError, Unavailable
from sr.images import crop_to_multiple, read_image
from sr.metrics.deep_features import asset_path, network_input
from sr.metrics.metric import Metric

Array = NDArray[np.float64]

_SCALE = 4
_INCEPTION_SIDE = 299
_INCEPTION_CLASSES = 1008


class Gaussian(NamedTuple):
    """Mean (d) and a factor (d x r) of the covariance: covariance = factor factor^T."""

    mean: Array
    factor: Array


class FID:
    """Distance between two sets of images; 0 for equal sets, lower is better.

    Whole images (originals as far as a network could have made them, multiples of 4 pixels), as in LDL's
    released script; each is resized to 299 x 299 with torch's bilinear
    interpolation (no antialias), which is the convention of pytorch-fid and BasicSR for these weights.
    Features: the final average pooling (2048) of the Inception network that TensorFlow released on
    2015-12-05, in its port to PyTorch.

    Raises Unavailable when the weights (asset `inception`; no package index carries them, so the official
    file or a mirror is the only source) or the package piq are missing.
    """

    def __init__(self, assets: Assets) -> None:
        weights = torch.load(asset_path(assets, "inception"), map_location="cpu", weights_only=True)
        self._device = scoring_device()
        self._network = _inception(weights).to(self._device)

    @torch.inference_mode()
    @exact_float32()
    def features(self, image: Path) -> list[float]:
        """The 2048 features of an image file. Raises InputError when it can not be read."""
        found: list[float] = self._network(_resized(image, self._device))[0].double().tolist()
        return found

    def score(self, sr: Sequence[Sequence[float]], hr: Sequence[Sequence[float]]) -> float:
        """FID between the features of two sets of images. Raises InputError for fewer than two images."""
        return _distance(_fit(np.array(sr)), _fit(np.array(hr)))


def frechet_distance(mu1: ArrayLike, cov1: ArrayLike, mu2: ArrayLike, cov2: ArrayLike) -> float:
    """Squared Fréchet distance between N(mu1, cov1) and N(mu2, cov2) (Dowson and Landau 1982).

    Means of length d, covariances d x d, symmetric and positive semi-definite, singular ones included.
    """
    first = Gaussian(np.asarray(mu1, dtype=np.float64), _factor(np.asarray(cov1, dtype=np.float64)))
    second = Gaussian(np.asarray(mu2, dtype=np.float64), _factor(np.asarray(cov2, dtype=np.float64)))
    return _distance(first, second)


def _distance(first: Gaussian, second: Gaussian) -> float:
    means = float(np.square(first.mean - second.mean).sum())
    traces = float(np.square(first.factor).sum() + np.square(second.factor).sum())
    cross = np.linalg.svd(first.factor.T @ second.factor, compute_uv=False).sum()
    # Rounding can take the difference of nearly equal sets just below zero.
    return means + max(0.0, traces - 2.0 * float(cross))


def _fit(features: Array) -> Gaussian:
    """Mean and unbiased covariance of samples, n x d; their centred rows are already a factor of it."""
    count = len(features)
    if count < 2:
        raise InputError(f"FID compares sets of images and needs at least two in each, not {count}.")
    mean = features.mean(axis=0)
    return Gaussian(mean, (features - mean).T / np.sqrt(count - 1))


def _factor(covariance: Array) -> Array:
    """Eigenvectors scaled by the root of their eigenvalues, those that are zero up to rounding left out."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > values.max(initial=0.0) * len(values) * np.finfo(np.float64).eps
    return vectors[:, kept] * np.sqrt(values[kept])


def _resized(path: Path, device: torch.device) -> torch.Tensor:
    """1 x 3 x 299 x 299 in [-1, 1], of what of the image a network could have made: multiples of 4 pixels."""
    image = network_input(crop_to_multiple(read_image(path), _SCALE), device, smallest_side=1)
    side = (_INCEPTION_SIDE, _INCEPTION_SIDE)
    return functional.interpolate(image, size=side, mode="bilinear", align_corners=False) * 2.0 - 1.0


def _inception(weights: dict[str, torch.Tensor]) -> nn.Module:
    """torchvision's Inception v3 with piq's blocks, which pool as TensorFlow's released network does."""
    try:
        from piq.feature_extractors import fid_inception as blocks
    except ImportError:
        raise Unavailable(
            "FID needs the package piq; install the extra `metrics` (pip install 'sr-replications[metrics]')."
        ) from None
    from torchvision.models import inception

    network = inception.Inception3(
        num_classes=_INCEPTION_CLASSES,
        aux_logits=False,
        inception_blocks=[
            inception.BasicConv2d,
            blocks.FIDInceptionA,
            inception.InceptionB,
            blocks.FIDInceptionC,
            inception.InceptionD,
            blocks.FIDInceptionE1,
            inception.InceptionAux,
        ],
        init_weights=False,
    )
    network.Mixed_7c = blocks.FIDInceptionE2(2048)
    network.load_state_dict(weights)
    network.fc = nn.Identity()
    return network.eval().requires_grad_(False)


METRIC = Metric(
    name="FID",
    better="lower",
    kind="of sets",
    build=lambda _conventions, assets: FID(assets),
    assets=lambda _conventions: ("inception",),
)
