"""Where reconstructions come from: a baseline or released weights by name, or a trained run."""

from pathlib import Path

import torch

from sr.allocator import keep_memory
from sr.config import nearest
from sr.data.assets import Assets
from sr.errors import InputError
from sr.inference.reconstruction import BASELINES, Reconstruction, by_generator
from sr.results.source import Kind, Source
from sr.weights.generators import load_run
from sr.weights.released import load_released


def reconstruction(source: Source | Path, threads: int, assets: Assets | None = None) -> Reconstruction:
    """The method behind a baseline, released weights, or the folder of a trained run.

    Raises InputError for an unknown name, weights that are missing or do not fit, an unfinished run, and for
    a source that no method here makes images of.
    """
    if isinstance(source, Source) and source.kind == Kind.BASELINE:
        if source.name not in BASELINES:
            raise InputError(f"'{source}' is not a baseline; {nearest(source.name, list(BASELINES))}")
        return BASELINES[source.name]
    keep_memory()
    torch.set_num_threads(threads)
    if isinstance(source, Path):
        generator, _ = load_run(source)
    elif source.kind == Kind.RELEASED:
        generator, _ = load_released(source.name, assets)
    else:
        raise InputError(f"'{source}' is no method: give a baseline, released weights or a run's folder.")
    return by_generator(generator.to("cuda" if torch.cuda.is_available() else "cpu"))


def named_method(text: str) -> Source | Path:
    """What a person calls a method: a run's folder where there is one, otherwise a source by its path."""
    folder = Path(text)
    return folder if folder.is_dir() else Source.parse(text)
