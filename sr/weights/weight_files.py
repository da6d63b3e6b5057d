"""Tensors out of weight files of any origin, without ever running what a pickle may hold."""

import pickle
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sr.data.archives import open_archive
from sr.data.contents import is_web_page
from sr.errors import InputError
from sr.weights.generators import read_safetensors

# Dictionaries inside which trainers keep a generator's weights, the one that is tested first.
_WRAPPERS = ("params_ema", "params", "model_state_dict", "state_dict", "generator", "net_g", "model")
# What stands before the names of a generator where other networks lie beside it, and before all names where
# a network lies in another; the averaged ones first, as their authors test them.
_PREFIXES = ("generator_ema.", "net_g_ema.", "params_ema.", "generator.", "net_g.", "params.", "module.")
# ESRGAN's first release begins every name with it, and then a number.
_MODEL = re.compile(r"model\.(?!\d)")
# What reading a damaged or foreign file raises.
BROKEN = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    struct.error,
    MemoryError,
    RecursionError,
)


def read_tensors(path: Path, wrapper: str | None = None) -> dict[str, Tensor]:
    """Names and tensors of a generator in a .safetensors or PyTorch file, by the names the file uses.

    wrapper: the dictionary to prefer where the file holds several.
    Raises InputError for a missing or broken file, a web page, and a pickle that holds more than tensors
    and plain values: nothing in it is executed.
    """
    refuse_what_is_no_file_of_weights(path)
    if path.suffix == ".safetensors":
        return dict(_unprefixed(read_safetensors(path)))
    tensors = {
        key: value for key, value in _generator_of(_load(path), wrapper).items() if _is_named(key, value)
    }
    if not tensors:
        raise InputError(f"{path}: holds no named tensors, and so no network.")
    return tensors


def refuse_what_is_no_file_of_weights(path: Path) -> None:
    """Raise InputError for a missing or empty file, and for a web page saved under a file's name."""
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    if not path.stat().st_size:
        raise InputError(f"{path}: is empty; download it again.")
    if is_web_page(path):
        raise InputError(
            f"{path}: is a web page and no weights; Google Drive shows one before large files. "
            "Open the address in a browser, choose to download anyway, and take the file that comes."
        )


def _load(path: Path) -> Any:
    if zipfile.is_zipfile(path):
        # Its members' sizes are bounded before one is read.
        with open_archive(path):
            pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickle protocols, of files that are refused anyway
            return torch.load(path, map_location="cpu", weights_only=True)
    except BROKEN as error:
        asked = re.search(r"GLOBAL (\w[\w.]*)", str(error))
        if asked:
            raise InputError(
                f"{path}: refused, for it asks for {asked.group(1)} where only tensors belong; "
                "nothing of it was executed."
            ) from error
        raise InputError(
            f"{path}: broken or no file of PyTorch weights; download or copy it again."
        ) from error


def _generator_of(content: Any, wrapper: str | None) -> Mapping[Any, Any]:
    """The mapping that holds the generator, taken out of what trainers put around it."""
    names = _WRAPPERS if wrapper is None else (wrapper, *_WRAPPERS)
    while isinstance(content, dict):
        inner = next((content[name] for name in names if isinstance(content.get(name), dict)), None)
        if inner is None:
            return _unprefixed(content)
        content = inner
    return {}


def _unprefixed(content: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The generator's entries, without what stands before all of their names."""
    for prefix in _PREFIXES:
        own = {key: value for key, value in content.items() if str(key).startswith(prefix)}
        if own:
            return _unprefixed({key.removeprefix(prefix): value for key, value in own.items()})
    if content and all(_MODEL.match(str(key)) for key in content):
        return _unprefixed({key.removeprefix("model."): value for key, value in content.items()})
    return content


def _is_named(key: Any, value: Any) -> bool:
    return isinstance(key, str) and isinstance(value, Tensor)
