"""Weights that SRCNN's and LapSRN's authors released as MATLAB files; arrays alone are read.

MATLAB counts down columns first, and both toolboxes correlate as PyTorch does.
"""

from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sr.errors import InputError

Weights = dict[str, Tensor]

# What scipy raises on files that are damaged, or of another version (NotImplementedError).
_BROKEN = (OSError, ValueError, TypeError, KeyError, IndexError, NotImplementedError)


def read_srcnn(path: Path) -> Weights:
    """SRCNN's three convolutions under our names.

    A file holds `weights_conv1` (pixels of a patch x filters), `weights_conv2` (channels x pixels x filters),
    `weights_conv3` (channels x pixels) and `biases_conv1` to 3. Raises InputError for any other file.
    """
    content = _read(path)
    try:
        first, second, third = (content[f"weights_conv{number}"] for number in (1, 2, 3))
        kernels = (first[None], second, third[:, :, None])
        weights = {f"layers.{number}.weight": _patches(kernel) for number, kernel in enumerate(kernels)}
        biases = {f"layers.{n}.bias": _tensor(content[f"biases_conv{n + 1}"].ravel()) for n in range(3)}
    except _BROKEN as error:
        raise InputError(f"{path}: not laid out as SRCNN's authors did ({error!r}).") from error
    return weights | biases


def read_lapsrn(path: Path) -> Weights:
    """LapSRN under our names, from the parameters of a MatConvNet network (`net.params`).

    Its kernels are height x width x inputs x outputs, those of transposed convolutions height x width x
    outputs x inputs. The authors count levels down to the last. Raises InputError for any other file.
    """
    try:
        params = _read(path)["net"]["params"][0, 0].ravel()
        arrays = {str(param["name"].item()): param["value"] for param in params}
        return {_our_name(name): _lapsrn_tensor(name, array) for name, array in arrays.items()}
    except _BROKEN as error:
        raise InputError(f"{path}: not laid out as LapSRN's authors did ({error!r}).") from error


def _our_name(name: str) -> str:
    """`level2_conv3_f` is the third convolution of the first level; `f` a filter, `b` a bias."""
    layer, _, kind = name.rpartition("_")
    part = {"f": "weight", "b": "bias"}[kind]
    level, _, layer = layer.partition("_")
    if level == "input":
        return f"head.{part}"
    prefix = f"levels.{2 - int(level.removeprefix('level'))}"
    named = {"upconv": "doubling", "residual_conv": "residual", "img_up": "image_doubling"}
    own = named[layer] if layer in named else f"convolutions.{int(layer.removeprefix('conv')) - 1}"
    return f"{prefix}.{own}.{part}"


def _lapsrn_tensor(name: str, array: Any) -> Tensor:
    if name.endswith("_b"):
        return _tensor(array.ravel())
    # MATLAB drops a last dimension of one. Transposed or not, PyTorch has the last two the other way round.
    kernel = array.reshape(*array.shape, *[1] * (4 - array.ndim))
    return _tensor(kernel.transpose(3, 2, 0, 1))


def _patches(kernels: Any) -> Tensor:
    """channels x pixels x filters to filters x channels x height x width."""
    channels, pixels, filters = kernels.shape
    side = isqrt(pixels)
    return _tensor(kernels.reshape(channels, side, side, filters, order="F").transpose(3, 0, 1, 2))


def _tensor(array: Any) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))


def _read(path: Path) -> dict[str, Any]:
    # Here, since these files are rare and scipy's import is not quick.
    from scipy.io import loadmat

    try:
        return dict(loadmat(path))
    except _BROKEN as error:
        raise InputError(f"{path}: not a readable MATLAB file ({error}); fetch it again.") from error
