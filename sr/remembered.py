"""What is kept for the rest of a process: files as long as they do not change, answers of one object."""

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")

# Two changes within one tick of a file system's clock have one date.
_CLOCK_NS = 10**9


def remembered(read: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """`read`, done once a process for each state of the files and folders among its positional arguments.

    A state is a date, a size and an inode; what has changed within the last second is read anew, and so is
    what is not there, which `read` then says. Callers share the value and must not change it.
    """
    known: dict[Any, tuple[list[tuple[int, ...]], Value]] = {}

    @wraps(read)
    def read_unless_known(*arguments: Arguments.args, **named: Arguments.kwargs) -> Value:
        states = _states(arguments)
        if states is None:
            return read(*arguments, **named)
        key = (arguments, tuple(named.items()))
        if key not in known or known[key][0] != states:
            value = read(*arguments, **named)
            if max(state[0] for state in states) > time.time_ns() - _CLOCK_NS:
                return value
            known[key] = (states, value)
        return known[key][1]

    return read_unless_known


def once(method: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """A method that an object computes once for the same arguments, and forgets when it goes.

    Callers share the value and must not change it.
    """
    name = f"_known_{method.__name__}"

    @wraps(method)
    def computed_once(*arguments: Arguments.args, **named: Arguments.kwargs) -> Value:
        owner, *others = arguments
        known: dict[Any, Value] = vars(owner).setdefault(name, {})
        key = (*others, *named.items())
        if key not in known:
            known[key] = method(*arguments, **named)
        return known[key]

    return computed_once


def _states(arguments: tuple[Any, ...]) -> list[tuple[int, ...]] | None:
    """Date, size, inode and device of every path; None where one is missing."""
    try:
        found = [path.stat() for path in arguments if isinstance(path, Path)]
    except OSError:
        return None
    return [(status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev) for status in found]
