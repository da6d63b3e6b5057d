"""A server for a laboratory's own network: every rater's page behind a secret link, and answers taken in.

It answers nothing but the pages and pictures of the study and takes nothing but whole, untouched results.
"""

import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from sr.config import load_yaml
from sr.errors import InputError
from sr.files import write_json, write_text
from sr.opinions.collect import LARGEST_FILE, check
from sr.opinions.design import ANSWERS, TOKENS, Key, load_key
from sr.opinions.page import PAGES, page_name

_TYPES = {".html": "text/html; charset=utf-8", ".png": "image/png"}


class Served:
    """A prepared study, the raters' tokens, and the folder of their answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key: Key = load_key(folder)
        self.tokens = self._tokens()
        self.lock = Lock()

    def _tokens(self) -> dict[str, str]:
        """Token -> rater, kept so that links stay the same when the server is started again."""
        path = self.folder / TOKENS
        known = load_yaml(path) if path.is_file() else {}
        if set(known.values()) != set(self.key.raters):
            known = {secrets.token_urlsafe(12): rater for rater in self.key.raters}
            write_json(path, known)
            path.chmod(0o600)
        return known

    def file(self, token: str, name: str) -> Path | None:
        """The page (name '') or a picture for whoever has the token; None for anything else."""
        rater = self.tokens.get(token)
        if rater is None:
            return None
        if not name:
            return self.folder / PAGES / page_name(rater)
        picture = name.removeprefix("images/").removesuffix(".png")
        known = name == f"images/{picture}.png" and picture in self.key.stimuli
        path = self.folder / PAGES / "images" / f"{picture}.png"
        return path if known and path.is_file() else None

    def take(self, token: str, text: str) -> None:
        """Keep an answer file. Raises InputError for anything but a whole result of the token's rater."""
        rater = self.tokens.get(token)
        if rater is None:
            raise InputError("unknown link")
        if check(text, self.key).rater != rater:
            raise InputError("a result of another rater")
        path = self.answer_path(rater)
        with self.lock:
            if path.is_file() and path.read_text(encoding="utf-8") != text:
                raise InputError("this rater has answered already")
            write_text(path, text)

    def answer_path(self, rater: str) -> Path:
        """Where a rater's answers are kept."""
        return self.folder / ANSWERS / f"answers-{self.key.hash}-{rater}.json"


class _Handler(BaseHTTPRequestHandler):
    server_version = "study"
    sys_version = ""
    study: Served
    timeout = 60

    def do_GET(self) -> None:
        token, _, name = self.path.lstrip("/").partition("/")
        path = self.study.file(token, name)
        if path is None:
            return self._reply(HTTPStatus.NOT_FOUND, b"not found", "text/plain")
        return self._reply(HTTPStatus.OK, path.read_bytes(), _TYPES[path.suffix])

    def do_POST(self) -> None:
        token, _, name = self.path.lstrip("/").partition("/")
        length = self.headers.get("Content-Length", "")
        if name != "result" or token not in self.study.tokens:
            return self._refuse(HTTPStatus.NOT_FOUND, "not found")
        if not length.isdigit() or int(length) > LARGEST_FILE:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large for a result")
        try:
            self.study.take(token, self.rfile.read(int(length)).decode("utf-8"))
        except (InputError, UnicodeDecodeError) as error:
            return self._reply(HTTPStatus.BAD_REQUEST, str(error).encode(), "text/plain; charset=utf-8")
        return self._reply(HTTPStatus.OK, b"taken", "text/plain")

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        """Answer without reading what was sent."""
        self.close_connection = True
        self._reply(status, text.encode(), "text/plain")

    def _reply(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: requests hold the raters' links."""


def server(study: Served, host: str, port: int) -> ThreadingHTTPServer:
    """A server that is ready to run. Raises InputError when the address can not be had."""
    handler = type("Handler", (_Handler,), {"study": study})
    try:
        return ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        raise InputError(f"--host {host} --port {port}: {error.strerror}; choose another.") from None
