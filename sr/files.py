"""Atomic writes and content hashes: a file under its final name is complete."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sr.errors import InputError


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it becomes `path` only if the block succeeds.

    The temporary name keeps the suffix, so that writers which look at it behave the same.
    Raises InputError when the disk is full; whatever the failure, nothing is left behind.
    """
    _make_folder(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        with full_disk_explained(path):
            yield temporary
            temporary.chmod(0o666 & ~_umask())
            _flush_to_disk(temporary)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that replaces `path` only if the block succeeds."""
    _make_folder(path)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    temporary.chmod(0o777 & ~_umask())
    try:
        with full_disk_explained(path):
            yield temporary
            if path.exists():
                shutil.rmtree(path)
            temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def refuse_other_folder(path: Path, mark: str) -> None:
    """Raise InputError when `path` holds files, but not the one that shows whose folder it is to replace."""
    if not (path / mark).is_file() and any(one.is_file() for one in path.rglob("*")):
        raise InputError(f"{path}: holds other files, which would be lost; choose another folder.")


@contextmanager
def full_disk_explained(path: Path) -> Iterator[None]:
    """Turn the system's error about a full disk into an InputError that names `path`."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(f"{path}: the disk is full; free some space and run the command again.") from error


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically, indented and with a closing newline."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def file_hash(path: Path, algorithm: str = "sha256") -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def value_hash(value: Any) -> str:
    """Sha256 of a JSON-serialisable value, independent of key order."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _make_folder(path: Path) -> None:
    """Make the folder that `path` goes into. Raises InputError when that can not be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: can not be written ({error.strerror}); choose another place.") from error
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: its folder may not be written to; choose another place.")


def _flush_to_disk(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
