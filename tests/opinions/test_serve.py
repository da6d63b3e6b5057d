"""The server for a laboratory: it gives each rater their page, takes whole results, and nothing else."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from sr.opinions.collect import LARGEST_FILE, collect
from sr.opinions.serve import ANSWERS, Served, server
from tests.opinions.small_study import prepared, result
from tests.opinions.test_collect import honest


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("served")
    prepared(folder)
    return Served(folder / "study")


@pytest.fixture
def address(study: Served) -> Iterator[str]:
    with server(study, "127.0.0.1", 0) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def token_of(study: Served, rater: str) -> str:
    return next(token for token, one in study.tokens.items() if one == rater)


def ask(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=20) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_link_gives_its_raters_page_and_the_pictures(study: Served, address: str) -> None:
    token = token_of(study, "02")
    status, page = ask(f"{address}/{token}/")
    assert status == 200
    assert page == (study.folder / "pages" / "rater-02.html").read_bytes()
    name = next(iter(study.key.stimuli))
    status, picture = ask(f"{address}/{token}/images/{name}.png")
    assert (status, picture[:4]) == (200, b"\x89PNG")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/rater-01.html",
        "/wrong/",
        "/{token}/key.json",
        "/{token}/../key.json",
        "/{token}/images/../../key.json",
        "/{token}/images/no.png",
        "/{token}/%2e%2e/key.json",
        "/{token}/rater-01.html",
        "//{token}/x",
    ],
)
def test_nothing_else_is_given(study: Served, address: str, path: str) -> None:
    status, body = ask(address + path.format(token=token_of(study, "01")))
    assert (status, body) == (404, b"not found")


def test_whole_results_are_taken_once(study: Served, address: str) -> None:
    text = result(study.key, "01", honest)
    url = f"{address}/{token_of(study, '01')}/result"
    assert ask(url, text.encode()) == (200, b"taken")
    assert ask(url, text.encode()) == (200, b"taken")  # sent twice by an impatient rater
    other = result(study.key, "01", lambda _rater, _shown: 3)
    assert ask(url, other.encode()) == (400, b"this rater has answered already")
    kept = sorted((study.folder / ANSWERS).glob("*.json"))
    assert list(collect(study.key, kept).results) == ["01"]


def test_what_is_no_result_is_refused(study: Served, address: str) -> None:
    text = result(study.key, "03", honest)
    url = f"{address}/{token_of(study, '03')}/result"
    assert ask(url, text[:-40].encode())[0] == 400
    assert ask(url, b"\xff\xfe")[0] == 400
    assert ask(url, text.replace('"answer":1', '"answer":2', 1).encode())[0] == 400
    assert ask(f"{address}/{token_of(study, '04')}/result", text.encode()) == (
        400,
        b"a result of another rater",
    )
    assert ask(f"{address}/wrong/result", text.encode())[0] == 404
    assert not study.answer_path("03").exists()


def test_a_huge_result_is_not_even_read(study: Served, address: str) -> None:
    request = urllib.request.Request(f"{address}/{token_of(study, '03')}/result", data=b"x", method="POST")
    request.add_unredirected_header("Content-Length", str(LARGEST_FILE + 1))
    with pytest.raises(urllib.error.HTTPError, match="413"):
        urllib.request.urlopen(request, timeout=20)


def test_links_stay_the_same_and_are_the_owners_alone(study: Served) -> None:
    assert Served(study.folder).tokens == study.tokens
    assert (study.folder / "tokens.json").stat().st_mode & 0o077 == 0
