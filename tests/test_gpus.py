"""Trainings beside each other on a machine's GPUs do not meet on one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sr.errors import InputError
from sr.gpus import reserve, visible

# A process of its own that reserves, says what it sees, and keeps it until it is killed.
RESERVES = """
import os, sys, time, torch
from sr.gpus import reserve, visible
torch.cuda.device_count = lambda: 3
reserve(int(sys.argv[1]))
print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three GPUs, and locks of this test's own."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    # Set first, so that what `reserve` sets is taken back after the test.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")


def test_each_gets_its_own_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    other = subprocess.Popen([sys.executable, "-c", RESERVES, "2"], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "0,1\n"
    reserve(1)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "2"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    with pytest.raises(InputError, match="of this machine's 3 GPUs, other jobs have reserved all but 1"):
        reserve(2)
    other.kill()
    other.wait()
    reserve(2)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(InputError, match="there are 3"):
        reserve(4)


def test_a_schedulers_choice_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,2")
    reserve(2)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1,2"


def test_of_more_that_are_shown_each_gets_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,GPU-7,9")
    other = subprocess.Popen([sys.executable, "-c", RESERVES, "1"], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "5\n"
    reserve(2)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-7,9"
    other.kill()
    other.wait()


def test_without_gpus_there_is_nothing_to_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    reserve(2)
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


def test_the_gpus_that_may_be_used_are_counted_by_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for shown, number in (
        ("5,GPU-7,9", 3),
        ("0", 1),
        ("", 0),
        ("-1", 0),
        ("NoDevFiles", 0),
        ("1, 0,-1,2", 2),
    ):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
        assert visible() == number


def test_without_the_variable_the_drivers_devices_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "nvidia-caps"):
        (tmp_path / name).touch()
    monkeypatch.setattr("sr.gpus.DEVICES", tmp_path)
    assert visible() == 3
