"""Pretrained weights that losses are built with, by the names of their assets."""

import hashlib
from collections.abc import Mapping
from typing import get_args

from torch import Tensor

from sr.data.assets import Assets
from sr.data.packaged_weights import Backbone, load_backbone
from sr.weights.weight_files import read_tensors


def load_pretrained(assets: Assets, name: str) -> dict[str, Tensor]:
    """The tensors of an asset: of an ImageNet backbone under torchvision's names, of any other under its own.

    Raises InputError when the asset is missing (saying how to get it) or is no file of weights.
    """
    for backbone in get_args(Backbone):
        if name == backbone:
            return load_backbone(assets, backbone)
    return read_tensors(assets.require(name))


def tensors_hash(tensors: Mapping[str, Tensor]) -> str:
    """Short hash of names, types and values: the same for the same weights in another kind of file."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        digest.update(values.numpy().tobytes())
    return digest.hexdigest()[:16]
