"""What is kept is given again only while the files it came from are as they were."""

import os
import time
from pathlib import Path

import pytest

from sr.remembered import once, remembered


class Reader:
    """Counts how often a file or folder is read."""

    def __init__(self) -> None:
        self.times = 0
        self.read = remembered(self._read)

    def _read(self, path: Path, prefix: str = "") -> str:
        self.times += 1
        return prefix + (
            path.read_text() if path.is_file() else " ".join(sorted(one.name for one in path.iterdir()))
        )


def grow_old(path: Path, seconds: float = 60.0) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.txt"
    path.write_text("one")
    grow_old(path)
    return path


def test_an_unchanged_file_is_read_once_for_the_same_arguments(file: Path) -> None:
    reader = Reader()
    assert (reader.read(file), reader.read(file)) == ("one", "one")
    assert (reader.read(file, "a "), reader.read(file, prefix="a ")) == ("a one", "a one")
    assert reader.times == 3


@pytest.mark.parametrize(("text", "age"), [("two", 30.0), ("three", 60.0)])
def test_a_changed_file_is_read_anew(file: Path, text: str, age: float) -> None:
    """Whether its date changes or its size."""
    reader = Reader()
    reader.read(file)
    file.write_text(text)
    grow_old(file, age)
    assert (reader.read(file), reader.read(file)) == (text, text)
    assert reader.times == 2


def test_a_replaced_file_is_read_anew(file: Path) -> None:
    """A new file under the old name, of the same size and date."""
    reader = Reader()
    reader.read(file)
    date = file.stat().st_mtime_ns
    new = file.with_name("new.txt")
    new.write_text("two")
    os.utime(new, ns=(date, date))
    new.replace(file)
    assert reader.read(file) == "two"


def test_what_has_just_changed_is_not_kept(file: Path) -> None:
    """The next change may have the same date."""
    reader = Reader()
    file.write_text("two")
    assert (reader.read(file), reader.read(file)) == ("two", "two")
    assert reader.times == 2


def test_a_folder_is_read_anew_when_something_comes_or_goes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").touch()
    grow_old(folder)
    reader = Reader()
    assert (reader.read(folder), reader.read(folder)) == ("a", "a")
    assert reader.times == 1
    (folder / "b").touch()
    assert reader.read(folder) == "a b"


def test_what_is_missing_is_said_each_time(tmp_path: Path) -> None:
    reader = Reader()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            reader.read(tmp_path / "absent")


def test_an_object_answers_once_and_for_itself() -> None:
    class Counting:
        times = 0

        @once
        def double(self, number: int) -> int:
            """Twice a number."""
            Counting.times += 1
            return 2 * number

    first, second = Counting(), Counting()
    assert [first.double(2), first.double(2), first.double(3), second.double(2)] == [4, 4, 6, 4]
    assert Counting.times == 3
