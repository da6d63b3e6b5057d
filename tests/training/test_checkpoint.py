"""Checkpoints: the newest good one is used, and a useless one is named."""

from pathlib import Path

import pytest
import torch

from sr.errors import InputError
from sr.training import checkpoint


def state(step: int) -> dict[str, object]:
    return {"step": step, "weights": torch.full((1000,), float(step))}


def test_keeps_the_newest_two(tmp_path: Path) -> None:
    for step in (5, 10, 15):
        checkpoint.save(tmp_path, "run", step, state(step))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint-00000010.pt",
        "checkpoint-00000015.pt",
    ]
    loaded, skipped = checkpoint.load_latest(tmp_path, "run")
    assert loaded is not None
    assert (loaded["step"], skipped) == (15, [])


def test_none_is_no_error(tmp_path: Path) -> None:
    assert checkpoint.load_latest(tmp_path / "absent", "run") == (None, [])


@pytest.mark.parametrize("keep", [0, 1, 100, 3000])
def test_truncated_is_skipped_in_words(tmp_path: Path, keep: int) -> None:
    checkpoint.save(tmp_path, "run", 5, state(5))
    newest = checkpoint.save(tmp_path, "run", 10, state(10))
    newest.write_bytes(newest.read_bytes()[:keep])
    loaded, skipped = checkpoint.load_latest(tmp_path, "run")
    assert loaded is not None
    assert loaded["step"] == 5
    assert len(skipped) == 1
    assert "checkpoint-00000010.pt: truncated" in skipped[0]


def test_foreign_is_skipped_in_words(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, "run", 5, state(5))
    checkpoint.save(tmp_path, "other", 10, state(10))
    loaded, skipped = checkpoint.load_latest(tmp_path, "run")
    assert loaded is not None
    assert loaded["step"] == 5
    assert "of another recipe" in skipped[0]


def test_nothing_usable_is_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, "other", 10, state(10))
    with pytest.raises(InputError, match=r"of another recipe.*move the folder away"):
        checkpoint.load_latest(tmp_path, "run")


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "owned",))  # type: ignore[return-value]

    torch.save({"identity": "run", "state": Evil()}, tmp_path / "checkpoint-00000001.pt")
    with pytest.raises(InputError, match="not a checkpoint"):
        checkpoint.load_latest(tmp_path, "run")
    assert not (tmp_path / "owned").exists()
