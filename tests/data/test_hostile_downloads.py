"""Servers that give something else than the file: the next source is tried, and nothing of it is kept."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sr.data.catalogue import Asset
from sr.data.download import DownloadError, Limits, ResumingDownloader
from sr.data.fetch import Fetcher
from sr.data.lock import Lock

BODY = bytes(range(256)) * 400
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Starts a server that answers every request in one way; gives its address."""
    running = []

    def start(answer: Answer) -> str:
        handler = type(
            "Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": lambda *_: None}
        )
        http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(http)
        return f"http://127.0.0.1:{http.server_address[1]}/file"

    yield start
    for http in running:
        http.shutdown()
        http.server_close()


def answer(status: int, body: bytes = BODY, **headers: str) -> Answer:
    def send(self: BaseHTTPRequestHandler) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    return send


def download(url: str, folder: Path, limits: Limits | None = None) -> bytes:
    downloader = ResumingDownloader(folder / "f.part", attempts=2, pause=0.0, limits=limits)
    downloader(url, str(folder / "output"), None)
    return (folder / "output").read_bytes()


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (answer(204, b""), "answered 204"),
        (answer(300), "answered 300"),
        (answer(304, b""), "answered 304"),
        (answer(206, Content_Range=f"bytes 0-{len(BODY) - 1}/{len(BODY)}"), "another part"),
        (answer(200, b""), "gave nothing and no file"),
        (answer(200, b"\xef\xbb\xbf\n<!DOCTYPE html><title>log in</title>"), "gave a web page"),
        (answer(200, b"<?xml version='1.0'?><Error/>"), "gave a web page"),
        (answer(200, Content_Length="many"), "no number"),
        (answer(200, Content_Length="-5"), "no number"),
        (answer(200, Content_Length="9" * 40), "no number"),
        (answer(200, Content_Length="9" * 15), "too much"),
        (answer(200, Content_Encoding="gzip"), "compressed"),
        (answer(302, b"", Location="http://[::1"), "can not be fetched"),
        (answer(302, b"", Location="http://" + "a" * 300 + ".example/"), "can not be"),
        (answer(302, b"", Location="http://\u200b..example/".encode().decode("latin-1")), "can not be"),
        (answer(302, b"", Location="file:///etc/passwd"), "can not be fetched"),
    ],
)
def test_what_is_not_the_file_is_refused(
    serve: Callable[[Answer], str], tmp_path: Path, hostile: Answer, said: str
) -> None:
    with pytest.raises(DownloadError, match=said):
        download(serve(hostile), tmp_path)
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(
    "second",
    [
        {"Content_Range": f"bytes 1000-{len(BODY) - 1}/{len(BODY)}", "ETag": '"two"'},
        {"Content_Range": f"bytes 1000-{len(BODY)}/{len(BODY) + 1}", "ETag": '"one"'},
        {"Content_Range": f"bytes 999-{len(BODY) - 1}/{len(BODY)}", "ETag": '"one"'},
        {"Content_Range": "bytes 1000-/*", "ETag": '"one"'},
        {"Content_Range": "nonsense", "ETag": '"one"'},
        {},
    ],
    ids=["other ETag", "other total", "other begin", "no total", "nonsense", "no range"],
)
def test_the_rest_of_another_file_is_not_joined(
    serve: Callable[[Answer], str], tmp_path: Path, second: dict[str, str]
) -> None:
    """Whatever the server says to a request for the rest, the whole is taken from its next whole answer."""
    other = bytes(reversed(BODY))

    def send(self: BaseHTTPRequestHandler) -> None:
        if "Range" in self.headers:
            answer(206, other[1000:], **second)(self)
        else:
            answer(200, other, ETag='"two"')(self)

    (tmp_path / "f.part").write_bytes(BODY[:1000])
    (tmp_path / "f.part.validator").write_text(f'{{"mark": "\\"one\\"", "total": {len(BODY)}}}')
    assert download(serve(send), tmp_path) == other


@pytest.mark.parametrize("stage", ["headers", "body"])
def test_slow_servers_are_left(serve: Callable[[Answer], str], tmp_path: Path, stage: str) -> None:
    def send(self: BaseHTTPRequestHandler) -> None:
        head = b"HTTP/1.0 200 OK\r\nContent-Length: 100000\r\n" + b"X-A: b\r\n" * 1000 + b"\r\n"
        if stage == "body":
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 100000\r\n\r\n")
            head = b"x" * 100_000
        for place in range(len(head)):
            try:
                self.wfile.write(head[place : place + 1])
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.02)

    began = time.monotonic()
    with pytest.raises(DownloadError, match="less than 10000 bytes a second"):
        download(serve(send), tmp_path, Limits(window=0.5))
    assert time.monotonic() - began < 30  # where nothing is left, it takes half an hour


def test_a_transfer_has_an_end(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    def send(self: BaseHTTPRequestHandler) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 100_000)
                time.sleep(0.01)
        except OSError:
            return

    with pytest.raises(DownloadError, match="longer than 1 s"):
        download(serve(send), tmp_path, Limits(total=1.0))
    with pytest.raises(DownloadError, match="more than 1000000 bytes"):
        download(serve(send), tmp_path, Limits(size=1_000_000))


def weights(*urls: str) -> Asset:
    sources = [{"kind": "url", "url": url} for url in urls]
    licence = {"text": "none", "non_commercial": False}
    return Asset(kind="weights", title="a file", path="weights/w.pth", licence=licence, sources=sources)


def test_the_next_source_is_tried_after_any_fault(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    good = b"\x80\x02" + BODY
    faults = [
        answer(302, b"", Location="http://[::1"),
        answer(200, Content_Length="many"),
        answer(200, b"<html>log in</html>"),
        answer(200, b"no weights at all"),
        answer(204, b""),
    ]
    fetcher = Fetcher(tmp_path / "assets", Lock(tmp_path / "assets.lock.json"), attempts=1, pause=0.0)
    path = fetcher.fetch("w", weights(*map(serve, [*faults, answer(200, good)])))
    assert path.read_bytes() == good


def test_one_download_for_all_who_wait(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    asked = []

    def send(self: BaseHTTPRequestHandler) -> None:
        asked.append(1)
        time.sleep(0.3)
        answer(200, b"\x80\x02" + BODY)(self)

    url = serve(send)
    found: list[Any] = []

    def fetch() -> None:
        fetcher = Fetcher(tmp_path / "assets", Lock(tmp_path / "assets.lock.json"), attempts=1, pause=0.0)
        found.append(fetcher.fetch("w", weights(url)))

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / "assets" / "weights" / "w.pth"] * 4
    assert len(asked) == 1


def test_the_lock_loses_nothing_that_is_written_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")

    def confirm(number: int) -> None:
        Lock(tmp_path / "assets.lock.json").confirm("a", f"source {number}", tmp_path / "file")

    threads = [threading.Thread(target=confirm, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Lock(tmp_path / "assets.lock.json").entries()) == 24


def test_a_complete_archive_is_kept_when_the_disk_is_full(
    serve: Callable[[Answer], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def send(self: BaseHTTPRequestHandler) -> None:
        asked.append(1)
        answer(200, b"\x80\x02" + BODY)(self)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    fetcher = Fetcher(tmp_path / "assets", Lock(tmp_path / "assets.lock.json"), attempts=1, pause=0.0)
    asset = weights(serve(send))
    with monkeypatch.context() as patch:
        patch.setattr("sr.data.fetch.require_file_of_its_kind", full)
        with pytest.raises(ValueError, match="the disk is full"):
            fetcher.fetch("w", asset)
    (tmp_path / "assets" / ".partial" / "w" / "left-behind").mkdir()
    assert fetcher.fetch("w", asset).read_bytes() == b"\x80\x02" + BODY
    assert len(asked) == 1
    assert not (tmp_path / "assets" / ".partial" / "w").exists()
