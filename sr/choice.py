"""Which images a training set is made of: all of a folder, a number of them drawn by a seed, or a list.

What a paper chose at random and never published can only be chosen again; the rule is what is recorded.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sr.errors import InputError

# Of the chosen images, so many must turn out usable; a data set has a few that are not.
_ENOUGH_PERCENT = 99


@dataclass(frozen=True)
class Chosen:
    """The images of a training set, in order: name -> file.

    rule: how they were chosen, in words. at_least: how many of them must turn out usable.
    """

    files: dict[str, Path]
    rule: str
    at_least: int

    @classmethod
    def of(cls, files: Iterable[Path]) -> "Chosen":
        """Some files, under their own names: all of them, however few turn out usable."""
        found = list(files)
        named = {file.name: file for file in found}
        if len(named) < len(found):
            named = {str(file): file for file in found}
        return cls(named, "all", min(1, len(named)))


def enough(count: int) -> int:
    """How many of `count` images must be there and usable."""
    return -(-count * _ENOUGH_PERCENT // 100)


def drawn(names: list[str], number: int, seed: int) -> list[str]:
    """`number` of the names by the seed, in their own order.

    They are those with the smallest sha256 of "SEED/NAME": whatever else lies in the folder, an image is
    drawn before another or after it, on every machine and with every version of a library.
    """
    ranked = sorted(names, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())
    wanted = set(ranked[:number])
    return [name for name in names if name in wanted]


def listed(path: Path, names: list[str]) -> list[str]:
    """The names that a text file lists, one a line, in the order of `names`.

    A line without a folder means the one image that is called so. Raises InputError for a line that is no
    name, or that several images have.
    """
    known: dict[str, list[str]] = {}
    for name in names:
        known.setdefault(Path(name).name, []).append(name)
    wanted: set[str] = set()
    everything = set(names)
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        found = [line] if line in everything else known.get(line, [])
        if len(found) != 1:
            raise InputError(
                f"{path}: '{line}' is the name of {len(found) or 'no'} images; give each with its folder."
            )
        wanted.update(found)
    return [name for name in names if name in wanted]
