"""Checkpoints: atomic, the last two kept, a truncated one skipped, a foreign one refused; bare weights."""

import io
import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as packed
from torch import nn

from sr.errors import InputError
from sr.files import atomic_path

_KEPT = 2


def save(folder: Path, identity: str, step: int, state: dict[str, Any]) -> Path:
    """Write `state` as the checkpoint of `step` and drop all but the newest two.

    identity: hash of the run (recipe, seed, data, start); only a run with the same one can go on from it.
    """
    path = folder / f"checkpoint-{step:08d}.pt"
    # Through memory: torch.save hides the system's error when the disk is full.
    content = io.BytesIO()
    torch.save({"identity": identity, "state": state}, content)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.getbuffer())
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
            content = torch.load(path, map_location="cpu", weights_only=True)
        except (RuntimeError, EOFError, OSError, pickle.UnpicklingError, KeyError, ValueError):
            skipped.append(f"{path}: truncated or not a checkpoint; using the one before it.")
            continue
        if not isinstance(content, dict) or content.keys() != {"identity", "state"}:
            skipped.append(f"{path}: not a checkpoint of this program; using the one before it.")
        elif content["identity"] != identity:
            skipped.append(
                f"{path}: of another recipe, seed, training set or start; using the one before it."
            )
        else:
            return content["state"], skipped
    if skipped:
        raise InputError(
            f"{skipped[0].split(';')[0]}, and no other checkpoint in {folder} can be used: move the folder"
            " away to train from the start."
        )
    return None, skipped


def save_weights(path: Path, network: nn.Module) -> None:
    """Write a network's weights and buffers as safetensors, in PyTorch's usual memory layout."""
    weights = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
    with atomic_path(path) as temporary:
        temporary.write_bytes(packed(weights))


def _checkpoints(folder: Path) -> list[Path]:
    """Newest first."""
    return sorted(folder.glob("checkpoint-*.pt"), reverse=True)
