"""Being asked to end, by a signal or by the time limit of a scheduler, while there is still time to save."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# When Slurm ends this job, in seconds since 1970.
_JOB_ENDS = "SLURM_JOB_END_TIME"
# Enough to finish what is at work, and to write a large checkpoint to a busy file system.
_SECONDS_BEFORE_THE_END = 120.0


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Yield what says whether this process is to end.

    That is after SIGTERM or Ctrl-C, and from two minutes before the time limit of its Slurm job. SIGTERM does
    nothing else then; a second Ctrl-C ends the process as ever.
    """
    asked = threading.Event()
    ends = float(os.environ.get(_JOB_ENDS, "inf")) - _SECONDS_BEFORE_THE_END
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def note(number: int, _frame: FrameType | None) -> None:
        asked.set()
        if number == signal.SIGINT:
            signal.signal(number, before[signal.SIGINT])

    # Python hears signals in its main thread alone.
    mine = before if threading.current_thread() is threading.main_thread() else {}
    for number in mine:
        signal.signal(number, note)
    try:
        yield lambda: asked.is_set() or time.time() > ends
    finally:
        for number, handler in mine.items():
            signal.signal(number, handler)
