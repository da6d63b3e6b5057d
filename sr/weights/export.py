"""Generators for other programs: safetensors, PyTorch files under public names, ONNX."""

import importlib.util
import io
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sr.errors import InputError
from sr.files import atomic_path, write_bytes
from sr.networks import NetworkSettings
from sr.networks.enhancenet import EnhanceNetSettings
from sr.networks.lapsrn import LapSRNSettings
from sr.networks.rrdb import RRDBSettings
from sr.networks.srcnn import SRCNNSettings
from sr.networks.swinir import SwinIR
from sr.weights.choice import Loaded
from sr.weights.generators import sealed_safetensors
from sr.weights.naming import naming
from sr.weights.released import SETTINGS
from sr.weights.shape import RESIDUAL_SCALING
from sr.weights.swinir_graph import SwinIRGraph, groups, layers, window_mask

# SwinIR's public files hold masks for one size of images, 8 windows wide; others are computed when needed.
_MASKED_WINDOWS = 8
_ONNX_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
_ONNX_TOLERANCE = 1e-4
_ONNX_SIZES = ((17, 24), (9, 40))


def write_safetensors(model: Loaded, path: Path) -> None:
    """Our names, with settings and origin in the metadata; `sr` reads it without being told the network."""
    write_bytes(path, sealed_safetensors(model.generator, _metadata(model)))


def write_pth(model: Loaded, path: Path, names: str = "basicsr") -> None:
    """A PyTorch file under public names, in the wrapper that goes with them.

    Raises InputError for a network without public weights, names it does not go by, and settings that such a
    file can not tell.
    """
    style = naming(names, model.settings.network)
    _refuse_other_scaling(model.settings)
    weights = _contiguous(model.generator.state_dict()) | _derived(model.generator)
    content = style.to_public(weights, getattr(model.settings, "blocks", 0))
    # Through memory: into a file, the temporary name would become part of it.
    stream = io.BytesIO()
    torch.save(content, stream)
    write_bytes(path, stream.getvalue())


def write_onnx(model: Loaded, path: Path) -> None:
    """An ONNX graph `lr` -> `sr` for any number of images of any size, N x 3 x H x W in [0, 1].

    The graph is run at two other sizes than it was recorded with before it gets its name.
    Raises InputError when the packages for it are missing, or its values are not the generator's.
    """
    _require_onnx()
    if isinstance(model.settings, SRCNNSettings | LapSRNSettings | EnhanceNetSettings):
        raise InputError(
            f"{path}: {model.settings.network} can not be written as ONNX, for how it resizes depends on the"
            " image's size; take --to safetensors."
        )
    graph = SwinIRGraph(model.generator) if isinstance(model.generator, SwinIR) else model.generator
    program = _recorded(graph.eval())
    program.model.metadata_props.update(_metadata(model))
    with atomic_path(path) as temporary:
        program.save(temporary)
        error = max(_disagreement(model.generator, temporary, size) for size in _ONNX_SIZES)
        if error > _ONNX_TOLERANCE:
            raise InputError(f"{path}: not written, for its values are {error:.1g} off the generator's.")


def _refuse_other_scaling(settings: NetworkSettings) -> None:
    """Raise InputError for an RRDB that every reader of public files, ours too, takes for another one."""
    if isinstance(settings, RRDBSettings) and settings.residual_scaling != RESIDUAL_SCALING:
        raise InputError(
            f"public files have no place for a residual scaling of {settings.residual_scaling:g}, and are"
            f" read with {RESIDUAL_SCALING:g}; take --to safetensors or onnx."
        )


def _metadata(model: Loaded) -> dict[str, str]:
    """What goes into files that have room for it."""
    return {"format": "pt", SETTINGS: model.settings.model_dump_json(), **model.origin}


def _contiguous(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: value.detach().cpu().contiguous() for key, value in weights.items()}


def _derived(generator: nn.Module) -> dict[str, Tensor]:
    """Tables that follow from SwinIR's settings, but that other programs expect in the file."""
    if not isinstance(generator, SwinIR):
        return {}
    found = {}
    grid = (_MASKED_WINDOWS, _MASKED_WINDOWS)
    for number, group in enumerate(groups(generator)):
        for index, layer in enumerate(layers(group)):
            name = f"layers.{number}.residual_group.blocks.{index}"
            found[f"{name}.attn.relative_position_index"] = layer.attn.relative_position_index.cpu()
            if layer.shift:
                mask = window_mask(grid, layer.window, torch.tensor([layer.shift]))
                found[f"{name}.attn_mask"] = mask[:, 0]
    return found


def _require_onnx() -> None:
    missing = [name for name in _ONNX_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"writing ONNX needs {', '.join(missing)}; get it with `pip install 'sr-replications[export]'`."
        )


def _recorded(graph: nn.Module) -> Any:
    sizes = dict.fromkeys((0, 2, 3), torch.export.Dim.DYNAMIC)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its insides
        return torch.onnx.export(
            graph,
            (torch.rand(2, 3, 13, 18),),
            input_names=["lr"],
            output_names=["sr"],
            dynamic_shapes=(sizes,),
            dynamo=True,
            verbose=False,
        )


def _disagreement(generator: nn.Module, path: Path, size: tuple[int, int]) -> float:
    """Largest difference between the graph's values and the generator's on a random image."""
    import onnxruntime

    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(None, {"lr": image.numpy()})[0]
    with torch.inference_mode():
        wanted = generator(image).numpy()
    return float(np.abs(found - wanted).max())
