"""A generator's settings, read off the names and shapes of its weights."""

from math import isqrt

from torch import Tensor

from sr.networks import GeneratorSettings
from sr.networks.msrresnet import MSRResNetSettings
from sr.networks.rrdb import RRDBSettings
from sr.networks.swinir import SwinIRSettings

Weights = dict[str, Tensor]

# Weights do not tell what follows. The scaling is that of the public networks (ESRGAN, sec. 4.1); the
# scale of the initial weights has no effect on trained ones.
_RESIDUAL_SCALING = 0.2
_INITIALISATION_SCALE = 0.1


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


def _rrdb(weights: Weights) -> RRDBSettings:
    growth, channels = weights["body.0.rdb1.conv1.weight"].shape[:2]
    return RRDBSettings(
        network="rrdb",
        blocks=_count(weights, "body."),
        channels=channels,
        growth=growth,
        residual_scaling=_RESIDUAL_SCALING,
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
