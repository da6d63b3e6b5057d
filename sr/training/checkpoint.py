"""Checkpoints: atomic, sealed, the last two kept, a damaged one skipped, a foreign one refused."""

import io
from pathlib import Path
from typing import Any

import torch

from sr.errors import InputError
from sr.files import write_bytes
from sr.seals import TRAILER, close, is_sealed, say_unsealed
from sr.weights.weight_files import BROKEN

_KEPT = 2
_OLDER = "using the one before it"


def save(folder: Path, identity: str, step: int, state: dict[str, Any]) -> Path:
    """Write `state` as the checkpoint of `step` and drop all but the newest two.

    identity: hash of the run (recipe, seed, data, start); only a run with the same one can go on from it.
    """
    path = folder / f"checkpoint-{step:08d}.pt"
    # Through memory: torch.save hides the system's error when the disk is full.
    content = io.BytesIO()
    torch.save({"identity": identity, "state": state}, content)
    content.write(TRAILER)
    sealed = close(bytearray(content.getbuffer()))
    write_bytes(path, sealed)
    for old in _checkpoints(folder)[_KEPT:]:
        old.unlink()
    return path


def load_latest(folder: Path, identity: str) -> tuple[dict[str, Any] | None, list[str]]:
    """The newest usable state, or None where there is no checkpoint, and a sentence for each one skipped.

    Raises InputError when checkpoints exist but none can be used, so that nothing is silently repeated.
    """
    skipped = []
    for path in _checkpoints(folder):
        try:
            content = _read(path)
        except InputError as error:
            skipped.append(str(error))
            continue
        if content["identity"] != identity:
            skipped.append(f"{path}: of another recipe, seed, training set or start; {_OLDER}.")
        else:
            return content["state"], skipped
    if skipped:
        raise InputError(
            f"{skipped[0].removesuffix(f'; {_OLDER}.')}, and no other checkpoint in {folder} can be used:"
            " move the folder away to train from the start."
        )
    return None, skipped


def _read(path: Path) -> dict[str, Any]:
    """A checkpoint's identity and state. Raises InputError when it is damaged or none."""
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can not be read ({error.strerror}); {_OLDER}.") from error
    # Checked before anything in it is interpreted.
    end = len(sealed)
    if is_sealed(sealed, path, _OLDER):
        end -= len(TRAILER)
    else:
        say_unsealed(path)
    try:
        content = torch.load(io.BytesIO(memoryview(sealed)[:end]), map_location="cpu", weights_only=True)
    except BROKEN as error:
        raise InputError(f"{path}: truncated or not a checkpoint; {_OLDER}.") from error
    if not isinstance(content, dict) or content.keys() != {"identity", "state"}:
        raise InputError(f"{path}: not a checkpoint of this program; {_OLDER}.")
    return content


def _checkpoints(folder: Path) -> list[Path]:
    """Newest first."""
    return sorted(folder.glob("checkpoint-*.pt"), reverse=True)
