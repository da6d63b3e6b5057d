"""Images of methods by name, made for one measurement: what `sr score esrgan originals/` scores."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark, prepare
from sr.errors import InputError
from sr.images import image_files, write_png
from sr.recipes.run_record import RECORD
from sr.results.methods import inputs, named_method, reconstruction
from sr.results.source import Source

# A file of any other kind is taken for an image, and refused as one.
_WEIGHTS = (".pth", ".pt", ".ckpt", ".safetensors", ".bin", ".h5", ".mat", ".npz")


def is_method(text: str) -> bool:
    """Whether a name means a method and not its images: it is no path that exists, a run, or weights."""
    path = Path(text)
    if path.is_dir():
        return (path / RECORD).is_file()
    return not path.exists() or path.suffix.lower() in _WEIGHTS


@contextmanager
def reconstructed(
    methods: Sequence[str], originals: Path, assets: Assets, image_done: Callable[[], None] = lambda: None
) -> Iterator[dict[str, Path]]:
    """Yield, for as long as the block lasts, where each method's images lie: a folder, or one file.

    methods: as `named_method` takes them. originals: a folder or a file; they are reduced as MATLAB does, or
    as the weights' authors did. assets: where released weights are looked for.
    Raises InputError for what is neither a method nor a file or folder.
    """
    with tempfile.TemporaryDirectory(prefix="sr-") as temporary:
        place = Path(temporary)
        benchmark = _prepared(originals, place / "originals")
        found = {}
        for number, text in enumerate(methods):
            named = method_of(text)
            method, folder = reconstruction(named, torch.get_num_threads(), assets), place / str(number)
            for name, lr in inputs(named, benchmark):
                write_png(folder / name, method(lr))
                image_done()
            found[text] = folder / f"{originals.stem}.png" if originals.is_file() else folder
        yield found


def _prepared(originals: Path, place: Path) -> Benchmark:
    """The originals with their LR images, which are made at `place` unless a prepared benchmark has them."""
    if originals.name == "HR" and (originals.parent / "index.json").is_file():
        return Benchmark(originals.parent)
    images = [originals] if originals.is_file() else image_files(originals)
    prepare(originals.name, images, place)
    return Benchmark(place)


def method_of(text: str) -> Source | Path:
    """What a name means. Raises InputError for what is neither a method nor a file or folder."""
    try:
        return named_method(text)
    except InputError as error:
        raise InputError(f"{text}: no such file or folder, and no method of that name: {error}") from None
