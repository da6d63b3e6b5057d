"""Which reconstruction belongs to which original: by file name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sr.data.benchmarks import Benchmark
from sr.errors import InputError
from sr.images import image_files
from sr.sums import check_recorded

# Ends of names that programs, this one among them, give to what they enlarged.
_SUFFIXES = ("", "_x4", "x4", "_SR", "_out")
# What `sr upscale --compare` puts beside a result.
_COMPARISON = "_compare"


@dataclass(frozen=True)
class Pairs:
    """Originals in order of name, and for each source its images in the same order."""

    hr: list[Path]
    sr: dict[str, list[Path]]


def match(sources: Mapping[str, Path], hr: Path) -> Pairs:
    """Pair the images of every source's folder with those of the HR folder.

    `baboon.png`, `baboonx4.png` and `baboon_x4.png` all belong to the original `baboon`; comparisons that
    `sr upscale` wrote beside them are left out. A file is paired with a file, whatever their names.
    Raises InputError when an original has no reconstruction, a reconstruction no original, or two compete for
    one, and for images that are not those that were prepared or reconstructed here.
    """
    if hr.is_file():
        return Pairs([hr], {name: [path] for name, path in sources.items()})
    # The originals of a prepared benchmark are what its index says, or they are refused.
    if hr.name == "HR" and (hr.parent / "index.json").is_file():
        Benchmark(hr.parent)
    originals = image_files(hr)
    stems = dict.fromkeys(path.stem for path in originals)
    return Pairs(originals, {name: _ordered(folder, stems, hr) for name, folder in sources.items()})


def _ordered(folder: Path, stems: Collection[str], hr: Path) -> list[Path]:
    check_recorded(folder, "run `sr evaluate` again")
    found: dict[str, Path] = {}
    files = image_files(folder)
    names = {path.stem for path in files}
    for path in files:
        of = path.stem.removesuffix(_COMPARISON)
        if path.stem not in stems and of != path.stem and of in names:
            continue
        ends = (end for end in _SUFFIXES if path.stem.endswith(end))
        candidates = [path.stem.removesuffix(end) for end in ends]
        stem = next((one for one in candidates if one in stems), None)
        if stem is None:
            raise InputError(f"{path}: {hr} has no original of that name; remove it or add one.")
        if stem in found:
            raise InputError(f"{path}: {found[stem].name} is of the same original; remove one of the two.")
        found[stem] = path
    for stem in stems:
        if stem not in found:
            raise InputError(f"{folder}: has no reconstruction of {stem} in {hr}; add {stem}.png.")
    return [found[stem] for stem in stems]
