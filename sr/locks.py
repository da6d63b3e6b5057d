"""Locks that the kernel releases when their process ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# A lock lasts as long as its file is open.
_held: dict[Path, IO[str]] = {}


def hold(path: Path) -> bool:
    """Take the lock `path` for the rest of this process; False when another process holds it."""
    path = path.resolve()
    if path in _held:
        return True
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _held[path] = file
    return True


def release(path: Path) -> None:
    """Give a lock back before the process ends."""
    file = _held.pop(path.resolve(), None)
    if file is not None:
        file.close()


def clear_stale_snakemake_locks(folder: Path) -> None:
    """Remove what a killed Snakemake left locked in `folder`, unless another one is alive there.

    Snakemake's own locks are plain files, which survive SIGKILL; then the same command would be refused.
    """
    if not hold(folder / ".snakemake" / "alive.lock"):
        return
    for lock in (folder / ".snakemake" / "locks").glob("*.lock"):
        lock.unlink(missing_ok=True)


@contextmanager
def waiting_for(path: Path) -> Iterator[None]:
    """Hold the lock `path` for a while, waiting until no other process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
