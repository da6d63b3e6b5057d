"""The downloader against a server that truncates, redirects, forgets and refuses."""

import socket
from pathlib import Path
from typing import Any

import pytest

from sr.data.download import DownloadError, ResumingDownloader, answering

BODY = bytes(range(256)) * 400


def download(url: str, folder: Path, attempts: int = 3) -> bytes:
    output = folder / "output"
    ResumingDownloader(folder / "file.part", attempts=attempts, pause=0.0)(url, str(output), None)
    assert sorted(path.name for path in folder.iterdir()) == ["output"]
    return output.read_bytes()


def test_whole_file(server: Any, tmp_path: Path) -> None:
    assert download(server.add("/file", BODY).url, tmp_path) == BODY


def test_resumes_after_truncations(server: Any, tmp_path: Path) -> None:
    page = server.add("/file", BODY, cut=[1000, 2000])
    assert download(page.url, tmp_path) == BODY
    assert [request.get("Range") for request in page.requests] == [None, "bytes=1000-", "bytes=3000-"]


def test_starts_again_where_the_server_knows_no_ranges(server: Any, tmp_path: Path) -> None:
    page = server.add("/file", BODY, ranges=False, cut=[1000])
    assert download(page.url, tmp_path) == BODY


def test_starts_again_without_a_way_to_tell_that_the_file_is_the_same(server: Any, tmp_path: Path) -> None:
    page = server.add("/file", BODY, etag=None, cut=[1000])
    assert download(page.url, tmp_path) == BODY
    assert [request.get("Range") for request in page.requests] == [None, None]


def test_resumes_in_a_later_run(server: Any, tmp_path: Path) -> None:
    page = server.add("/file", BODY, cut=[5000])
    with pytest.raises(DownloadError, match=f"ended after 5000 of {len(BODY)} bytes"):
        download(page.url, tmp_path, attempts=1)
    assert not (tmp_path / "output").exists()
    assert download(page.url, tmp_path) == BODY
    assert page.requests[-1]["Range"] == "bytes=5000-"


def test_file_that_changed_between_runs_is_not_mixed(server: Any, tmp_path: Path) -> None:
    page = server.add("/file", BODY, cut=[5000])
    with pytest.raises(DownloadError):
        download(page.url, tmp_path, attempts=1)
    page.body, page.etag = BODY[::-1], '"two"'
    assert download(page.url, tmp_path) == BODY[::-1]


def test_gives_up_after_the_attempts(server: Any, tmp_path: Path) -> None:
    page = server.add("/file", BODY, cut=[10, 10, 10])
    with pytest.raises(DownloadError, match="3 times"):
        download(page.url, tmp_path)
    assert len(page.requests) == 3


def test_busy_server_is_asked_again(server: Any, tmp_path: Path) -> None:
    assert download(server.add("/file", BODY, status=[503, 429]).url, tmp_path) == BODY


def test_missing_file_is_asked_for_once(server: Any, tmp_path: Path) -> None:
    page = server.add("/file", BODY, status=[404, 404])
    with pytest.raises(DownloadError, match="404"):
        download(page.url, tmp_path)
    assert len(page.requests) == 1


def test_redirect(server: Any, tmp_path: Path) -> None:
    server.add("/file", BODY)
    assert download(server.add("/old", redirect="/file").url, tmp_path) == BODY


def test_unreachable_host(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 can not be reached"):
        download(f"http://127.0.0.1:{port}/file", tmp_path)


def test_servers_that_answer_are_told_from_those_that_do_not(server: Any) -> None:
    """One refuses connections, one accepts them and is silent; each is asked once, all at the same time."""
    with socket.socket() as silent, socket.socket() as closed:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        closed.bind(("127.0.0.1", 0))
        urls = [f"http://127.0.0.1:{one.getsockname()[1]}/{n}" for one in (silent, closed) for n in range(3)]
        page = server.add("/a", b"body").url
        missing = f"{server.address}/nothing/here"
        assert answering([*urls, page, missing, "http://no.such.host.invalid/x"], 1.0) == {page, missing}
    assert answering([], 1.0) == set()
