"""Coarse parallel work: whole strips or images on each thread, not torch's threads inside each operation.

Torch's own threads wait for each other after every operation. Metrics are many short operations, and on
a busy machine each wait costs more than the work.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def workers(most: int | None = None) -> Iterator[Callable[..., Iterator[Any]]]:
    """A `map` that spreads its calls over as many threads as torch has, each of them serial inside.

    most: calls at a time at most, where that is fewer.
    Results come in order. Inside such a thread it is the ordinary `map`.
    """
    threads = torch.get_num_threads()
    if threads == 1:
        yield map
        return
    pool = ThreadPoolExecutor(min(threads, most or threads), initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch works serially inside the block."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
