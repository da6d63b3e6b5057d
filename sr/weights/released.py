"""Generators that others trained and gave away: by their name in the catalogue, or from a file."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from sr.config import Strict, validate
from sr.data.adding import OTHER_HASH, evidence
from sr.data.assets import Assets
from sr.data.catalogue import Released, catalogue
from sr.errors import InputError
from sr.files import file_hash
from sr.networks import GeneratorSettings, NetworkSettings
from sr.networks.rrdb import RRDBSettings
from sr.weights.generators import put_weights
from sr.weights.keras_weights import read_keras_srresnet
from sr.weights.matlab_weights import read_lapsrn, read_srcnn
from sr.weights.naming import to_ours
from sr.weights.ncnn_weights import read_ncnn_rrdb
from sr.weights.shape import refuse_other_scales, require_buildable, settings_of
from sr.weights.tensorflow_table import read_enhancenet
from sr.weights.weight_files import read_tensors, refuse_what_is_no_file_of_weights

# Under this key our own .safetensors files tell the generator's settings.
SETTINGS = "generator"

# Networks whose authors released files of their own kind.
_READERS = {"srcnn": read_srcnn, "lapsrn": read_lapsrn, "enhancenet": read_enhancenet}


class _Description(Strict):
    """What our own files tell about the network they hold."""

    generator: NetworkSettings


def load_released(name: str, assets: Assets | None = None) -> tuple[nn.Module, dict[str, Any]]:
    """The released generator `name` of the catalogue, in evaluation mode, and `facts_of` it.

    Raises InputError when its file is missing, with how to get it, or does not hold the catalogue's network.
    """
    assets = assets or Assets.from_environment()
    facts = released(name)
    return _load(assets.require(name), facts), facts_of(name, assets)


def facts_of(name: str, assets: Assets) -> dict[str, Any]:
    """What is known about the released weights at hand: who trained them on what, their file and its hash.

    deviations: why their numbers are not those of the method they stand for; empty where nothing speaks
    against it.
    """
    asset, facts, path = catalogue().get(name), released(name), assets.require(name)
    found = evidence(asset, path)
    foreign = f"the weights are not the catalogue's: {found}" if found == OTHER_HASH else None
    return {
        "weights": path.name,
        "sha256": file_hash(path),
        "verified": found,
        "trained_by": facts.trained_by,
        "training_set": facts.training_set,
        "licence": asset.licence.text,
        "deviations": [text for text in (facts.deviation, foreign) if text],
    }


def check_file(name: str, path: Path) -> None:
    """Raise InputError unless `path` holds the network of the released weights `name`."""
    _load(path, released(name))


def load_file(path: Path) -> nn.Module:
    """A generator in evaluation mode from a .safetensors or PyTorch file.

    Its size is read off the weights, or what the file says of itself. Raises InputError when it is of no
    known family or does not fit, naming the first weights that do not.
    """
    return read_file(path)[1]


def read_file(path: Path, otherwise: GeneratorSettings | None = None) -> tuple[NetworkSettings, nn.Module]:
    """As `load_file`, with the generator's settings.

    otherwise: those that it must have where neither file nor weights tell them.
    """
    weights = to_ours(read_tensors(path))
    refuse_other_scales(weights, path)
    settings = _said(path) or _seen(path, weights, otherwise)
    require_buildable(settings, weights, path)
    return settings, _built(settings, weights, path)


def released(name: str) -> Released:
    """The catalogue's facts. Raises InputError for what is no released generator."""
    facts = catalogue().get(name).released
    if facts is None:
        names = [known for known, asset in catalogue().assets.items() if asset.released]
        raise InputError(f"'{name}' is no released generator; there are {', '.join(names)}.")
    return facts


def full_name(name: str) -> str:
    """A name in the catalogue, also where a released generator's short name was given."""
    return next((key for key, one in catalogue().assets.items() if one.short_name == name), name)


def for_photographs() -> str:
    """The released generator that photographs are enlarged with where no other is named."""
    return next(key for key, one in catalogue().assets.items() if one.for_photographs)


def _load(path: Path, facts: Released) -> nn.Module:
    return _built(facts.network, _tensors(path, facts), path)


def _tensors(path: Path, facts: Released) -> dict[str, Tensor]:
    if path.suffix == ".bin" and isinstance(facts.network, RRDBSettings):
        refuse_what_is_no_file_of_weights(path)
        return read_ncnn_rrdb(path, facts.network)
    # A file of ours holds any network; of others, the authors' own kinds.
    own_kind = None if path.suffix == ".safetensors" else _READERS.get(facts.network.network)
    read = read_keras_srresnet if path.suffix == ".h5" else own_kind
    if read is None:
        return to_ours(read_tensors(path, facts.wrapper))
    refuse_what_is_no_file_of_weights(path)
    return read(path)


def _built(settings: NetworkSettings, weights: dict[str, Tensor], path: Path) -> nn.Module:
    network: nn.Module = settings.build()
    put_weights(network, weights, path)
    return network.eval()


def _said(path: Path) -> NetworkSettings | None:
    """The settings that one of our own files tells, if it is one."""
    if path.suffix != ".safetensors":
        return None
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(SETTINGS)
        return validate({SETTINGS: json.loads(text)}, _Description, path).generator if text else None
    except InputError:
        raise
    except (SafetensorError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: says nothing legible of its network ({error}).") from error


def _seen(path: Path, weights: dict[str, Tensor], otherwise: GeneratorSettings | None) -> GeneratorSettings:
    try:
        settings = settings_of(weights) or otherwise
    except (LookupError, ValueError, TypeError, ArithmeticError) as error:
        raise InputError(f"{path}: its network can not be told from its weights ({error}).") from error
    if settings is None:
        names = ", ".join(sorted(weights)[:3])
        raise InputError(
            f"{path}: holds no network that is known here (RRDB, MSRResNet, SwinIR); its weights begin "
            f"with {names}. For a run, give its folder."
        )
    return settings
