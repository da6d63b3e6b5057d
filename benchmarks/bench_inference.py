"""RRDB-23 on a CPU: `sr.inference.forward` against a plain eager forward, in time and in memory.

Times are taken in turns in one process a size, with memory kept for both; each is the least of several,
but for the largest size, of which there is one. Other work on the machine disturbs them all the same: every
convolution waits for the slowest thread. Whichever way `sr.inference.quicker` chooses, ours is meant never
to take 3 % longer than plain; the worst ratio is printed. `first` is the only image of a process of its own,
so start-up counts. Memory is the whole process's peak for an image of 960x540, as `sr upscale` makes it:
2.5 GB are meant to suffice. Weights are random, of a size at which every layer matters to the result.
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

HEIGHT, WIDTH = 540, 960
# (height, width) -> rounds.
SIZES = {(32, 32): 20, (64, 64): 8, (128, 128): 4, (135, 240): 3, (270, 480): 2, (HEIGHT, WIDTH): 1}
FIRST = (64, 64)


@dataclass(frozen=True)
class Times:
    """Seconds of both for one image, and the largest difference between the results."""

    plain: float
    ours: float
    difference: float

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.plain / self.ours


def main() -> None:
    """Print times and the worst ratio, then memory."""
    found = {size: _in_child(_times, size) for size in SIZES}
    title = f"RRDB-23, {torch.get_num_threads()} threads: seconds an image"
    columns = ("width x height", "plain", "ours", "ratio", "largest difference")
    print_table(title, columns, [_row(size, times) for size, times in found.items()])
    worst = min(found, key=lambda size: found[size].ratio)
    print(f"the worst ratio is {found[worst].ratio:.2f}, at {worst[1]}x{worst[0]}")
    plain, ours = (_in_child(_first, ours) for ours in (False, True))
    print(f"first image, {FIRST[1]}x{FIRST[0]}: plain {plain:.3f} s, ours {ours:.3f} s")
    peaks = [("plain", *_in_child(_plain_memory)), ("ours", *_in_child(_our_memory))]
    rows = [[name, f"{peak:.2f}", f"{seconds:.0f}"] for name, peak, seconds in peaks]
    print_table(f"RRDB-23, {WIDTH}x{HEIGHT} to 4K: peak memory", ("", "GB", "seconds"), rows)


def _row(size: tuple[int, int], times: Times) -> list[str]:
    numbers = f"{times.plain:.3f}", f"{times.ours:.3f}", f"{times.ratio:.2f}", f"{times.difference:.1e}"
    return [f"{size[1]}x{size[0]}", *numbers]


def _times(size: tuple[int, int]) -> Times:
    ways = _methods(size)
    times: list[list[float]] = [[], []]
    for _ in range(SIZES[size]):
        results = []
        for way, mine in zip(ways, times, strict=True):
            begin = time.perf_counter()
            results.append(way())
            mine.append(time.perf_counter() - begin)
    return Times(min(times[0]), min(times[1]), float((results[0] - results[1]).abs().max()))


def _first(ours: bool) -> float:
    return _seconds(_methods(FIRST)[ours])


def _methods(size: tuple[int, int]) -> tuple[Callable[[], Tensor], Callable[[], Tensor]]:
    """The plain forward and ours, on one image."""
    keep_memory()
    network, image = _network(), torch.rand(1, 3, *size)
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
