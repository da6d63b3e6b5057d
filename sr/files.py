"""Atomic writes and content hashes: a file or folder under its final name is complete."""

import ctypes
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sr.errors import InputError
from sr.locks import Held, NoLocksError, try_lock

# Begins the name of everything that is being written; what a killed process left is known by it.
TEMPORARY = ".part-"
# Where a file system has no locks, only age tells what a killed process left.
_STALE_SECONDS = 24 * 3600.0
# What the system says when there is no room, in words.
NO_ROOM = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "your share of the disk is full; free some space",
    errno.EFBIG: "files of this size may not be written here (`ulimit -f`); raise the limit",
}
_swept: set[Path] = set()

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it becomes `path` only if the block succeeds.

    The temporary name keeps the suffix, so that writers which look at it behave the same.
    Raises InputError when the disk is full; whatever the failure, nothing is left behind.
    """
    _make_folder(path)
    with _temporary(path, _new_file) as temporary, full_disk_explained(path):
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        _flush_to_disk(temporary)
        temporary.replace(path)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that replaces `path` only if the block succeeds.

    At whatever moment the process is killed, `path` is the old folder, whole, or the new one.
    """
    path = path.resolve() if path.is_symlink() else path
    _make_folder(path)
    _put_back(path)
    with _temporary(path, _new_folder) as temporary, full_disk_explained(path):
        temporary.chmod(0o777 & ~_umask())
        yield temporary
        _replace_folder(temporary, path)


def require_writable(path: Path) -> None:
    """Raise InputError, before any work, where no file of that name could be written. Nothing is made."""
    place = next(parent for parent in path.absolute().parents if parent.exists())
    try:
        tempfile.TemporaryFile(dir=place, prefix=TEMPORARY).close()
        longest = os.pathconf(place, "PC_NAME_MAX")
    except OSError as error:
        reason = NO_ROOM.get(error.errno or 0, f"can not be written ({error.strerror}); choose another place")
        raise InputError(f"{path}: {reason}.") from error
    if len(os.fsencode(path.name)) > longest:
        raise InputError(f"{path}: its name is longer than the {longest} bytes that names may have here.")


def refuse_other_folder(path: Path, mark: str) -> None:
    """Raise InputError when `path` holds files, but not the one that shows whose folder it is to replace."""
    if not (path / mark).is_file() and any(one.is_file() for one in path.rglob("*")):
        raise InputError(f"{path}: holds other files, which would be lost; choose another folder.")


def refuse_other_files(path: Path, is_ours: Callable[[str], bool]) -> None:
    """Raise InputError when the folder `path`, which is to be replaced, holds a file that is not ours.

    is_ours: asked with each file's path below it, with slashes.
    """
    for one in path.rglob("*"):
        name = one.relative_to(path).as_posix()
        if one.is_file() and not is_ours(name):
            raise InputError(
                f"{path}: holds other files ({name}), which would be lost; choose another folder."
            )


def is_one_of(name: str, patterns: Iterable[str]) -> bool:
    """Whether a path with slashes matches a pattern such as `HR/*.png`, whose star crosses none."""
    return any(fnmatchcase(name, one) and name.count("/") == one.count("/") for one in patterns)


@contextmanager
def full_disk_explained(path: Path) -> Iterator[None]:
    """Turn the system's error about missing room into an InputError that names `path`."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise InputError(f"{path}: {NO_ROOM[error.errno]} and run the command again.") from error


def write_bytes(path: Path, content: bytes | bytearray) -> None:
    """Write bytes atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically, indented and with a closing newline."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def file_hash(*paths: Path, algorithm: str = "sha256") -> str:
    """Hex digest of the bytes of a file, or of several one after the other."""
    digest = hashlib.new(algorithm)
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def bytes_hash(content: bytes) -> str:
    """Sha256 of bytes, as `file_hash` gives it for the file that holds them."""
    return hashlib.sha256(content).hexdigest()


def value_hash(value: Any) -> str:
    """Sha256 of a JSON-serialisable value, independent of key order."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _make_folder(path: Path) -> None:
    """Make the folder that `path` goes into, and clear it of what killed processes left.

    Raises InputError when that can not be.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: can not be written ({error.strerror}); choose another place.") from error
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: its folder may not be written to; choose another place.")
    if path.parent not in _swept and not path.parent.name.startswith(TEMPORARY):
        _swept.add(path.parent)
        sweep(path.parent)


@contextmanager
def _temporary(path: Path, make: Callable[[Path], Path]) -> Iterator[Path]:
    """A new file or folder for the time of the block, locked so that nobody takes it for left behind."""
    temporary, held = _made(path, make)
    try:
        yield temporary
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)
        held.release()


def _made(path: Path, make: Callable[[Path], Path]) -> tuple[Path, Held]:
    while True:
        temporary = make(path)
        try:
            held = try_lock(temporary)
        except NoLocksError:
            return temporary, Held(None)
        except FileNotFoundError:
            continue  # another process swept it between its making and its lock
        if held and temporary.exists():
            return temporary, held


def _new_file(path: Path) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{TEMPORARY}{_id(path)}-", suffix=path.suffix)
    os.close(handle)
    return Path(name)


def _new_folder(path: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=path.parent, prefix=f"{TEMPORARY}{_id(path)}-"))


def _id(path: Path) -> str:
    """The same length for every name: a final name may be as long as the file system takes."""
    return hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def sweep(folder: Path) -> None:
    """Remove what killed processes left in a folder, and nothing that another one is writing."""
    for entry in list(folder.glob(f"{TEMPORARY}*")):
        held = _left_behind(entry)
        if held is None:
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
        held.release()


def _left_behind(entry: Path) -> Held | None:
    """The lock on a temporary file that nobody writes any more, else None."""
    try:
        return try_lock(entry)
    except NoLocksError:
        stale = time.time() - entry.stat().st_mtime > _STALE_SECONDS
        return Held(None) if stale else None
    except OSError:
        return None


def _replace_folder(new: Path, path: Path) -> None:
    """Give the folder `new` the name `path`; what was there before goes."""
    if not path.exists():
        new.replace(path)
    elif not _exchange(new, path):
        # A system without exchange: for an instant there is nothing under the name, but never half a folder.
        path.replace(_aside(path))
        new.replace(path)
        shutil.rmtree(_aside(path), ignore_errors=True)


def _put_back(path: Path) -> None:
    """Undo the instant of `_replace_folder` in which a process was killed."""
    aside = _aside(path)
    if aside.exists() and path.exists():
        shutil.rmtree(aside, ignore_errors=True)
    elif aside.exists():
        aside.replace(path)


def _aside(path: Path) -> Path:
    return path.with_name(f".old-{_id(path)}")


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step of the kernel; False where system or file system can not."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = [ctypes.c_char_p(os.fsencode(path)) for path in (one, other)]
    return not rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], ctypes.c_uint(_RENAME_EXCHANGE))


def _flush_to_disk(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
