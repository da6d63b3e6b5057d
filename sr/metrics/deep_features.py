"""What the metrics on network features share: their weights and their input."""

from pathlib import Path

import torch
from torch import Tensor, nn

from sr.data.adding import require_stated
from sr.data.assets import Assets
from sr.errors import InputError, Unavailable
from sr.images import Pixels, to_tensor


def asset_path(assets: Assets, name: str) -> Path:
    """Where the asset lies. Raises Unavailable, with the reason, when it can not be had.

    Raises InputError when the file there is another one than the catalogue's.
    """
    path = assets.find(name)
    if path is None:
        raise Unavailable(assets.reason(name))
    require_stated(name, path)
    return path


def network_input(pixels: Pixels, device: torch.device, *, smallest_side: int) -> Tensor:
    """uint8 image (grey or RGB) to float32 1 x 3 x height x width in [0, 1] on a device.

    Raises InputError when a side is shorter than `smallest_side`, the least the network can take.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < smallest_side:
        raise InputError(
            f"An image of {height} x {width} pixels is too small for this metric; "
            f"both sides need at least {smallest_side}."
        )
    image = to_tensor(pixels)[None].to(device)
    # A CPU's convolutions are quicker with the channels last, by a quarter in VGG's first layers.
    return image.contiguous(memory_format=torch.channels_last) if device.type == "cpu" else image


def rectify_in_place(network: nn.Module) -> None:
    """Let every ReLU write over what it gets, a convolution's output that no metric looks at."""
    for layer in network.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = True


def check_same_size(image: Tensor, reference: Tensor) -> None:
    """Raise InputError unless both features (or images) have the same height and width."""
    if image.shape[-2:] != reference.shape[-2:]:
        raise InputError(
            f"Image and reference differ in size ({_size(image)} and {_size(reference)} at one layer of the "
            "network); crop both to the same size."
        )


def _size(image: Tensor) -> str:
    return " x ".join(str(side) for side in image.shape[-2:])
