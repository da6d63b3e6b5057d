"""Which way through RRDB's body is quicker on this machine: measured, for it depends on the processor.

oneDNN's direct convolutions reach most of what AVX-512 can do, and with AVX2 Winograd's win. One dense block
is timed both ways, once a process for each thread count, shape of network and of two sizes, which costs a few
hundredths of the first image; nothing is kept on disk, where an answer found on a busy day would stay.
The images of both ways are alike but for rounding. Those that are scored are always made the direct way.
"""

import time
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from sr.inference.dense_body import (
    dense_directly,
    dense_transformed,
    direct,
    residual_blocks,
    transformed,
    widths,
)
from sr.inference.winograd import Planes, Winograd
from sr.networks.rrdb import RRDB, DenseBlock, RRDBSettings

# Sides of the squares that are timed, each for images that are at least as large. Below the smallest one
# the transforms cost more than they save, and measuring more than both.
_SIDES = (128, 64)
_ROUNDS = 3

# Winograd's has to be so much quicker, for a measurement errs.
_MARGIN = 0.97


def quicker(network: RRDB, lr: Tensor, block_done: Callable[[], None]) -> Tensor:
    """network.deep_features(lr) of one float32 image on a CPU, the quicker way; without gradients."""
    height, width = lr.shape[2:]
    side = next((side for side in _SIDES if height * width >= side**2), None)
    wins = side is not None and transforming_wins(*widths(network), side, torch.get_num_threads())
    return (transformed if wins else direct)(network, lr, block_done)


@cache
def transforming_wins(channels: int, growth: int, side: int, threads: int) -> bool:
    """Whether Winograd's convolutions take a dense block through a square image sooner than torch's do.

    threads: torch's, by which the answer is remembered. Raises ValueError for another number than there is.
    """
    if threads != torch.get_num_threads():
        raise ValueError(f"{threads} threads are asked for, and torch has {torch.get_num_threads()}.")
    settings = RRDBSettings(
        network="rrdb",
        blocks=1,
        channels=channels,
        growth=growth,
        residual_scaling=0.2,
        initialisation_scale=0.1,
    )
    with torch.random.fork_rng():
        block = residual_blocks(settings.build())[0].rdb1.requires_grad_(False)
    plain = _seconds(_directly(block, channels, growth, side))
    with Winograd(channels + 4 * growth, side, side) as winograd:
        features, grown = Planes(channels, side, side), Planes(growth, side, side)
        ours = _seconds(lambda: dense_transformed(winograd, block, features, grown))
    return ours < _MARGIN * plain


def _directly(block: DenseBlock, channels: int, growth: int, side: int) -> Callable[[], object]:
    features = torch.zeros(1, channels, side, side)
    buffer = torch.zeros(1, channels + 4 * growth, side, side)
    return lambda: dense_directly(block, features, buffer)


def _seconds(work: Callable[[], object]) -> float:
    """The least of several rounds after one that warms up."""
    work()
    times = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)
