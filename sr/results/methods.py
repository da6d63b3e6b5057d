"""Where reconstructions come from: a baseline or released weights by name, or the folder of a trained run."""

from pathlib import Path

import torch

from sr.allocator import keep_memory
from sr.config import nearest
from sr.data.assets import Assets
from sr.device import float32_is_float32
from sr.errors import InputError
from sr.inference.reconstruction import BASELINES, Reconstruction, by_generator
from sr.weights.generators import load_run
from sr.weights.released import load_released


def reconstruction(source: str, threads: int, assets: Assets | None = None) -> Reconstruction:
    """The method behind a source: baseline/NAME, released/NAME or the folder of a run, with what its recipe
    does to images afterwards.

    Raises InputError for an unknown name, weights that are missing or do not fit, and an unfinished run.
    """
    kind, _, name = source.partition("/")
    if kind == "baseline":
        if name not in BASELINES:
            raise InputError(f"'{source}' is not a baseline; {nearest(name, list(BASELINES))}")
        return BASELINES[name]
    keep_memory()
    torch.set_num_threads(threads)
    float32_is_float32()
    generator, facts = load_released(name, assets) if kind == "released" else load_run(Path(source))
    afterwards = None if kind == "released" else facts["recipe"].get("back_projection")
    return by_generator(generator.to("cuda" if torch.cuda.is_available() else "cpu"), afterwards)
