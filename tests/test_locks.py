"""Locks end with their process, and only then."""

import errno
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from sr.files import write_text
from sr.locks import clear_stale_snakemake_locks, hold, release, some_of, try_lock, waiting_for

HOLDER = """
import sys, time
from pathlib import Path
from sr.locks import hold
print(hold(Path(sys.argv[1])), flush=True)
time.sleep(60)
"""


def holder(path: Path) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def test_one_holder_at_a_time_until_it_is_killed(tmp_path: Path) -> None:
    other = holder(tmp_path / "run.lock")
    assert not hold(tmp_path / "run.lock")
    other.kill()
    other.wait()
    assert hold(tmp_path / "run.lock")
    assert hold(tmp_path / "run.lock")
    release(tmp_path / "run.lock")


def test_stale_locks_go_and_live_ones_stay(tmp_path: Path) -> None:
    stale = tmp_path / ".snakemake" / "locks" / "0.input.lock"
    stale.parent.mkdir(parents=True)
    stale.touch()
    other = holder(tmp_path / ".snakemake" / "alive.lock")
    clear_stale_snakemake_locks(tmp_path)
    assert stale.exists()
    other.kill()
    other.wait()
    clear_stale_snakemake_locks(tmp_path)
    assert not stale.exists()
    release(tmp_path / ".snakemake" / "alive.lock")


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_said_and_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, code: int
) -> None:
    def none(*_: object) -> None:
        raise OSError(code, "no locks")

    monkeypatch.setattr("sr.locks.fcntl.flock", none)
    assert hold(tmp_path / "run.lock")
    release(tmp_path / "run.lock")
    with waiting_for(tmp_path / "other.lock"):
        write_text(tmp_path / "a.txt", "a")
    assert capsys.readouterr().err.count("its file system has no locks") == 1
    stale = tmp_path / ".snakemake" / "locks" / "0.input.lock"
    stale.parent.mkdir(parents=True)
    stale.touch()
    clear_stale_snakemake_locks(tmp_path)
    assert stale.exists()


def test_some_of_several_locks_are_those_that_nobody_holds(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.touch()
    other = try_lock(paths[1])
    assert other is not None
    with some_of(paths) as held:
        assert held == [paths[0], paths[2]]
        assert try_lock(paths[0]) is None
    with some_of(paths) as held:
        assert held == [paths[0], paths[2]]
    other.release()


def test_where_all_locks_are_held_the_first_is_waited_for(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        path.touch()
    first, second = (try_lock(path) for path in paths)
    assert first is not None
    assert second is not None
    released = Timer(0.2, first.release)
    released.start()
    with some_of(paths) as held:
        assert held == [paths[0]]
    second.release()
    released.join()
