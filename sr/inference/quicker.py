"""Which way through RRDB's body is quicker on this machine: measured, for it depends on the processor.

oneDNN's direct convolutions reach most of what AVX-512 can do, and with AVX2 Winograd's win. One dense block
is timed both ways, once a process for each thread count and shape of network; nothing is kept on disk, where
an answer found on a busy day would stay.
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

# Side of the square that is timed, and least side of the images that it is timed for, where that takes a
# few hundredths of the first one. The answer is nearly the same at larger sizes.
_SIDE, _SMALLEST = 64, 128
_ROUNDS = 3

# Winograd's has to be so much quicker, for a measurement errs.
_MARGIN = 0.97


def quicker(network: RRDB, lr: Tensor, block_done: Callable[[], None]) -> Tensor:
    """network.deep_features(lr) of one float32 image on a CPU, the quicker way; without gradients."""
    height, width = lr.shape[2:]
    large = height * width >= _SMALLEST**2
    wins = large and transforming_wins(*widths(network), torch.get_num_threads())
    return (transformed if wins else direct)(network, lr, block_done)


@cache
def transforming_wins(channels: int, growth: int, threads: int) -> bool:
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
    plain, ours = _seconds(_directly(block, channels, growth), _transformed(block, channels, growth))
    return ours < _MARGIN * plain


def _directly(block: DenseBlock, channels: int, growth: int) -> Callable[[], object]:
    features = torch.zeros(1, channels, _SIDE, _SIDE)
    buffer = torch.zeros(1, channels + 4 * growth, _SIDE, _SIDE)
    return lambda: dense_directly(block, features, buffer)


def _transformed(block: DenseBlock, channels: int, growth: int) -> Callable[[], object]:
    features, grown = Planes(channels, _SIDE, _SIDE), Planes(growth, _SIDE, _SIDE)

    def work() -> None:
        with Winograd(channels + 4 * growth, _SIDE, _SIDE) as winograd:
            dense_transformed(winograd, block, features, grown)

    return work


def _seconds(*ways: Callable[[], object]) -> list[float]:
    """For each way the least of several rounds in turns, after one that warms up."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(1 + _ROUNDS):
        for way, mine in zip(ways, times, strict=True):
            begin = time.perf_counter()
            way()
            mine.append(time.perf_counter() - begin)
    return [min(mine[1:]) for mine in times]
