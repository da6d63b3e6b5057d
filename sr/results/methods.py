"""Where reconstructions come from: a baseline or released weights by name, or the folder of a trained run."""

from collections.abc import Iterator
from pathlib import Path

import torch

from sr.allocator import keep_memory
from sr.config import nearest
from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.errors import InputError
from sr.images import read_image
from sr.inference.reconstruction import BASELINES, Reconstruction, by_generator
from sr.reductions import REDUCTIONS, LowResolution, Reduction
from sr.weights.generators import load_run
from sr.weights.released import load_released, released


def reconstruction(source: str, threads: int, assets: Assets | None = None) -> Reconstruction:
    """The method behind a source: baseline/NAME, released/NAME or the folder of a run.

    Raises InputError for an unknown name, weights that are missing or do not fit, and an unfinished run.
    """
    kind, _, name = source.partition("/")
    if kind == "baseline":
        if name not in BASELINES:
            raise InputError(f"'{source}' is not a baseline; {nearest(name, list(BASELINES))}")
        return BASELINES[name]
    keep_memory()
    torch.set_num_threads(threads)
    generator, _ = load_released(name, assets) if kind == "released" else load_run(Path(source))
    return by_generator(generator.to("cuda" if torch.cuda.is_available() else "cpu"))


def fed_with(source: str) -> Reduction:
    """How the images are reduced that a source is tested on: as the benchmark's own, unless its authors did
    otherwise.
    """
    kind, _, name = source.partition("/")
    return released(name).fed if kind == "released" else "matlab"


def inputs(source: str, benchmark: Benchmark) -> Iterator[tuple[str, LowResolution]]:
    """File name and LR image of each of a benchmark's images, as the source is fed."""
    fed = fed_with(source)
    for lr, hr in zip(benchmark.lr_files(), benchmark.hr_files(), strict=True):
        yield lr.name, read_image(lr) if fed == "matlab" else REDUCTIONS[fed](read_image(hr))
