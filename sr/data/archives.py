"""Safe extraction from zip and tar archives: nothing may leave the target folder, all or nothing."""

import gzip
import lzma
import posixpath
import shutil
import stat
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sr.errors import InputError
from sr.files import atomic_folder, atomic_path
from sr.images import EXTENSIONS

_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError)


@dataclass(frozen=True)
class Member:
    """A file inside an archive; `handle` is the archive library's own entry."""

    name: PurePosixPath
    handle: Any
    is_link: bool = False


class Archive(ABC):
    """An open archive whose members have all been checked."""

    path: Path
    members: list[Member]

    @abstractmethod
    def stream(self, member: Member) -> IO[bytes]:
        """The member's bytes."""


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip, tar or compressed tar file, by content rather than by name.

    Raises InputError for any other file, a damaged one, and one with a member that would leave the
    target folder (an absolute path, `..`, a symbolic or hard link out of it) or is a device.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                yield _Zip(file, path)
        elif path.is_file() and tarfile.is_tarfile(path):
            with tarfile.open(path) as tar:
                yield _Tar(tar, path)
        else:
            raise InputError(f"{path}: neither a zip nor a tar archive; remove it and fetch it again.")
    except _DAMAGE as error:
        raise InputError(f"{path}: damaged archive ({error}); remove it and fetch it again.") from error


def extract_file(archive: Path, member: str, target: Path) -> None:
    """Write the file whose path inside the archive is, or ends with, `member` to `target`, atomically."""
    with open_archive(archive) as opened:
        wanted = PurePosixPath(member).parts
        found = [m for m in opened.members if m.name.parts[-len(wanted) :] == wanted]
        exact = [m for m in found if m.name.parts == wanted] or found
        if len(exact) != 1:
            raise InputError(f"{archive}: holds {len(exact)} files named '{member}' where one was expected.")
        with atomic_path(target) as temporary:
            _copy(opened, exact[0], temporary)


def extract_folders(
    archive: Path,
    wanted: Mapping[Path, str | None],
    pattern: str,
    check: Callable[[list[Path]], None],
) -> None:
    """Extract folders of an archive, each to its target; all of them appear at the end, or none.

    wanted: target -> the folder's path inside the archive or the end of it; None takes the one folder that
        holds all images. pattern: of the files, only those whose name matches.
    check: is given the temporary folders, in order, and refuses them by raising.
    Raises InputError as `open_archive`, and when there is no such folder or more than one.
    """
    with open_archive(archive) as opened, ExitStack() as stack:
        temporary = {
            _image_folder(opened, archive)
            if member is None
            else _folder(opened, archive, member): stack.enter_context(atomic_folder(target))
            for target, member in wanted.items()
        }
        # In the archive's order, so that a compressed tar is read once.
        for entry in opened.members:
            folder = next((parent for parent in entry.name.parents if parent in temporary), None)
            if folder is not None and fnmatch(entry.name.name, pattern):
                destination = temporary[folder] / entry.name.relative_to(folder)
                destination.parent.mkdir(parents=True, exist_ok=True)
                _copy(opened, entry, destination)
        check(list(temporary.values()))


def _folder(archive: Archive, path: Path, member: str) -> PurePosixPath:
    wanted = PurePosixPath(member).parts
    parents = {parent for entry in archive.members for parent in entry.name.parents}
    found = {folder for folder in parents if folder.parts[-len(wanted) :] == wanted}
    exact = {folder for folder in found if folder.parts == wanted} or found
    if len(exact) != 1:
        tops = sorted({entry.name.parts[0] for entry in archive.members})[:5]
        raise InputError(
            f"{path}: holds {len(exact)} folders named '{member}' where one was expected; "
            f"at its top are {', '.join(tops) or 'no files'}."
        )
    return exact.pop()


def _image_folder(archive: Archive, path: Path) -> PurePosixPath:
    folders = {entry.name.parent for entry in archive.members if entry.name.suffix.lower() in EXTENSIONS}
    if len(folders) != 1:
        names = ", ".join(sorted(str(folder) for folder in folders)[:5]) or "none"
        raise InputError(f"{path}: its images should lie in one folder, but they lie in: {names}.")
    return folders.pop()


def _copy(archive: Archive, member: Member, destination: Path) -> None:
    if member.is_link:
        raise _refusal(archive.path, str(member.name), "it is a link, and only files are extracted")
    with archive.stream(member) as source, destination.open("wb") as output:
        shutil.copyfileobj(source, output, 1 << 20)


class _Zip(Archive):
    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file = file
        self.path = path
        self.members = [self._member(info) for info in file.infolist() if not info.is_dir()]

    def _member(self, info: zipfile.ZipInfo) -> Member:
        # The upper 16 bits hold the Unix mode; archives from other systems leave them empty.
        kind = stat.S_IFMT(info.external_attr >> 16)
        name = _safe_name(self.path, info.filename)
        if kind == stat.S_IFLNK:
            target = self._file.read(info).decode("utf-8", "replace")
            _check_link(self.path, info.filename, posixpath.join(name.parent, target))
        elif kind not in (0, stat.S_IFREG):
            raise _refusal(self.path, info.filename, "it is a device")
        return Member(name, info, is_link=kind == stat.S_IFLNK)

    def stream(self, member: Member) -> IO[bytes]:
        return self._file.open(member.handle)


class _Tar(Archive):
    def __init__(self, file: tarfile.TarFile, path: Path) -> None:
        self._file = file
        self.path = path
        self.members = [self._member(info) for info in file if not info.isdir()]

    def _member(self, info: tarfile.TarInfo) -> Member:
        name = _safe_name(self.path, info.name)
        if info.issym():
            _check_link(self.path, info.name, posixpath.join(name.parent, info.linkname))
        elif info.islnk():
            _check_link(self.path, info.name, info.linkname)
        elif not info.isfile():
            raise _refusal(self.path, info.name, "it is a device")
        return Member(name, info, is_link=info.issym() or info.islnk())

    def stream(self, member: Member) -> IO[bytes]:
        stream = self._file.extractfile(member.handle)
        assert stream is not None, "only regular files are extracted"
        return stream


def _safe_name(archive: Path, name: str) -> PurePosixPath:
    # A backslash separates folders on Windows, and a colon ends a drive.
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or not path.parts or ".." in path.parts or ":" in path.parts[0]:
        raise _refusal(archive, name, "its path leaves the target folder")
    return path


def _check_link(archive: Path, name: str, target: str) -> None:
    resolved = posixpath.normpath(target)
    if resolved.startswith(("/", "..")):
        raise _refusal(archive, name, f"it is a link that leaves the target folder (to '{target}')")


def _refusal(archive: Path, member: str, reason: str) -> InputError:
    return InputError(f"{archive}: nothing was extracted, for member '{member}' is refused: {reason}.")
