"""Work on several threads at once, a little ahead of who takes the results, in their order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

_AHEAD = 4  # items for each thread that are worked on before their turn

Item = TypeVar("Item")
Made = TypeVar("Made")


def in_order(work: Callable[[Item], Made], items: Iterable[Item], threads: int) -> Iterator[Made]:
    """`map` on several threads, a few items ahead: decoding and arithmetic run outside Python's lock."""
    items = iter(items)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        waiting: deque[Future[Made]] = deque(
            pool.submit(work, item) for item in islice(items, _AHEAD * max(1, threads))
        )
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(work, item) for item in islice(items, 1))
        finally:
            pool.shutdown(cancel_futures=True)
