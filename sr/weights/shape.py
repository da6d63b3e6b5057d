"""A generator's settings, read off the names and shapes of its weights."""

from math import isqrt, prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from sr.errors import InputError
from sr.networks import GeneratorSettings, NetworkSettings
from sr.networks.msrresnet import MSRResNetSettings
from sr.networks.rrdb import RRDBSettings
from sr.networks.swinir import SwinIRSettings

Weights = dict[str, Tensor]

# Weights do not tell what follows. The scaling is that of the public networks (ESRGAN, sec. 4.1); the
# scale of the initial weights has no effect on trained ones.
RESIDUAL_SCALING = 0.2
_INITIALISATION_SCALE = 0.1

# Far above any published x4 generator (SwinIR: 12 million weights, 180 channels).
_MOST_WEIGHTS = 500_000_000
_LARGEST_SETTING = 4096


def settings_of(weights: Weights) -> GeneratorSettings | None:
    """Settings of the generator that `weights`, under this project's names, belong to; None for any other.

    Not of an SRResNet, whose weights do not tell whether it has the long skip connection.
    """
    for tell, read in (
        ("body.0.rdb1.conv1.weight", _rrdb),
        ("layers.0.residual_group.blocks.0.attn.relative_position_bias_table", _swinir),
        ("body.0.conv1.weight", _msrresnet),
    ):
        if tell in weights:
            return read(weights)
    return None


def refuse_other_scales(weights: Weights, origin: Path) -> None:
    """Raise InputError for an RRDB that enlarges by 1 or 2, in the form of either of its common codes.

    One takes in the pixels of 2 x 2 or 4 x 4 places at a time, and then enlarges by 4; the first one of all
    has fewer steps of enlarging, so that its last layers have other numbers.
    """
    first = weights.get("conv_first.weight")
    scale = None
    if first is not None and first.ndim == 4:
        scale = {12: 2, 48: 1}.get(first.shape[1])
    if scale is None and "model.7.weight" in weights:
        scale = 2
    elif scale is None and "model.4.weight" in weights and "model.10.weight" not in weights:
        scale = 1
    if scale is not None:
        raise InputError(
            f"{origin}: is an RRDB that enlarges by {scale}, and networks here enlarge by 4; take one for x4,"
            " whose result `--scale` reduces."
        )


def require_buildable(settings: NetworkSettings, weights: Weights, origin: Path) -> None:
    """Raise InputError where a file's settings describe a network that is not the one its weights are of.

    Nothing is built for it but a network without memory: 300 bytes can ask for a billion blocks.
    """
    said = settings.model_dump()
    for name, value in said.items():
        if isinstance(value, int) and not isinstance(value, bool) and not 0 <= value <= _LARGEST_SETTING:
            raise InputError(f"{origin}: {name} is {value}, which no network here can have; copy it again.")
    if said.get("blocks", 1) * said.get("groups", 1) > len(weights):
        raise InputError(f"{origin}: holds {len(weights)} tensors, too few for the network it tells of.")
    for name, value in weights.items():
        # A view can show four bytes as a billion numbers.
        if value.untyped_storage().nbytes() < value.numel() * value.element_size():
            raise InputError(f"{origin}: {name} has more numbers than are stored; copy it again.")
    with torch.device("meta"), _NoInitialValues():
        expected = settings.build().state_dict()
    if sum(prod(value.shape) for value in expected.values()) > _MOST_WEIGHTS:
        raise InputError(f"{origin}: its network has more than {_MOST_WEIGHTS} weights, which is too many.")
    require_same_shapes(expected, weights, origin)


class _NoInitialValues(TorchFunctionMode):
    """Leaves out what fills tensors in place: there is nothing to fill, and it takes its time."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name.endswith("_") and not name.endswith("__") and name != "requires_grad_":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def require_same_shapes(expected: Weights, weights: Weights, origin: Path) -> None:
    """Raise InputError naming `origin` and the first key by which the two differ."""
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


def _rrdb(weights: Weights) -> RRDBSettings:
    growth, channels = weights["body.0.rdb1.conv1.weight"].shape[:2]
    return RRDBSettings(
        network="rrdb",
        blocks=_count(weights, "body."),
        channels=channels,
        growth=growth,
        residual_scaling=RESIDUAL_SCALING,
        initialisation_scale=_INITIALISATION_SCALE,
    )


def _msrresnet(weights: Weights) -> MSRResNetSettings:
    return MSRResNetSettings(
        network="msrresnet",
        blocks=_count(weights, "body."),
        channels=weights["body.0.conv1.weight"].shape[0],
        initialisation_scale=_INITIALISATION_SCALE,
    )


def _swinir(weights: Weights) -> SwinIRSettings:
    group = "layers.0.residual_group.blocks."
    positions, heads = weights[f"{group}0.attn.relative_position_bias_table"].shape
    hidden, channels = weights[f"{group}0.mlp.fc1.weight"].shape
    return SwinIRSettings(
        network="swinir",
        groups=_count(weights, "layers."),
        blocks=_count(weights, group),
        channels=channels,
        heads=heads,
        window=(isqrt(positions) + 1) // 2,  # the table holds (2 window - 1)^2 relative positions
        mlp_ratio=hidden // channels,
        tail_channels=weights["conv_last.weight"].shape[1],
    )


def _count(weights: Weights, prefix: str) -> int:
    """Number of the modules in a list: of the different indices behind `prefix`."""
    indices = (key.removeprefix(prefix).partition(".")[0] for key in weights if key.startswith(prefix))
    return len({index for index in indices if index.isdigit()})
