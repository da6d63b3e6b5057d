"""Progress of long work with an ETA: a bar on a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_SECONDS_BETWEEN_LINES = 10.0


class Reporter(Protocol):
    """What long work tells while it runs."""

    def __call__(self, done: int, note: str = "") -> None:
        """`done` of the total are finished; `note` is shown behind the bar."""
        ...


@contextmanager
def progress(title: str, total: int, begin: int = 0) -> Iterator[Reporter]:
    """Report progress of `total` units on stderr, starting at `begin` (for resumed work)."""
    if sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(title, total=total, completed=begin, note="")
            yield lambda done, note="": bar.update(task, completed=done, note=note)
    else:
        yield _lines(title, total, begin)


def _lines(title: str, total: int, begin: int) -> Reporter:
    started = last = time.monotonic()

    def report(done: int, note: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _SECONDS_BETWEEN_LINES and done < total:
            return
        last = now
        rate = (done - begin) / max(now - started, 1e-9)
        remaining = (total - done) / rate if rate else 0.0
        message = f"{title}: {done}/{total}, {rate:.1f}/s, ETA {_clock(remaining)}"
        print(f"{message}, {note}" if note else message, file=sys.stderr, flush=True)

    return report


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}"
