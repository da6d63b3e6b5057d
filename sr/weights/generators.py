"""Trained generators from the folders that training leaves behind."""

from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from sr.errors import InputError
from sr.networks import GeneratorSettings
from sr.recipes.run_record import RECORD, WEIGHTS, RunRecord, load_record


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
    load_weights(generator, weights or folder / WEIGHTS)
    return generator.eval(), record


def load_weights(network: nn.Module, path: Path) -> None:
    """Load safetensors into `network`. Raises InputError naming the first key that does not fit."""
    put_weights(network, read_safetensors(path), path)


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file. Raises InputError when it is broken."""
    try:
        weights: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path}: not readable as safetensors ({error}); train or copy it again.") from error
    return weights


def put_weights(network: nn.Module, weights: dict[str, Tensor], origin: Path) -> None:
    """Give `network` its weights. Raises InputError naming `origin` and the first key that does not fit."""
    expected = network.state_dict()
    for key, value in expected.items():
        if key not in weights:
            raise InputError(f"{origin}: lacks {key}; it belongs to another network.")
        if weights[key].shape != value.shape:
            raise InputError(
                f"{origin}: {key} is {tuple(weights[key].shape)}, the network needs {tuple(value.shape)}."
            )
    unknown = weights.keys() - expected.keys()
    if unknown:
        raise InputError(f"{origin}: holds {min(unknown)}, which the network has not.")
    network.load_state_dict(weights)


def device_of(network: nn.Module) -> torch.device:
    """The device a network's parameters are on."""
    return next(network.parameters()).device
