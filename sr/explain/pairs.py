"""Which image belongs to which original, whatever the files are called, and what their sizes say."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sr.errors import InputError
from sr.images import Pixels, as_rgb, crop_to_multiple, image_files, read_image
from sr.overlap.likeness import THRESHOLD, signature

SCALE = 4

# Images that differ by so many pixels in a side may still be cut to the part they share.
_NEARLY = 16


@dataclass(frozen=True)
class Pair:
    """An image and its original, of one size.

    named: the original that the file's name means. original: the one that it shows, by its looks.
    note: what was done about the sizes, empty where they fit.
    """

    path: Path
    named: str
    original: str
    sr: Pixels
    hr: Pixels
    note: str = ""

    @property
    def is_grey(self) -> bool:
        """Whether the original is stored as a single channel."""
        return self.hr.ndim == 2


@dataclass(frozen=True)
class Pairs:
    """What can be compared, and in words what can not."""

    pairs: list[Pair]
    refused: list[str]
    missing: list[str]


def match(sr: Path, hr: Path) -> Pairs:
    """Pair the images of `sr` with the originals in `hr`: two folders or two files.

    A file's name means an original when it begins with the original's; where no name fits, looks decide.
    Raises InputError when there is nothing to pair, or an image can not be read.
    """
    if sr.is_dir() != hr.is_dir():
        raise InputError(f"{sr} and {hr}: give two folders, or two images.")
    files, originals = (image_files(path) if path.is_dir() else [path] for path in (sr, hr))
    known = {path.stem: read_image(path) for path in originals}
    signatures = np.stack([signature(pixels) for pixels in known.values()])
    pairs, refused = [], []
    for path in files:
        pixels = read_image(path)
        shown = _shown(pixels, list(known), signatures)
        named = next(iter(known)) if len(files) == len(known) == 1 else _named(path.stem, known)
        name = named or shown
        if name is None:
            refused.append(f"{path.name} is called after no original and looks like none.")
            continue
        fitted = _fitted(pixels, known[name])
        if isinstance(fitted, str):
            refused.append(f"{path.name} {fitted}")
        else:
            pairs.append(Pair(path, name, shown or name, *fitted))
    used: dict[str, Path] = {}
    for pair in pairs:
        if (other := used.setdefault(pair.named, pair.path)) != pair.path:
            raise InputError(
                f"{sr}: {other.name} and {pair.path.name} are both of {pair.named};"
                " give the images of one method."
            )
    return Pairs(pairs, refused, [name for name in known if name not in used])


def _named(stem: str, originals: dict[str, Pixels]) -> str | None:
    """The original with the longest name that `stem` is, or begins with before a further word or `x4`."""
    fitting = [name for name in originals if re.fullmatch(rf"{re.escape(name)}(x4|[^A-Za-z0-9].*)?", stem)]
    return max(fitting, key=len, default=None)


def _shown(pixels: Pixels, names: list[str], signatures: NDArray[np.float64]) -> str | None:
    """The original that an image looks most like, if it does at all."""
    similarity = signatures @ signature(pixels)
    best = int(similarity.argmax())
    return names[best] if similarity[best] >= THRESHOLD else None


def _fitted(sr: Pixels, hr: Pixels) -> tuple[Pixels, Pixels, str] | str:
    """Both images at one size and what was done, or in words why they can not be compared."""
    if sr.shape[:2] == hr.shape[:2]:
        return _alike(sr, hr), hr, ""
    cropped = crop_to_multiple(hr, SCALE)
    if sr.shape[:2] == cropped.shape[:2]:
        return _alike(sr, cropped), cropped, ""
    said = f"is {_size(sr)}, its original {_size(hr)}"
    if sr.shape[:2] == tuple(side // SCALE for side in cropped.shape[:2]):
        return f"{said}: it is the low-resolution image."
    if sr.shape[:2] == hr.shape[1::-1]:
        return f"{said}: it is turned by a quarter."
    height, width = (min(sides) for sides in zip(sr.shape[:2], hr.shape[:2], strict=True))
    if max(abs(one - other) for one, other in zip(sr.shape[:2], hr.shape[:2], strict=True)) > _NEARLY:
        return f"{said}: they can not be compared."
    note = f"{said}; the upper left {width}x{height} of both was compared"
    return _alike(sr, hr)[:height, :width], hr[:height, :width], note


def _alike(sr: Pixels, hr: Pixels) -> Pixels:
    """In colours where its original is. What networks write of grey images is seen as a convention says."""
    return as_rgb(sr) if hr.ndim == 3 else sr


def _size(pixels: Pixels) -> str:
    return f"{pixels.shape[1]}x{pixels.shape[0]}"
