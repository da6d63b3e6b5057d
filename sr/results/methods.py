"""Where reconstructions come from: a baseline or released weights by name, or a trained run."""

from collections.abc import Iterator
from pathlib import Path

import torch

from sr.allocator import keep_memory
from sr.config import nearest
from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.device import float32_is_float32
from sr.errors import InputError
from sr.images import read_image
from sr.inference.reconstruction import BASELINES, Reconstruction, by_generator
from sr.project import papers
from sr.reductions import REDUCTIONS, LowResolution, Reduction
from sr.results.source import Kind, Source
from sr.weights.choice import load, run_of
from sr.weights.generators import load_run
from sr.weights.released import full_name, load_released, released


def reconstruction(source: Source | Path, threads: int, assets: Assets | None = None) -> Reconstruction:
    """The method behind a baseline, released weights, a file of weights, or the folder of a trained run, with
    what the run's recipe does to images afterwards.

    Raises InputError for an unknown name, weights that are missing or do not fit, an unfinished run, and for
    a source that no method here makes images of.
    """
    if isinstance(source, Source) and source.kind == Kind.BASELINE:
        if source.name not in BASELINES:
            raise InputError(f"'{source}' is not a baseline; {nearest(source.name, list(BASELINES))}")
        return BASELINES[source.name]
    keep_memory()
    torch.set_num_threads(threads)
    float32_is_float32()
    afterwards = None
    if isinstance(source, Path) and source.is_file():
        generator = load(str(source)).generator
    elif isinstance(source, Path):
        generator, record = load_run(source)
        afterwards = record.recipe.get("back_projection")
    elif source.kind == Kind.RELEASED:
        generator, _ = load_released(source.name, assets)
    else:
        raise InputError(f"'{source}' is no method: give a baseline, released weights or a run's folder.")
    return by_generator(generator.to("cuda" if torch.cuda.is_available() else "cpu"), afterwards)


def named_method(text: str) -> Source | Path:
    """What a person calls a method: a run's folder, a file of weights, a recipe PAPER/RECIPE that was trained
    here, a baseline or released weights by name, or a source by its path.

    Raises InputError for anything else.
    """
    path = Path(text)
    if path.exists():
        return path
    if text in BASELINES:
        return Source.baseline(text)
    if text.count("/") == 1 and text.partition("/")[0] in papers():
        return run_of(text)
    if "/" not in text and not path.suffix:
        released(full_name(text))
        return Source.released(full_name(text))
    return Source.parse(text)


def fed_with(source: Source | Path) -> Reduction:
    """How the images are reduced that a source is tested on: as the benchmark's own, unless its authors did
    otherwise.
    """
    is_released = isinstance(source, Source) and source.kind == Kind.RELEASED
    return released(source.name).fed if is_released else "matlab"


def inputs(source: Source | Path, benchmark: Benchmark) -> Iterator[tuple[str, LowResolution]]:
    """File name and LR image of each of a benchmark's images, as the source is fed."""
    fed = fed_with(source)
    for lr, hr in zip(benchmark.lr_files(), benchmark.hr_files(), strict=True):
        yield lr.name, read_image(lr) if fed == "matlab" else REDUCTIONS[fed](read_image(hr))
