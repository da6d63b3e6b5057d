"""A small web server on this machine, for tests of fetching."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Page:
    """What the server gives at one path.

    cut: the first answers end after so many bytes of their body, one entry an answer.
    status: the first answers have this code, one entry an answer; then 200 or 206.
    """

    url: str
    body: bytes = b""
    etag: str | None = '"one"'
    ranges: bool = True
    cut: list[int] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    redirect: str | None = None
    type: str | None = None
    requests: list[dict[str, str]] = field(default_factory=list)


class Server:
    """Pages by path, and the address in front of the path."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: dict[str, Page] = {}

    def add(self, path: str, body: bytes = b"", **behaviour: Any) -> Page:
        """A new page; `behaviour` are further fields of Page."""
        self.pages[path] = Page(self.address + path, body, **behaviour)
        return self.pages[path]


@pytest.fixture
def server() -> Iterator[Server]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.site = Server(f"http://127.0.0.1:{http.server_address[1]}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield http.site
    http.shutdown()
    thread.join()
    http.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = self.server.site.pages.get(self.path)
        if page is None:
            self.send_error(404)
            return
        page.requests.append(dict(self.headers))
        if page.status:
            self.send_error(page.status.pop(0))
        elif page.redirect:
            self.send_response(302)
            self.send_header("Location", page.redirect)
            self.end_headers()
        else:
            self._send(page)

    def _send(self, page: Page) -> None:
        begin = self._begin(page)
        rest = page.body[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(rest)))
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(page.body) - 1}/{len(page.body)}")
        if page.type:
            self.send_header("Content-Type", page.type)
        if page.etag:
            self.send_header("ETag", page.etag)
        self.end_headers()
        self.wfile.write(rest[: page.cut.pop(0)] if page.cut else rest)

    def _begin(self, page: Page) -> int:
        wanted = self.headers.get("Range")
        if not (page.ranges and wanted and self.headers.get("If-Range") == page.etag):
            return 0
        return int(wanted.removeprefix("bytes=").rstrip("-"))

    def log_message(self, *_: object) -> None:
        pass
