"""A file under its final name is complete, whatever happens while it is written."""

import errno
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sr import files
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


REPLACER = """
import sys, time
from pathlib import Path
from sr import files
folder, real = Path(sys.argv[1]), files._replace_folder
def told(new, path):
    print("now", flush=True)
    real(new, path)
files._replace_folder = told
if sys.argv[4] == "False":
    files._exchange = lambda *_: False
with files.atomic_folder(folder) as temporary:
    for number in range(int(sys.argv[2])):
        (temporary / f"{number}").write_text(sys.argv[3])
"""


def killed_while_replacing(folder: Path, size: int, content: str, after: float, exchange: bool) -> None:
    """Kill a process `after` seconds from the moment at which it begins to replace the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", REPLACER, str(folder), str(size), content, str(exchange)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "now\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.slow)])
@pytest.mark.parametrize("exchange", [True, False], ids=["exchange", "two renames"])
def test_a_kill_leaves_the_old_folder_or_the_new_one(tmp_path: Path, kills: int, exchange: bool) -> None:
    folder, size = tmp_path / "set", 1000
    random = np.random.default_rng(0)
    with atomic_folder(folder) as temporary:
        for number in range(size):
            (temporary / f"{number}").write_text("0")
    for kill in range(1, kills + 1):
        killed_while_replacing(folder, size, str(kill), float(random.uniform(0, 0.03)), exchange)
        files._put_back(folder)
        assert len(list(folder.iterdir())) == size
        assert len({path.read_text() for path in folder.iterdir()}) == 1
    files._swept.clear()
    with atomic_folder(folder) as temporary:
        (temporary / "new").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_leftovers_of_killed_processes_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    (tmp_path / ".part-12345678-left.png").write_text("half")
    (tmp_path / ".part-12345678-folder").mkdir()
    with atomic_path(tmp_path / "a.png") as living:
        files._swept.clear()
        files.write_text(tmp_path / "b.txt", "b")
        assert living.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.txt"]


def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".txt")
    files.write_text(path, "text")
    assert path.read_text() == "text"


def test_a_limit_on_the_size_of_files_is_said_in_words(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_path(tmp_path / "a.bin") as temporary:
            temporary.write_bytes(b"x" * 10_000)

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
    try:
        with pytest.raises(InputError, match="files of this size may not be written here"):
            write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
