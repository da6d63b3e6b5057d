"""Weights of an RRDB as ncnn stores them: one convolution after the other, in 16-bit floating point."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sr.errors import InputError
from sr.networks.rrdb import RRDBSettings

# What stands in front of weights in half precision (ncnn, "ModelBin"); 0 in front of single precision.
_HALF, _SINGLE = 0x01306B47, 0
_ALIGNMENT = 4


def read_ncnn_rrdb(path: Path, settings: RRDBSettings) -> dict[str, Tensor]:
    """An RRDB under our names, in single precision.

    The file holds no names and no shapes: its convolutions are taken in the order of the forward pass,
    weights before biases, which are always in single precision. Raises InputError unless they fill the file
    exactly.
    """
    with torch.device("meta"):
        network = settings.build()
    content = memoryview(path.read_bytes())
    weights: dict[str, Tensor] = {}
    place = 0
    try:
        for name, module in network.named_modules():
            if isinstance(module, nn.Conv2d):
                kernel, place = _kernel(content, place, module.weight.shape)
                bias, place = _values(content, place, np.dtype("<f4"), module.out_channels)
                weights |= {f"{name}.weight": kernel, f"{name}.bias": bias}
    except ValueError as error:
        raise InputError(f"{path}: is no RRDB in ncnn's form ({error}); fetch it again.") from error
    if place != len(content):
        raise InputError(f"{path}: holds {len(content)} bytes, an RRDB of this size {place}; fetch it again.")
    return weights


def _kernel(content: memoryview, place: int, shape: torch.Size) -> tuple[Tensor, int]:
    kind = int.from_bytes(content[place : place + 4], "little")
    if kind not in (_HALF, _SINGLE):
        raise ValueError(f"weights of the kind {kind:#x}")
    values, place = _values(content, place + 4, np.dtype("<f2" if kind == _HALF else "<f4"), shape.numel())
    return values.reshape(shape), place + -place % _ALIGNMENT


def _values(content: memoryview, place: int, kind: np.dtype, count: int) -> tuple[Tensor, int]:
    values = np.frombuffer(content, kind, count, place).astype(np.float32)
    return torch.from_numpy(values), place + count * kind.itemsize
