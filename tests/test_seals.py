"""Seals: what was written is read, anything else is refused, and files of before seals are read."""

import json
from pathlib import Path

import pytest

from sr.errors import InputError
from sr.seals import read_record, write_record

VALUE = {"text": 'é "quoted" \\ and sha256', "number": 1e-5, "list": [1, None, True], "inside": {"a": "b"}}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_record(tmp_path / "r.json", VALUE)
    assert read_record(tmp_path / "r.json", "mend it") == VALUE
    assert json.loads((tmp_path / "r.json").read_text("utf-8")).keys() == {*VALUE, "seal"}


def test_every_single_flip_is_found(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    write_record(path, {"a": 1e-05, "b": "x"})
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            path.write_bytes(damaged)
            with pytest.raises(InputError, match=r"r\.json: .*; mend it\."):
                read_record(path, "mend it")


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff", b"[" * 100_000, b'{"a": 1}{'])
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(InputError, match=r"r\.json: .*; mend it\."):
        read_record(tmp_path / "r.json", "mend it")


def test_a_record_of_before_there_were_seals_is_read(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(VALUE))
    assert read_record(tmp_path / "r.json", "mend it") == VALUE
