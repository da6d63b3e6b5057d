"""A run that goes on beside a damaged checkpoint ends with the weights of one that was never disturbed."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from sr.training import checkpoint
from sr.training import loop as loops
from sr.training.run import train
from tests.training.tiny_run import NoAssets, a_run

WEIGHTS = "generator.safetensors"


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
@pytest.mark.parametrize("flips", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_it_takes_the_older_one_and_ends_the_same(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, flips: int
) -> None:
    monkeypatch.setattr(loops, "_SHARE_OF_SAVING", 1e9)
    train(a_run(data, "whole"), NoAssets())  # type: ignore[arg-type]
    undisturbed = (data / "whole" / WEIGHTS).read_bytes()
    random = np.random.default_rng(0)
    for number in range(flips):
        run = data / f"broken{number}"
        shutil.copytree(data / "whole" / "progress", run / "progress")
        newest = max((run / "progress").glob("checkpoint-*.pt"))
        content = bytearray(newest.read_bytes())
        content[int(random.integers(len(content)))] ^= 1 << int(random.integers(8))
        newest.write_bytes(content)
        train(a_run(data, run.name), NoAssets())  # type: ignore[arg-type]
        said = capsys.readouterr().err
        assert f"{newest.name}: is damaged or was altered" in said
        assert "using the one before it" in said
        assert (run / WEIGHTS).read_bytes() == undisturbed


def test_a_checkpoint_of_before_there_were_checksums_is_used_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    torch.save({"identity": "id", "state": {"value": 1}}, tmp_path / "checkpoint-00000001.pt")
    assert checkpoint.load_latest(tmp_path, "id") == ({"value": 1}, [])
    assert "before files carried checksums" in capsys.readouterr().err
