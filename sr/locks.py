"""Locks that the kernel releases when their process ends, however it ends.

Some file systems have none. Then everything works as if nobody else were at work, and a sentence says so.
"""

import errno
import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# EBADF: NFS, where a folder can not be opened for writing, as its locks need.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF)
_told: set[Path] = set()


class NoLocksError(Exception):
    """The file system has no locks."""


class Held:
    """A lock, for as long as its file is open."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    def release(self) -> None:
        """Give the lock back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


_held: dict[Path, Held] = {}


def try_lock(path: Path, *, wait: bool = False) -> Held | None:
    """Lock a file or folder that exists; None when another process holds it, unless this one is to wait.

    Raises NoLocksError where the file system has no locks.
    """
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError as error:
        os.close(handle)
        if error.errno in _NO_LOCKS:
            raise NoLocksError from error
        raise
    return Held(handle)


def hold(path: Path) -> bool:
    """Take the lock `path` for the rest of this process; False when another process holds it."""
    path = path.resolve()
    if path in _held:
        return True
    _make(path)
    try:
        held = try_lock(path)
    except NoLocksError:
        _tell(path)
        held = Held(None)
    if held is None:
        return False
    _held[path] = held
    return True


def release(path: Path) -> None:
    """Give a lock back before the process ends."""
    held = _held.pop(path.resolve(), None)
    if held is not None:
        held.release()


def clear_stale_snakemake_locks(folder: Path) -> None:
    """Remove what a killed Snakemake left locked in `folder`, unless another one is alive there.

    Snakemake's own locks are plain files, which survive SIGKILL; then the same command would be refused.
    Where the file system has no locks, or nothing may be written, nobody can tell, and all stays.
    """
    alive = folder / ".snakemake" / "alive.lock"
    try:
        _make(alive)
        held = try_lock(alive)
    except (NoLocksError, OSError):
        return
    if held is None:
        return
    _held[alive.resolve()] = held
    for lock in (folder / ".snakemake" / "locks").glob("*.lock"):
        lock.unlink(missing_ok=True)


@contextmanager
def waiting_for(path: Path) -> Iterator[None]:
    """Hold the lock `path` for a while, waiting until no other process holds it."""
    _make(path)
    try:
        held = try_lock(path, wait=True)
    except NoLocksError:
        _tell(path)
        held = None
    try:
        yield
    finally:
        if held:
            held.release()


@contextmanager
def some_of(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Hold for a while those locks that no other process holds; where all are held, wait for the first.

    Whoever needs all of them comes again for the rest, and never waits while others wait for what it holds.
    """
    held: dict[Path, Held] = {}
    for path in paths:
        _make(path)
        try:
            lock = try_lock(path)
        except NoLocksError:
            _tell(path)
            lock = Held(None)
        if lock is not None:
            held[path] = lock
    if not held:
        lock = try_lock(paths[0], wait=True)
        assert lock is not None  # it was waited for
        held[paths[0]] = lock
    try:
        yield list(held)
    finally:
        for lock in held.values():
            lock.release()


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _tell(path: Path) -> None:
    """Say once for each folder that two processes could work on the same."""
    if path.parent not in _told:
        _told.add(path.parent)
        print(
            f"{path.parent}: its file system has no locks, so let only one command at a time write there.",
            file=sys.stderr,
        )
