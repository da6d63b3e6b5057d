"""The body of an RRDB network at LR size, in place and without concatenating (ESRGAN, Fig. 4)."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeGuard, cast

import torch
from torch import Tensor

from sr.inference.winograd import Planes, Winograd
from sr.networks.rrdb import RRDB, DenseBlock, ResidualInResidual

# Below that many LR pixels the transforms cost more than they save.
_SMALL = 32 * 32


def is_fast_here(network: object, lr: Tensor) -> TypeGuard[RRDB]:
    """Whether `dense_features` applies and pays off: a large float32 image on a CPU."""
    return (
        isinstance(network, RRDB)
        and lr.device.type == "cpu"
        and lr.dtype == torch.float32
        and len(lr) == 1
        and lr.shape[2] * lr.shape[3] >= _SMALL
    )


def dense_features(network: RRDB, lr: Tensor, block_done: Callable[[], None]) -> Tensor:
    """network.deep_features(lr) of one float32 image on a CPU; without gradients.

    A dense block's growing concatenation exists only once, transformed; every convolution adds to it
    what is new. `block_done` is called after each of the network's residual blocks.
    """
    blocks = cast("list[ResidualInResidual]", list(network.body))
    channels, growth = network.conv_first.out_channels, blocks[0].rdb1.conv1.out_channels
    height, width = lr.shape[2:]
    refuse_unless_it_fits(height, width, channels, growth)
    first = network.conv_first(lr)[0]
    features, grown = Planes(channels, height, width), Planes(growth, height, width)
    features.pixels.copy_(first)
    with Winograd(channels + 4 * growth, height, width) as winograd:
        skip = torch.empty_like(first)
        for block in blocks:
            skip.copy_(features.pixels)
            for dense in (block.rdb1, block.rdb2, block.rdb3):
                _dense_block(winograd, dense, features, grown)
            features.pixels.mul_(block.scaling).add_(skip)
            block_done()
        winograd.put(features)
        features.pixels.copy_(first)
        winograd.convolve_and_add(network.conv_body, features, 1.0)
    return features.pixels[None]


def refuse_unless_it_fits(height: int, width: int, channels: int, growth: int) -> None:
    """Raise MemoryError before the system runs out of memory and kills a process of its choice.

    Transformed, 16 pixels of the concatenation are 36 values; besides there are three sets of features
    and the new ones.
    """
    needed = 4.0 * height * width * ((channels + 4 * growth) * 36 / 16 + 3 * channels + growth)
    free = available_memory()
    if free is not None and needed > free:
        raise MemoryError(
            f"{width}x{height} needs {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} are free"
        )


def available_memory() -> int | None:
    """Bytes that new work can have without swapping, where the system tells (Linux)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)


def _dense_block(winograd: Winograd, block: DenseBlock, features: Planes, grown: Planes) -> None:
    """features += scaling * conv5(...), with conv1..4 between (ESRGAN, Fig. 4)."""
    winograd.put(features)
    known = len(features.pixels)
    for convolution in (block.conv1, block.conv2, block.conv3, block.conv4):
        winograd.convolve(convolution, grown, slope=0.2)
        winograd.put(grown, known)
        known += len(grown.pixels)
    winograd.convolve_and_add(block.conv5, features, block.scaling)
