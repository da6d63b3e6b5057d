"""A file under its final name is complete, whatever happens while it is written."""

import errno
from pathlib import Path

import pytest

from sr.errors import InputError
from sr.files import atomic_folder, atomic_path, file_hash, write_json


def test_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "value.txt"
    path.write_text("old")

    def write_half() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_is_said_in_words(tmp_path: Path) -> None:
    def write(temporary: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(temporary))

    with pytest.raises(InputError, match=r"a.bin: the disk is full"), atomic_path(tmp_path / "a.bin") as file:
        write(file)
    with (
        pytest.raises(InputError, match="folder: the disk is full"),
        atomic_folder(tmp_path / "folder") as folder,
    ):
        write(folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_full_disk_for_real(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_path(tmp_path / "a.bin"), Path("/dev/full").open("wb") as stream:
            stream.write(b"x" * 10)

    with pytest.raises(InputError, match="the disk is full"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_folder_replaces_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "old").touch()
    with atomic_folder(folder) as temporary:
        (temporary / "new").touch()
        assert (folder / "old").exists()
    assert [path.name for path in folder.iterdir()] == ["new"]


def test_hash_of_known_content(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert file_hash(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_json_ends_with_a_newline(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"PSNR": 1})
    assert (tmp_path / "a.json").read_text() == '{\n  "PSNR": 1\n}\n'


def test_places_that_can_not_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file/a.json: can not be written"):
        write_json(tmp_path / "file" / "a.json", 1)
