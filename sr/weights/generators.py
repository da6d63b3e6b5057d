"""Trained generators from the folders that training leaves behind."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from sr.errors import InputError
from sr.files import write_bytes
from sr.networks import GeneratorSettings
from sr.recipes.run_record import RECORD, WEIGHTS, RunRecord, load_record, require_own_weights
from sr.seals import OPEN, SEAL, close, is_sealed
from sr.weights.shape import require_same_shapes

# The header says names and shapes; the largest known network's has some 200 kB.
_LARGEST_HEADER = 10_000_000


def load_run(folder: Path, weights: Path | None = None) -> tuple[nn.Module, RunRecord]:
    """The generator of a finished run, in evaluation mode, and what `run.json` says of it.

    weights: other ones of the same training than its result: as trained, averaged, or kept on its way.
    Raises InputError when the folder holds no finished run or its weights do not fit.
    """
    record = load_record(folder)
    try:
        settings: Any = TypeAdapter(GeneratorSettings).validate_python(record.recipe["generator"])
    except ValidationError as error:
        key = error.errors()[0]["loc"][-1]
        raise InputError(
            f"{folder / RECORD}: was written by other code, whose generator differs at '{key}';"
            " delete the run's folder to train it again."
        ) from error
    generator: nn.Module = settings.build()
    if weights is not None and weights != folder / WEIGHTS:
        load_weights(generator, weights)
        return generator.eval(), record
    content = _read(folder / WEIGHTS)
    require_own_weights(folder, record, content)
    put_weights(generator, _tensors(content, folder / WEIGHTS), folder / WEIGHTS)
    return generator.eval(), record


def load_weights(network: nn.Module, path: Path) -> None:
    """Load safetensors into `network`. Raises InputError naming the first key that does not fit."""
    put_weights(network, read_safetensors(path), path)


def sealed_safetensors(network: nn.Module, metadata: Mapping[str, str] | None = None) -> bytes:
    """A network's weights and buffers in PyTorch's usual memory layout, as a file with a seal.

    The same content gives the same bytes.
    """
    weights = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    content = save(weights, {SEAL: OPEN})
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    # The library keeps no order among several entries.
    header["__metadata__"] = {**dict(sorted((metadata or {}).items())), SEAL: OPEN}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return bytes(close(bytearray(struct.pack("<Q", len(text)) + text + content[8 + length :])))


def save_weights(path: Path, network: nn.Module) -> None:
    """Write a network's weights and buffers as sealed safetensors, atomically."""
    write_bytes(path, sealed_safetensors(network))


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file. Raises InputError when it is broken, or its seal says that it is damaged."""
    return _tensors(_read(path), path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can not be read ({error.strerror}); train or copy it again.") from error


def _tensors(content: bytes, path: Path) -> dict[str, Tensor]:
    is_sealed(content, path, "train or copy it again")
    if int.from_bytes(content[:8], "little") > _LARGEST_HEADER:
        raise InputError(f"{path}: not a network's weights, for its header is too large; copy it again.")
    try:
        weights: dict[str, Tensor] = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not readable as safetensors ({error}); train or copy it again.") from error
    return weights


def put_weights(network: nn.Module, weights: dict[str, Tensor], origin: Path) -> None:
    """Give `network` its weights. Raises InputError naming `origin` and the first key that does not fit."""
    require_same_shapes(network.state_dict(), weights, origin)
    for key, value in weights.items():
        if not bool(value.isfinite().all()):
            raise InputError(f"{origin}: {key} holds values that are not finite; train or copy it again.")
    network.load_state_dict(weights)


def device_of(network: nn.Module) -> torch.device:
    """The device a network's parameters are on."""
    return next(network.parameters()).device
