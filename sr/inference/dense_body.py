"""The body of an RRDB network at LR size, in place and without concatenating (ESRGAN, Fig. 4)."""

from collections.abc import Callable
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
    first = network.conv_first(lr)[0]
    channels, height, width = first.shape
    blocks = cast("list[ResidualInResidual]", list(network.body))
    growth = blocks[0].rdb1.conv1.out_channels
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


def _dense_block(winograd: Winograd, block: DenseBlock, features: Planes, grown: Planes) -> None:
    """features += scaling * conv5(...), with conv1..4 between (ESRGAN, Fig. 4)."""
    winograd.put(features)
    known = len(features.pixels)
    for convolution in (block.conv1, block.conv2, block.conv3, block.conv4):
        winograd.convolve(convolution, grown, slope=0.2)
        winograd.put(grown, known)
        known += len(grown.pixels)
    winograd.convolve_and_add(block.conv5, features, block.scaling)
