"""RRDB-23 on a CPU: `sr.inference.forward` against a plain eager forward, in time and in memory.

Times are taken in turns in one process, once under the default allocator and once with memory kept (a
process each, for the setting can not be taken back); each is the least of several. Other work on the
machine disturbs them all the same: every convolution waits for the slowest thread. `first` is the first
image a process sees, so start-up counts. Memory is the whole process's peak for an image of 960x540, as
`sr upscale` makes it: 2.5 GB are meant to suffice. Weights are random, of a size at which every layer
matters to the result.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.report import print_table
from sr.allocator import keep_memory
from sr.inference.forward import forward
from sr.inference.upscale import upscale
from sr.networks.rrdb import RRDBSettings

SIDES, REPETITIONS = (16, 64, 256), {16: 20, 64: 8, 256: 3}
HEIGHT, WIDTH = 540, 960


@dataclass(frozen=True)
class Times:
    """Seconds of both for a square image of `side`, of the very first image, and how the results differ."""

    side: int
    plain: float
    ours: float
    first_plain: float
    first_ours: float
    difference: float


def main() -> None:
    """Print times under both settings of the allocator, then memory."""
    for setting, keep in (("default allocator", False), ("memory kept", True)):
        title = f"RRDB-23, {torch.get_num_threads()} threads, {setting}: seconds an image"
        columns = ("side", "plain", "ours", "ratio", "first: plain", "ours", "largest difference")
        print_table(title, columns, [_row(_in_child(_times, side, keep)) for side in SIDES])
    peaks = [("plain", *_in_child(_plain_memory)), ("ours", *_in_child(_our_memory))]
    rows = [[name, f"{peak:.2f}", f"{seconds:.0f}"] for name, peak, seconds in peaks]
    print_table(f"RRDB-23, {WIDTH}x{HEIGHT} to 4K: peak memory", ("", "GB", "seconds"), rows)


def _row(times: Times) -> list[str]:
    seconds = [f"{value:.3f}" for value in (times.plain, times.ours)]
    first = [f"{value:.3f}" for value in (times.first_plain, times.first_ours)]
    ratio = f"{times.plain / times.ours:.2f}"
    return [f"{times.side}", *seconds, ratio, *first, f"{times.difference:.1e}"]


def _times(side: int, keep: bool) -> Times:
    if keep and not keep_memory():
        raise SystemExit("this C library can not keep memory; the second table is left out")
    network, image = _network(), torch.rand(1, 3, side, side)
    plain, ours = _plain(network), lambda: forward(network, image)
    # The later one finds the processor's caches and libraries warm, so ours goes first.
    first_ours, first_plain = _seconds(ours), _seconds(lambda: plain(image))
    pairs = [(_seconds(lambda: plain(image)), _seconds(ours)) for _ in range(REPETITIONS[side])]
    difference = float((plain(image) - ours()).abs().max())
    fastest = [min(column) for column in zip(*pairs, strict=True)]
    return Times(side, *fastest, first_plain, first_ours, difference)


def _plain_memory() -> tuple[float, float]:
    network, image = _network(), torch.rand(1, 3, HEIGHT, WIDTH)
    seconds = _seconds(lambda: _plain(network)(image))
    return _peak(), seconds


def _our_memory() -> tuple[float, float]:
    keep_memory()
    network, image = _network(), np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    seconds = _seconds(lambda: upscale(image, network))
    return _peak(), seconds


def _network() -> nn.Module:
    torch.manual_seed(0)
    settings = RRDBSettings(
        network="rrdb", blocks=23, channels=64, growth=32, residual_scaling=0.2, initialisation_scale=1.0
    )
    return settings.build().eval()


def _plain(network: nn.Module) -> Callable[[Tensor], Tensor]:
    return torch.inference_mode()(network)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _peak() -> float:
    """The process's largest resident memory so far, in GB; Linux counts in KiB, macOS in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def _in_child(work: Callable[..., object], *arguments: object) -> object:
    """What `work` returns in a fresh process."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(sender, work, arguments))
    child.start()
    sender.close()
    try:
        return receiver.recv()
    finally:
        child.join()


def _send(sender: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    sender.send(work(*arguments))


if __name__ == "__main__":
    main()
