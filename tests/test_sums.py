"""Sums of a folder's files: any change is found, and content is read once for each change."""

import os
from pathlib import Path

import numpy as np
import pytest

from sr import sums as module
from sr.errors import InputError
from sr.images import write_png
from sr.seals import write_record
from sr.sums import check, check_recorded, sums_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(name.encode() * 1000)
    return tmp_path


def refuse(folder: Path, sums: module.Sums, words: str) -> None:
    with pytest.raises(InputError, match=f"{words}.*; make it again"):
        check(folder, sums, "make it again")


def test_missing_longer_and_altered_files_are_named(folder: Path) -> None:
    sums = sums_of(folder, ["a", "b"])
    check(folder, sums, "make it again")
    (folder / "a").write_bytes(b"A" + b"a" * 999)
    refuse(folder, sums, "a: is damaged or was altered")
    (folder / "a").write_bytes(b"a" * 1001)
    refuse(folder, sums, "a: has 1001 bytes and not 1000")
    (folder / "a").unlink()
    refuse(folder, sums, "a: is missing")


def test_content_is_read_once_for_each_change(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    real = module.file_hash
    monkeypatch.setattr(module, "file_hash", lambda *paths: read.append(paths[0].name) or real(*paths))
    sums = sums_of(folder, ["a", "b"])
    read.clear()
    check(folder, sums, "")
    assert read == ["a", "b"]
    check(folder, sums, "")
    assert read == ["a", "b"]
    (folder / "b").write_bytes(b"b" * 1000)
    check(folder, sums, "")
    assert read == ["a", "b", "b"]


def test_a_date_that_was_put_back_does_not_hide_a_change(folder: Path) -> None:
    sums = sums_of(folder, ["a"])
    check(folder, sums, "")
    before = (folder / "a").stat()
    with (folder / "a").open("r+b") as stream:
        stream.write(b"A")
    os.utime(folder / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    refuse(folder, sums, "a: is damaged or was altered")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_folder_that_may_not_be_written_to_is_read_each_time(folder: Path) -> None:
    sums = sums_of(folder, ["a"])
    folder.chmod(0o555)
    try:
        check(folder, sums, "")
    finally:
        folder.chmod(0o755)


def test_a_spoilt_memory_is_no_harm(folder: Path) -> None:
    sums = sums_of(folder, ["a"])
    for spoilt in (b"\xff", b"[]", b'{"a": 1}', b'{"a": {"state": []}}'):
        (folder / ".checked.json").write_bytes(spoilt)
        check(folder, sums, "")


@pytest.mark.parametrize("text", ["[1]", '{"files": {"a.png": "mine"}}'])
def test_a_persons_own_json_beside_a_folder_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results.json").write_text(text)
    check_recorded(tmp_path / "results", "make it again")


def test_a_folder_is_found_by_its_whole_name_and_from_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = tmp_path / "exp.1"
    write_png(images / "a.png", np.zeros((4, 4, 3), np.uint8))
    record = {
        "made_from": "x",
        "files": {name: s.model_dump() for name, s in sums_of(images, ["a.png"]).items()},
    }
    write_record(tmp_path / "exp.json", record | {"files": {}})  # of another folder
    write_record(tmp_path / "exp.1.json", record)
    monkeypatch.chdir(images)
    check_recorded(Path(), "make it again")
    write_png(images / "a.png", np.ones((4, 4, 3), np.uint8))
    with pytest.raises(InputError, match=r"a\.png: .*make it again"):
        check_recorded(Path(), "make it again")
