"""One file over HTTP, resumed where it broke off. Used as a pooch downloader."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError

from sr.progress import progress

_CHUNK = 1 << 20
# Seconds without an answer or a byte.
_TIMEOUT = 30.0
_BUSY = (408, 429, *range(500, 600))


class DownloadError(Exception):
    """This source can not give the file; another may."""


class _BrokenOffError(Exception):
    """The transfer failed on the way; trying again may help."""


class ResumingDownloader:
    """Callable `(url, output_file, pooch)` that continues a partial file, also one of an earlier run.

    partial: where the bytes gather; it moves to `output_file` when complete. A partial file is continued
    only if the server confirms, by ETag or date, that its file is still the same; else it starts again.
    attempts: transfers that break off are tried so often, with a growing pause (seconds) in between.
    Raises DownloadError.
    """

    def __init__(self, partial: Path, *, attempts: int, pause: float) -> None:
        self.partial = partial
        self.validator = partial.with_name(f"{partial.name}.validator")
        self.attempts = attempts
        self.pause = pause

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:  # noqa: ARG002
        self.partial.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(self.attempts):
            if attempt:
                time.sleep(self.pause * 2 ** (attempt - 1))
            try:
                self._transfer(url)
                break
            except _BrokenOffError as error:
                reason = str(error)
        else:
            raise DownloadError(f"{reason}, {self.attempts} times")
        self.partial.replace(output_file)
        self.validator.unlink(missing_ok=True)

    def _transfer(self, url: str) -> None:
        begin, headers = self._request()
        with (
            _errors_in_words(url),
            requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response,
        ):
            # The length is checked below: urllib3's own check throws away what it has read.
            response.raw.enforce_content_length = False
            _check_status(response)
            misplaced = response.status_code == 206 and _range_begin(response) != begin
            if misplaced or response.status_code == 416:
                self._forget()
                raise _BrokenOffError("the server gave another part of the file than was asked for")
            if response.status_code != 206:
                self._forget()
                begin = 0
                self.validator.write_text(_validator(response), encoding="utf-8")
            length = response.headers.get("Content-Length")
            total = begin + int(length) if length else None
            self._write(response, begin, total)
        size = self.partial.stat().st_size
        if total is not None and size != total:
            raise _BrokenOffError(f"the transfer ended after {size} of {total} bytes")

    def _request(self) -> tuple[int, dict[str, str]]:
        """How many bytes are there already, and the headers that ask for the rest."""
        # Compressed transfer would make lengths and ranges those of the compressed stream.
        headers = {"Accept-Encoding": "identity"}
        validator = self.validator.read_text(encoding="utf-8") if self.validator.exists() else ""
        size = self.partial.stat().st_size if self.partial.exists() else 0
        if not (size and validator):
            return 0, headers
        return size, {**headers, "Range": f"bytes={size}-", "If-Range": validator}

    def _write(self, response: requests.Response, begin: int, total: int | None) -> None:
        title = f"{urlsplit(response.url).path.rpartition('/')[2]} (MB)"
        reporting = progress(title, _megabytes(total), _megabytes(begin)) if total else nullcontext()
        with reporting as report, self.partial.open("ab" if begin else "wb") as stream:
            for chunk in response.iter_content(_CHUNK):
                stream.write(chunk)
                if report:
                    report(_megabytes(stream.tell()))

    def _forget(self) -> None:
        self.partial.unlink(missing_ok=True)
        self.validator.unlink(missing_ok=True)


@contextmanager
def _errors_in_words(url: str) -> Iterator[None]:
    try:
        yield
    except requests.ConnectionError as error:
        # MaxRetryError: no connection came about; otherwise an open one broke.
        if error.args and isinstance(error.args[0], MaxRetryError):
            raise DownloadError(f"{urlsplit(url).hostname} can not be reached") from error
        raise _BrokenOffError("the connection broke") from error
    except (requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        raise _BrokenOffError("the transfer broke off") from error
    except requests.RequestException as error:
        raise DownloadError(f"the address can not be fetched ({error})") from error


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status in _BUSY:
        raise _BrokenOffError(f"the server answered {status} {response.reason}")
    if status >= 400 and status != 416:
        raise DownloadError(f"the server answered {status} {response.reason}")


def _range_begin(response: requests.Response) -> int | None:
    """First byte of a partial answer, from `Content-Range: bytes 100-199/200`."""
    begin = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(begin) if begin.isdigit() else None


def _validator(response: requests.Response) -> str:
    """What `If-Range` compares: a strong ETag, else the date."""
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)
