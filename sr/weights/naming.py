"""The names under which the public weights of one network go, and how they translate into ours.

Ours are BasicSR's. A name is a template whose `{numbers}` are the same on both sides.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isqrt

import torch
from torch import Tensor

from sr.config import nearest
from sr.errors import InputError
from sr.networks.swinir import relative_positions

Weights = dict[str, Tensor]

# Tables that SwinIR's public weights hold although they follow from its settings.
_POSITIONS = ".relative_position_index"
_DERIVED = (_POSITIONS, ".attn_mask")


@dataclass(frozen=True)
class Naming:
    """One way to name a network's weights in a file.

    renamed: (ours, theirs) templates; what is in none has the same name in both.
    wrapper: the dictionary that holds the weights. prefix: in front of every name.
    """

    name: str
    network: str
    renamed: tuple[tuple[str, str], ...] = ()
    wrapper: str | None = None
    prefix: str = ""

    def to_ours(self, weights: Mapping[str, Tensor]) -> Weights:
        """Weights by our names; they carry neither wrapper nor prefix."""
        pairs = [(theirs, ours) for ours, theirs in self.renamed]
        return {_translated(key, pairs, {}): value for key, value in weights.items()}

    def to_public(self, weights: Mapping[str, Tensor], blocks: int) -> dict[str, Tensor | Weights]:
        """What a file under this naming holds. blocks: the network's number of residual blocks."""
        names = {key: _translated(key, self.renamed, {"blocks": str(blocks)}) for key in weights}
        named = {self.prefix + names[key]: value for key, value in weights.items()}
        return {self.wrapper: named} if self.wrapper else {**named}


_BLOCK = "body.{n}.rdb{k}.conv{j}"
NAMINGS = (
    Naming("basicsr", "rrdb", wrapper="params"),
    Naming("basicsr", "msrresnet", wrapper="params"),
    Naming("basicsr", "swinir", wrapper="params"),
    # ESRGAN's own repository; Beby-GAN.
    Naming(
        "esrgan",
        "rrdb",
        (
            (_BLOCK, "RRDB_trunk.{n}.RDB{k}.conv{j}"),
            ("conv_body", "trunk_conv"),
            ("conv_up{n}", "upconv{n}"),
            ("conv_hr", "HRconv"),
        ),
    ),
    # ESRGAN's first release, and what many collections of weights keep to.
    Naming(
        "oldest",
        "rrdb",
        (
            ("conv_first", "model.0"),
            (_BLOCK, "model.1.sub.{n}.RDB{k}.conv{j}.0"),
            ("conv_body", "model.1.sub.{blocks}"),
            ("conv_up1", "model.3"),
            ("conv_up2", "model.6"),
            ("conv_hr", "model.8"),
            ("conv_last", "model.10"),
        ),
    ),
    Naming("mmagic", "rrdb", wrapper="state_dict", prefix="generator."),
    # mmsr; KAIR.
    Naming("mmsr", "msrresnet", (("body.{n}.conv{k}", "recon_trunk.{n}.conv{k}"), ("conv_hr", "HRconv"))),
    Naming(
        "mmagic",
        "msrresnet",
        (
            ("body.{n}.conv{k}", "trunk_net.{n}.conv{k}"),
            ("upconv{n}", "upsample{n}.upsample_conv"),
        ),
        wrapper="state_dict",
        prefix="generator.",
    ),
    Naming("mmagic", "swinir", wrapper="state_dict", prefix="generator."),
)


def to_ours(weights: Mapping[str, Tensor]) -> Weights:
    """Weights by our names, whatever public naming they have; unknown names stay, derived tables go.

    The weights carry neither wrapper nor prefix (see `sr.weights.weight_files`).
    Raises InputError for a table of relative positions that is not SwinIR's.
    """
    _require_positions(weights)
    own = {key: value for key, value in weights.items() if not key.endswith(_DERIVED)}
    # mmsr and ESRGAN share HRconv, so the naming is the one whose blocks are found.
    found = [n for n in NAMINGS if n.renamed and _has_blocks(n, own)]
    return found[0].to_ours(own) if found else own


def naming(name: str, network: str) -> Naming:
    """A network's public naming. Raises InputError with those that it has."""
    known = {n.name: n for n in NAMINGS if n.network == network}
    if not known:
        raise InputError(f"there are no public weights of {network}, and so no names for them.")
    if name not in known:
        raise InputError(f"'{name}' is no naming of {network}; {nearest(name, list(known))}")
    return known[name]


def _require_positions(weights: Mapping[str, Tensor]) -> None:
    """Attention biases in another order are another network, although every name and shape would fit."""
    for key, value in weights.items():
        if key.endswith(_POSITIONS):
            expected = relative_positions(isqrt(len(value)))
            if not torch.equal(value.cpu().long(), expected):
                raise InputError(f"{key}: orders relative positions otherwise than SwinIR does.")


def _has_blocks(naming: Naming, weights: Mapping[str, Tensor]) -> bool:
    pattern = _pattern(next(theirs for ours, theirs in naming.renamed if ours.startswith("body.")))
    return any(pattern.fullmatch(key) for key in weights)


def _translated(key: str, pairs: Sequence[tuple[str, str]], more: dict[str, str]) -> str:
    for source, target in pairs:
        match = _pattern(source).fullmatch(key)
        if match:
            groups = match.groupdict()
            return target.format(**more, **groups) + "." + groups["part"]
    return key


@cache
def _pattern(template: str) -> re.Pattern[str]:
    numbered = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\d+)", re.escape(template))
    return re.compile(numbered + r"\.(?P<part>weight|bias)")
