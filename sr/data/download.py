"""One file over HTTP, resumed where it broke off. Used as a pooch downloader.

Only what a server says to be the whole file, or the missing rest of the same file, is taken.
"""

import json
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, MaxRetryError

from sr.data.contents import is_web_page
from sr.progress import progress

_CHUNK = 1 << 16
_BUSY = (408, 429, *range(500, 600))


@dataclass(frozen=True)
class Limits:
    """What a transfer may take.

    silence: seconds without an answer or a byte. rate, window: bytes a second, at least, in every `window`
    seconds. total: seconds in all. size: bytes.
    """

    silence: float = 30.0
    rate: float = 10_000.0
    window: float = 60.0
    total: float = 24 * 3600.0
    size: int = 200_000_000_000


def answering(urls: Iterable[str], seconds: float) -> set[str]:
    """The addresses whose servers answer at all within so many seconds; each server is asked once."""
    by_server: dict[tuple[str, str], list[str]] = {}
    for url in urls:
        parts = urlsplit(url)
        by_server.setdefault((parts.scheme, parts.netloc), []).append(url)
    answered: queue.SimpleQueue[tuple[tuple[str, str], bool]] = queue.SimpleQueue()

    def ask(server: tuple[str, str]) -> None:
        try:
            requests.head(by_server[server][0], timeout=seconds, allow_redirects=False).close()
            answered.put((server, True))
        except (requests.RequestException, HTTPError, ValueError):
            answered.put((server, False))

    for server in by_server:
        # In threads that end with the process: looking up a name may take as long as it likes.
        threading.Thread(target=ask, args=(server,), daemon=True).start()
    found: set[str] = set()
    deadline = time.monotonic() + seconds
    for _ in by_server:
        try:
            server, answers = answered.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        found.update(by_server[server] if answers else ())
    return found


class DownloadError(Exception):
    """This source can not give the file; another may."""


class _BrokenOffError(Exception):
    """The transfer failed on the way; trying again may help."""


class ResumingDownloader:
    """Callable `(url, output_file, pooch)` that continues a partial file, also one of an earlier run.

    partial: where the bytes gather; it moves to `output_file` when complete. A partial file is continued
    only if the server confirms, by ETag or date and by length, that its file is still the same; else it
    starts again.
    attempts: transfers that break off are tried so often, with a growing pause (seconds) in between.
    Raises DownloadError; what is there of the file is kept for the next time.
    """

    def __init__(self, partial: Path, *, attempts: int, pause: float, limits: Limits | None = None) -> None:
        self.partial = partial
        self.validator = partial.with_name(f"{partial.name}.validator")
        self.attempts = attempts
        self.pause = pause
        self.limits = limits or Limits()

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:  # noqa: ARG002
        self.partial.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + self.limits.total
        for attempt in range(self.attempts):
            if attempt:
                time.sleep(self.pause * 2 ** (attempt - 1))
            try:
                _Transfer(url, self, deadline).run()
                break
            except _BrokenOffError as error:
                reason = str(error)
        else:
            raise DownloadError(f"{reason}, {self.attempts} times")
        if not self.partial.stat().st_size or is_web_page(self.partial):
            what = "a web page" if self.partial.stat().st_size else "nothing"
            self.forget()
            raise DownloadError(f"the server gave {what} and no file")
        self.partial.replace(output_file)
        self.validator.unlink(missing_ok=True)

    def known(self) -> tuple[int, dict[str, Any]]:
        """How many bytes are there already, and what was said of their file: its `mark` and its `total`."""
        try:
            said = json.loads(self.validator.read_text(encoding="utf-8"))
            size = self.partial.stat().st_size
        except (OSError, ValueError):
            return 0, {}
        if not (isinstance(said, dict) and size and said.get("mark") and isinstance(said.get("total"), int)):
            return 0, {}
        return size, said

    def forget(self) -> None:
        """Begin again the next time."""
        self.partial.unlink(missing_ok=True)
        self.validator.unlink(missing_ok=True)


class _Transfer:
    """One attempt, in a thread of its own: nothing a server does keeps the caller waiting for ever."""

    def __init__(self, url: str, downloader: ResumingDownloader, deadline: float) -> None:
        self._url = url
        self._downloader = downloader
        self._limits = downloader.limits
        self._deadline = deadline
        self._begin = 0
        self._received = 0
        self._total: int | None = None
        self._failure: BaseException | None = None
        self._given_up = threading.Event()
        self._ended = threading.Event()

    def run(self) -> None:
        """Raises _BrokenOffError, DownloadError, and what the disk raises."""
        threading.Thread(target=self._work, daemon=True).start()
        since, counted = time.monotonic(), 0
        report = None
        with ExitStack() as stack:
            while not self._ended.wait(min(0.5, self._limits.window / 4)):
                if report is None and self._total:
                    report = stack.enter_context(self._shown(self._total))
                if report:
                    report(_megabytes(self._begin + self._received))
                now = time.monotonic()
                if now > self._deadline:
                    self._give_up(f"it took longer than {self._limits.total:.0f} s")
                if now - since > self._limits.window:
                    if self._received - counted < self._limits.rate * self._limits.window:
                        self._give_up(f"it gave less than {self._limits.rate:.0f} bytes a second")
                    since, counted = now, self._received
        if self._failure:
            raise self._failure

    def _give_up(self, reason: str) -> None:
        """Leave the thread to itself: it writes nothing any more, and ends with the process at the latest."""
        self._given_up.set()
        raise DownloadError(reason)

    def _work(self) -> None:
        try:
            self._transfer()
        except BaseException as error:  # handed to the thread that waits
            self._failure = error
        finally:
            self._ended.set()

    def _transfer(self) -> None:
        size, said = self._downloader.known()
        # Compressed transfer would make lengths and ranges those of the compressed stream.
        headers = {"Accept-Encoding": "identity"}
        if size:
            headers |= {"Range": f"bytes={size}-", "If-Range": said["mark"]}
        with (
            _errors_in_words(self._url),
            requests.get(self._url, headers=headers, stream=True, timeout=self._limits.silence) as response,
        ):
            # The length is checked below: urllib3's own check throws away what it has read.
            response.raw.enforce_content_length = False
            _check_status(response)
            if response.status_code == 200:
                size, total = 0, _length(response)
                self._start_anew(response, total)
            elif size and _is_rest(response, size, said):
                total = int(said["total"])
            else:
                self._downloader.forget()
                raise _BrokenOffError("the server gave another part of the file than was asked for")
            if total is not None and total > self._limits.size:
                raise DownloadError(f"it says that the file has {total} bytes, which is too much")
            self._begin, self._total = size, total
            self._write(response)
        self._check_size()

    def _start_anew(self, response: requests.Response, total: int | None) -> None:
        self._downloader.forget()
        said = {"mark": _mark(response), "total": total}
        self._downloader.validator.write_text(json.dumps(said), encoding="utf-8")

    def _write(self, response: requests.Response) -> None:
        with self._downloader.partial.open("ab" if self._begin else "wb") as stream:
            for chunk in response.iter_content(_CHUNK):
                if self._given_up.is_set():
                    return
                stream.write(chunk)
                self._received += len(chunk)
                if self._begin + self._received > self._limits.size:
                    raise DownloadError(f"it gave more than {self._limits.size} bytes")

    def _check_size(self) -> None:
        size = self._downloader.partial.stat().st_size
        if self._total is not None and size > self._total:
            self._downloader.forget()
        if self._total is not None and size != self._total:
            raise _BrokenOffError(f"the transfer ended after {size} of {self._total} bytes")

    def _shown(self, total: int) -> AbstractContextManager[Any]:
        title = f"{urlsplit(self._url).path.rpartition('/')[2]} (MB)"
        return progress(title, _megabytes(total), _megabytes(self._begin))


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
    except (requests.RequestException, HTTPError, HTTPException, ValueError) as error:
        # ValueError: a redirect to something that is no address.
        raise DownloadError(f"the address can not be fetched ({error})") from error


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status in _BUSY:
        raise _BrokenOffError(f"the server answered {status} {response.reason}")
    # 416: there is no such rest, so the file has changed.
    if status not in (200, 206, 416):
        raise DownloadError(f"the server answered {status} {response.reason}")
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() not in ("identity", ""):
        raise DownloadError(f"it gives the file compressed ({encoding}), which was not asked for")


def _length(response: requests.Response) -> int | None:
    """The length that a whole answer says it has."""
    text = response.headers.get("Content-Length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise DownloadError(f"the length it gives is no number ({text[:40]!r})")
    return int(text)


def _is_rest(response: requests.Response, begin: int, said: dict[str, Any]) -> bool:
    """Whether a partial answer is what is missing of the same file: `Content-Range: bytes 100-199/200`."""
    total = said["total"]
    mark = _mark(response)
    return (
        response.status_code == 206
        and response.headers.get("Content-Range", "").strip() == f"bytes {begin}-{total - 1}/{total}"
        and mark in ("", said["mark"])
    )


def _mark(response: requests.Response) -> str:
    """What `If-Range` compares: a strong ETag, else the date."""
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)
