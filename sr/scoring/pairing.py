"""Which reconstruction belongs to which original: by file name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sr.data.benchmarks import Benchmark
from sr.errors import InputError
from sr.images import image_files
from sr.sums import check_recorded

_SUFFIX = "x4"


@dataclass(frozen=True)
class Pairs:
    """Originals in order of name, and for each source its images in the same order."""

    hr: list[Path]
    sr: dict[str, list[Path]]


def match(sources: Mapping[str, Path], hr: Path) -> Pairs:
    """Pair the images of every source's folder with those of the HR folder.

    `baboon.png` and `baboonx4.png` both belong to the original `baboon`. Raises InputError when an
    original has no reconstruction, a reconstruction no original, or two compete for one, and for images that
    are not those that were prepared or reconstructed here.
    """
    # The originals of a prepared benchmark are what its index says, or they are refused.
    if hr.name == "HR" and (hr.parent / "index.json").is_file():
        Benchmark(hr.parent)
    originals = image_files(hr)
    stems = [path.stem for path in originals]
    return Pairs(originals, {name: _ordered(folder, stems, hr) for name, folder in sources.items()})


def _ordered(folder: Path, stems: list[str], hr: Path) -> list[Path]:
    check_recorded(folder, "run `sr evaluate` again")
    found: dict[str, Path] = {}
    for path in image_files(folder):
        stem = path.stem if path.stem in stems else path.stem.removesuffix(_SUFFIX)
        if stem not in stems:
            raise InputError(f"{path}: {hr} has no original of that name; remove it or add one.")
        if stem in found:
            raise InputError(f"{path}: {found[stem].name} is of the same original; remove one of the two.")
        found[stem] = path
    for stem in stems:
        if stem not in found:
            raise InputError(f"{folder}: has no reconstruction of {stem} in {hr}; add {stem}.png.")
    return [found[stem] for stem in stems]
