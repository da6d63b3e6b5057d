"""What a call costs in a process of its own: for files that were made to be expensive."""

import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sr.errors import InputError

LARGEST_MB, LONGEST_SECONDS = 2000, 10


@dataclass(frozen=True)
class Cost:
    """said: the refusal, or what else came. megabytes: growth of the peak."""

    said: str
    megabytes: float
    seconds: float


def cost(call: Callable[..., Any], *arguments: Any) -> Cost:
    """Call in a forked process, and see what it says and takes."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(sender, call, arguments))
    process.start()
    sender.close()
    try:
        found: Cost = receiver.recv()
    except EOFError:
        found = Cost("the process ended", 0.0, 0.0)
    process.join()
    return found


def _measured(sender: Any, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    # A limit far above what is allowed, so that a failure does not take the machine with it.
    resource.setrlimit(resource.RLIMIT_AS, (24 << 30, 24 << 30))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        call(*arguments)
        said = "nothing"
    except InputError as error:
        said = str(error)
    except BaseException as error:
        said = f"{type(error).__name__}: {error}"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    sender.send(Cost(said, grown, time.monotonic() - began))
