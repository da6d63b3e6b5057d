"""Safe extraction from zip and tar archives: nothing may leave the target folder, all or nothing.

Nor may an archive cost more than it holds: what it says of its members is bounded before any is read.
"""

import gzip
import lzma
import posixpath
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sr.errors import InputError
from sr.files import atomic_folder, atomic_path
from sr.images import EXTENSIONS

# What the archive libraries raise on damaged files, on encrypted ones, and on compression they do not know.
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    RuntimeError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
    MemoryError,
)
# Images and weights hardly compress: a full set of PNG files has a ratio of 1.0, text one of 10.
_LARGEST_RATIO = 20
_ALWAYS_ALLOWED = 64_000_000
_MOST_MEMBERS = 500_000
_LONGEST_NAME = 255
_LONGEST_PATH = 1024
_LONGEST_LINK = 4096
# A tar's extended headers hold names and dates.
_LARGEST_HEADER = 1 << 20
_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.GNUTYPE_SPARSE,
)


@dataclass(frozen=True)
class Member:
    """A file inside an archive; `handle` is the archive library's own entry. size: bytes, unpacked."""

    name: PurePosixPath
    handle: Any
    size: int
    is_link: bool = False

    @property
    def is_image(self) -> bool:
        """By its name; hidden files are none."""
        return self.name.suffix.lower() in EXTENSIONS and not self.name.name.startswith(".")


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
    target folder (an absolute path, `..`, a symbolic or hard link out of it) or is a device; and for one
    whose members are too many, or would take far more room than the archive itself.
    """
    try:
        if zipfile.is_zipfile(path):
            _require_short_directory(path)
            with zipfile.ZipFile(path) as file:
                yield _Zip(file, path)
        else:
            with _open_tar(path) as tar:
                yield _Tar(tar, path)
    except InputError:
        raise
    except _DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise InputError(
            f"{path}: damaged archive, or of a kind that is not read here ({reason}); remove it and fetch it"
            " again."
        ) from error


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
    layout: "Layout | None" = None,
) -> None:
    """Extract folders of an archive, each to its target; all of them appear at the end, or none.

    wanted: target -> the folder's path inside the archive or the end of it; None takes the one folder that
        holds all images. pattern: of the files, only those whose name matches.
    check: is given the temporary folders, in order, and refuses them by raising.
    layout: what is known of the one folder's content, by which it is found where it is called otherwise.
    Raises InputError as `open_archive`, and when there is no such folder or more than one.
    """
    with open_archive(archive) as opened, ExitStack() as stack:
        temporary = {
            _located(opened, archive, member, pattern, layout): stack.enter_context(atomic_folder(target))
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


@dataclass(frozen=True)
class Layout:
    """What is known of a set of images. deep: they lie at any depth below the folder that is wanted."""

    count: int
    name: str
    deep: bool = False


def _located(
    archive: Archive, path: Path, member: str | None, pattern: str, layout: Layout | None
) -> PurePosixPath:
    """The folder that is called so, if it holds what it should; else the one that does."""
    if layout is None:
        return _image_folder(archive, path) if member is None else _folder(archive, path, member)
    found = _folders_of(archive, pattern, layout)
    wanted = PurePosixPath(member).parts if member else ()
    named = [folder for folder in found if wanted and folder.parts[-len(wanted) :] == wanted]
    # Of a bundle of sets, what carries this one's name. Of HR and LR, HR takes more bytes; of a folder and
    # the only one inside it, the inner one.
    called = [folder for folder in found if layout.name.lower() in str(folder).lower()]
    for candidates in (named, called, list(found)):
        if candidates:
            return max(candidates, key=lambda folder: (found[folder], len(folder.parts)))
    counts = Counter(entry.name.parent for entry in archive.members if entry.is_image)
    seen = ", ".join(f"{number} in {folder}" for folder, number in counts.most_common(5)) or "none"
    raise InputError(f"{path}: no folder of it holds {layout.count} images, but {seen}.")


def _folders_of(archive: Archive, pattern: str, layout: Layout) -> dict[PurePosixPath, int]:
    """The folders with the right number of images, and the bytes of these."""
    counts: Counter[PurePosixPath] = Counter()
    sizes: Counter[PurePosixPath] = Counter()
    for entry in archive.members:
        if entry.is_image and fnmatch(entry.name.name, pattern):
            for folder in entry.name.parents if layout.deep else [entry.name.parent]:
                counts[folder] += 1
                sizes[folder] += entry.size
    return {folder: sizes[folder] for folder, count in counts.items() if count == layout.count}


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


class _Budget:
    """What the members of an archive may take, all together."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = _ALWAYS_ALLOWED + _LARGEST_RATIO * path.stat().st_size
        self._members = 0

    def spend(self, name: str, size: int) -> None:
        """Count a member. Raises InputError when it is one too many."""
        self._members += 1
        self._left -= size
        if size < 0 or self._left < 0:
            raise _refusal(
                self._path,
                name,
                f"with it the content is more than {_LARGEST_RATIO} times as large as the archive",
            )
        if self._members > _MOST_MEMBERS:
            raise _refusal(self._path, name, f"there are more than {_MOST_MEMBERS} before it")


class _Zip(Archive):
    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file = file
        self.path = path
        budget = _Budget(path)
        for info in file.infolist():
            budget.spend(info.filename, info.file_size)
        self.members = [self._member(info) for info in file.infolist() if not info.is_dir()]

    def _member(self, info: zipfile.ZipInfo) -> Member:
        # The upper 16 bits hold the Unix mode; archives from other systems leave them empty.
        kind = stat.S_IFMT(info.external_attr >> 16)
        name = _safe_name(self.path, info.filename)
        if kind == stat.S_IFLNK:
            if info.file_size > _LONGEST_LINK:
                raise _refusal(self.path, info.filename, f"it is a link of {info.file_size} bytes")
            target = self._file.read(info).decode("utf-8", "replace")
            _check_link(self.path, info.filename, posixpath.join(name.parent, target))
        elif kind not in (0, stat.S_IFREG):
            raise _refusal(self.path, info.filename, "it is a device")
        return Member(name, info, info.file_size, is_link=kind == stat.S_IFLNK)

    def stream(self, member: Member) -> IO[bytes]:
        return self._file.open(member.handle)


def _require_short_directory(path: Path) -> None:
    """A zip's list of members is read into memory as a whole: its length is looked at first.

    The archive's last record tells it (APPNOTE, 4.3.16), or says that a longer record does (4.3.14, 4.3.15).
    """
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - (1 << 16) - 64))
        tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    count = struct.unpack_from("<H", tail, end + 10)[0] if end >= 0 else 0
    longer = tail.rfind(b"PK\x06\x06")
    if longer >= 0:
        count = max(count, struct.unpack_from("<Q", tail, longer + 32)[0])
    if count > _MOST_MEMBERS:
        raise InputError(f"{path}: refused, for it has {count} members; fetch it from elsewhere.")


def _open_tar(path: Path) -> tarfile.TarFile:
    try:
        # Not `is_tarfile`, which reads the first member's extended headers, however long.
        return tarfile.open(path, tarinfo=_BoundedTarInfo)
    except tarfile.TarError as error:
        raise InputError(f"{path}: neither a zip nor a tar archive; remove it and fetch it again.") from error
    except OSError as error:
        raise InputError(f"{path}: can not be read ({error.strerror or error}); fetch it again.") from error


class _BoundedTarInfo(tarfile.TarInfo):
    """A tar's member whose extended headers, which are read into memory, are bounded."""

    def _proc_member(self, file: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _EXTENDED and (self.size > _LARGEST_HEADER or self.type == tarfile.GNUTYPE_SPARSE):
            raise ValueError(f"an extended header of {self.size} bytes")
        found: tarfile.TarInfo = super()._proc_member(file)  # type: ignore[misc]
        return found


class _Tar(Archive):
    def __init__(self, file: tarfile.TarFile, path: Path) -> None:
        self._file = file
        self.path = path
        budget = _Budget(path)
        self.members = []
        # Each is looked at before the next is sought, which unpacks everything between the two.
        for info in file:
            budget.spend(info.name, info.size)
            if not info.isdir():
                self.members.append(self._member(info))

    def _member(self, info: tarfile.TarInfo) -> Member:
        name = _safe_name(self.path, info.name)
        if info.issym():
            _check_link(self.path, info.name, posixpath.join(name.parent, info.linkname))
        elif info.islnk():
            _check_link(self.path, info.name, info.linkname)
        elif info.issparse():
            raise _refusal(self.path, info.name, "it is sparse")
        elif not info.isfile():
            raise _refusal(self.path, info.name, "it is a device")
        return Member(name, info, info.size, is_link=info.issym() or info.islnk())

    def stream(self, member: Member) -> IO[bytes]:
        stream = self._file.extractfile(member.handle)
        if stream is None:
            raise _refusal(self.path, str(member.name), "it is no regular file")
        return stream


def _safe_name(archive: Path, name: str) -> PurePosixPath:
    # A backslash separates folders on Windows, and a colon ends a drive.
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or not path.parts or ".." in path.parts or ":" in path.parts[0]:
        raise _refusal(archive, name, "its path leaves the target folder")
    longest = max(len(part.encode("utf-8", "replace")) for part in path.parts)
    if len(name) > _LONGEST_PATH or longest > _LONGEST_NAME or "\0" in name:
        raise _refusal(archive, name, "its name is none that a file can have")
    return path


def _check_link(archive: Path, name: str, target: str) -> None:
    resolved = posixpath.normpath(target)
    if resolved.startswith(("/", "..")):
        raise _refusal(archive, name, f"it is a link that leaves the target folder (to '{target}')")


def _refusal(archive: Path, member: str, reason: str) -> InputError:
    shown = member if len(member) <= 100 else f"{member[:100]}..."
    return InputError(f"{archive}: nothing was extracted, for member '{shown}' is refused: {reason}.")
