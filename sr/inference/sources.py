"""Where reconstructions come from: a baseline by name, or the folder of a trained run."""

from pathlib import Path

import torch

from sr.allocator import keep_memory
from sr.config import nearest
from sr.errors import InputError
from sr.inference.generators import load_run
from sr.inference.reconstruction import BASELINES, Reconstruction, by_generator


def reconstruction(source: str, threads: int) -> Reconstruction:
    """The method behind a source. Raises InputError for an unknown baseline or an unfinished run."""
    kind, _, name = source.partition("/")
    if kind == "baseline":
        if name not in BASELINES:
            raise InputError(f"'{source}' is not a baseline; {nearest(name, list(BASELINES))}")
        return BASELINES[name]
    keep_memory()
    torch.set_num_threads(threads)
    generator, _ = load_run(Path(source))
    return by_generator(generator.to("cuda" if torch.cuda.is_available() else "cpu"))
