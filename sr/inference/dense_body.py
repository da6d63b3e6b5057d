"""The body of an RRDB network at LR size, in place and without concatenating (ESRGAN, Fig. 4).

Two ways of the same arithmetic: `direct` with torch's convolutions, bit for bit the plain forward's, and
`transformed` with Winograd's, which differ by rounding: with random weights of a size at which every layer
matters by at most 3e-6 of the largest value (tests/inference/test_dense_body.py asks for it). Which one is
quicker depends on the processor; see `sr.inference.quicker`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeGuard, cast

import torch
from torch import Tensor
from torch.nn import functional

from sr.inference.winograd import Planes, Winograd
from sr.networks.rrdb import RRDB, DenseBlock, ResidualInResidual

# network.deep_features(lr), told to call the last argument after each of the network's residual blocks.
Body = Callable[[RRDB, Tensor, Callable[[], None]], Tensor]

_SLOPE = 0.2


def applies(network: object, lr: Tensor) -> TypeGuard[RRDB]:
    """Whether these ways apply: to RRDB and one float32 image on a CPU."""
    return (
        isinstance(network, RRDB) and lr.device.type == "cpu" and lr.dtype == torch.float32 and len(lr) == 1
    )


def direct(network: RRDB, lr: Tensor, block_done: Callable[[], None]) -> Tensor:
    """By torch's convolutions. A dense block's growing concatenation is one buffer, used by all of them."""
    height, width = lr.shape[2:]
    channels, growth = widths(network)
    # The buffer, torch's own copy of it in another layout, and a few sets of features.
    refuse_unless_it_fits(height, width, 2 * (channels + 4 * growth) + 5 * channels)
    first = network.conv_first(lr)
    buffer = lr.new_empty(1, channels + 4 * growth, height, width)
    features = first
    for block in residual_blocks(network):
        skip = features
        for dense in (block.rdb1, block.rdb2, block.rdb3):
            features = dense_directly(dense, features, buffer)
        features = features.mul_(block.scaling).add_(skip)
        block_done()
    return network.conv_body(features).add_(first)


def dense_directly(block: DenseBlock, features: Tensor, buffer: Tensor) -> Tensor:
    """features + scaling * conv5(...), in memory of its own.

    buffer: 1 x (channels + 4 growth) x height x width.
    """
    known = features.shape[1]
    buffer[:, :known] = features
    for convolution in (block.conv1, block.conv2, block.conv3, block.conv4):
        new = functional.leaky_relu_(convolution(buffer[:, :known]), _SLOPE)
        buffer[:, known : known + new.shape[1]] = new
        known += new.shape[1]
    return cast("Tensor", block.conv5(buffer)).mul_(block.scaling).add_(features)


def transformed(network: RRDB, lr: Tensor, block_done: Callable[[], None]) -> Tensor:
    """By Winograd's convolutions. The growing concatenation exists only transformed, and each convolution
    adds to it what is new.
    """
    channels, growth = widths(network)
    height, width = lr.shape[2:]
    # Transformed, 16 pixels of the concatenation are 36 values; besides there are three sets of features
    # and the new ones.
    refuse_unless_it_fits(height, width, (channels + 4 * growth) * 36 / 16 + 3 * channels + growth)
    first = network.conv_first(lr)[0]
    features, grown = Planes(channels, height, width), Planes(growth, height, width)
    features.pixels.copy_(first)
    with Winograd(channels + 4 * growth, height, width) as winograd:
        skip = torch.empty_like(first)
        for block in residual_blocks(network):
            skip.copy_(features.pixels)
            for dense in (block.rdb1, block.rdb2, block.rdb3):
                dense_transformed(winograd, dense, features, grown)
            features.pixels.mul_(block.scaling).add_(skip)
            block_done()
        winograd.put(features)
        features.pixels.copy_(first)
        winograd.convolve_and_add(network.conv_body, features, 1.0)
    return features.pixels[None]


def dense_transformed(winograd: Winograd, block: DenseBlock, features: Planes, grown: Planes) -> None:
    """features += scaling * conv5(...), with conv1..4 between."""
    winograd.put(features)
    known = len(features.pixels)
    for convolution in (block.conv1, block.conv2, block.conv3, block.conv4):
        winograd.convolve(convolution, grown, slope=_SLOPE)
        winograd.put(grown, known)
        known += len(grown.pixels)
    winograd.convolve_and_add(block.conv5, features, block.scaling)


def widths(network: RRDB) -> tuple[int, int]:
    """Feature maps, and those that each convolution of a dense block adds."""
    return network.conv_first.out_channels, residual_blocks(network)[0].rdb1.conv1.out_channels


def residual_blocks(network: RRDB) -> list[ResidualInResidual]:
    """In their order."""
    return cast("list[ResidualInResidual]", list(network.body))


def refuse_unless_it_fits(height: int, width: int, values: float) -> None:
    """Raise MemoryError before the system runs out of memory and kills a process of its choice.

    values: float32 ones that every pixel needs.
    """
    needed = 4.0 * height * width * values
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
