"""RRDB-23 on a CPU: `sr.inference.forward` against a plain eager forward, in time and in memory.

Times are taken in turns in one process, once under the default allocator and once with memory kept (a
process each, for the setting can not be taken back); each is the least of several. Other work on the
machine disturbs them all the same: every convolution waits for the slowest thread. `first` is the only
image of a process of its own, so start-up counts. Memory is the whole process's peak for an image of
960x540, as `sr upscale` makes it: 2.5 GB are meant to suffice. Weights are random, of a size at which
every layer matters to the result.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.report import print_table
from sr.allocator import keep_memory
from sr.inference.forward import forward
from sr.inference.quicker import quicker
from sr.networks.rrdb import RRDBSettings
from sr.photos.upscale import upscale

SIDES, REPETITIONS = (16, 64, 256), {16: 20, 64: 8, 256: 3}
HEIGHT, WIDTH = 540, 960


@dataclass(frozen=True)
class Times:
    """Seconds of both for one image, and the largest difference between the results."""

    plain: float
    ours: float
    difference: float


def main() -> None:
    """Print times under both settings of the allocator, then memory."""
    for setting, keep in (("default allocator", False), ("memory kept", True)):
        title = f"RRDB-23, {torch.get_num_threads()} threads, {setting}: seconds an image"
        columns = ("side", "plain", "ours", "ratio", "first: plain", "ours", "largest difference")
        print_table(title, columns, [_row(side, keep) for side in SIDES])
    peaks = [("plain", *_in_child(_plain_memory)), ("ours", *_in_child(_our_memory))]
    rows = [[name, f"{peak:.2f}", f"{seconds:.0f}"] for name, peak, seconds in peaks]
    print_table(f"RRDB-23, {WIDTH}x{HEIGHT} to 4K: peak memory", ("", "GB", "seconds"), rows)


def _row(side: int, keep: bool) -> list[str]:
    times = _in_child(_times, side, keep)
    first = [f"{_in_child(_first, side, keep, ours):.3f}" for ours in (False, True)]
    ratio = f"{times.plain / times.ours:.2f}"
    return [f"{side}", f"{times.plain:.3f}", f"{times.ours:.3f}", ratio, *first, f"{times.difference:.1e}"]


def _times(side: int, keep: bool) -> Times:
    plain, ours = _methods(side, keep)
    difference = float((plain() - ours()).abs().max())
    pairs = [(_seconds(plain), _seconds(ours)) for _ in range(REPETITIONS[side])]
    return Times(min(pair[0] for pair in pairs), min(pair[1] for pair in pairs), difference)


def _first(side: int, keep: bool, ours: bool) -> float:
    return _seconds(_methods(side, keep)[ours])


def _methods(side: int, keep: bool) -> tuple[Callable[[], Tensor], Callable[[], Tensor]]:
    """The plain forward and ours, on one image."""
    if keep and not keep_memory():
        raise SystemExit("this C library can not be told to keep memory")
    network, image = _network(), torch.rand(1, 3, side, side)
    return lambda: _plain(network)(image), lambda: forward(network, image, dense_body=quicker)


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


def _in_child(work: Callable[..., object], *arguments: object) -> Any:
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
