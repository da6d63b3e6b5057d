"""The usual accidents: what can be wrong with images before any convention matters."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn

from sr.explain import lr_kernel
from sr.explain.pairs import Pair, Pairs
from sr.images import Pixels, as_rgb, luma

# Decibels that undoing an accident must be worth.
_WORTH = 0.3

# Pixels that an image may be shifted by and still be recognised.
_REACH = 8

# How much less the high frequencies of 8x8 blocks must be than those of blocks between them.
_COMPRESSED = 1.3

# Grey of the JPEG file format.
_JPEG_GREY = np.array([0.299, 0.587, 0.114])

_JPEG = (".jpg", ".jpeg")


@dataclass(frozen=True)
class Accident:
    """What is wrong, in words, with which images. kind: in one word, for programs."""

    kind: str
    text: str
    images: tuple[str, ...]


def find(pairs: Pairs, report: Callable[[int], None] = lambda _done: None) -> list[Accident]:
    """Every accident that was recognised, those that matter most first."""
    if not pairs.pairs:
        return _about_files(pairs)
    found = _about_files(pairs)
    each: list[tuple[Pair, list[tuple[str, str]]]] = []
    for done, pair in enumerate(pairs.pairs, start=1):
        each.append((pair, _of_image(pair)))
        report(done)
    kinds = Counter((kind, text) for _, own in each for kind, text in own)
    for kind, text in kinds:
        images = tuple(pair.path.name for pair, own in each if (kind, text) in own)
        found.append(Accident(kind, text, images))
    return found + _about_kernel([pair for pair, own in each if not own])


def _about_files(pairs: Pairs) -> list[Accident]:
    found = [Accident("size", text, ()) for text in pairs.refused]
    if pairs.missing:
        found.append(
            Accident("missing", f"no image of {', '.join(pairs.missing)}: left out of every mean", ())
        )
    for pair in pairs.pairs:
        if pair.note:
            found.append(Accident("size", pair.note, (pair.path.name,)))
    return found


def _of_image(pair: Pair) -> list[tuple[str, str]]:
    """Kind and words of what is wrong with one image; the first that explains it hides the others."""
    if pair.original != pair.named:
        return [("another image", f"shows {pair.original} and not {pair.named}")]
    checks = (_swapped(pair), _shifted(pair))
    found = [found for found in checks if found]
    return found + [jpeg for jpeg in (_compressed(pair),) if jpeg]


def _swapped(pair: Pair) -> tuple[str, str] | None:
    if pair.hr.ndim == 2:
        return None
    as_it_is, swapped = (_decibels(_error(sr, pair.hr)) for sr in (pair.sr, pair.sr[:, :, ::-1]))
    if swapped - as_it_is < _WORTH:
        return None
    return "channels", "red and blue are swapped (RGB written as BGR, or read so)"


def _shifted(pair: Pair) -> tuple[str, str] | None:
    """A whole shift that makes the image clearly more like its original."""
    sr, hr = (luma(as_rgb(image), rounded=False) for image in (pair.sr, pair.hr))
    if min(sr.shape) < 4 * _REACH:
        return None
    down, across = _shift(sr, hr)
    if (down, across) == (0, 0):
        return None
    inner = (slice(_REACH, -_REACH), slice(_REACH, -_REACH))
    before = _decibels(_error(sr[inner], hr[inner]))
    after = _decibels(_error(np.roll(sr, (down, across), axis=(0, 1))[inner], hr[inner]))
    if after - before < _WORTH:
        return None
    places = [_towards(-down, "down", "up"), _towards(-across, "to the right", "to the left")]
    return "shift", f"shifted by {' and '.join(filter(None, places))}"


def _shift(sr: NDArray[np.float64], hr: NDArray[np.float64]) -> tuple[int, int]:
    """The shift of `sr`, within reach, after which the squared difference to the inner `hr` is least."""
    inner = hr[_REACH:-_REACH, _REACH:-_REACH]
    shape = sr.shape
    # Sums over the window by which `inner` covers `sr`, at every place: |a|^2 - 2 a b, |b|^2 being constant.
    kernel = np.zeros(shape)
    kernel[: inner.shape[0], : inner.shape[1]] = inner
    ones = np.zeros(shape)
    ones[: inner.shape[0], : inner.shape[1]] = 1.0
    spectrum = np.fft.rfft2(sr**2) * np.conj(np.fft.rfft2(ones))
    spectrum -= 2.0 * np.fft.rfft2(sr) * np.conj(np.fft.rfft2(kernel))
    cost = np.fft.irfft2(spectrum, shape)[: 2 * _REACH + 1, : 2 * _REACH + 1]
    place = np.unravel_index(int(cost.argmin()), cost.shape)
    return _REACH - int(place[0]), _REACH - int(place[1])


def _compressed(pair: Pair) -> tuple[str, str] | None:
    """JPEG by its ending, or by what compression has taken away."""
    if pair.path.suffix.lower() in _JPEG:
        return "JPEG", "stored as JPEG, which changes pixels"
    if compression(pair.sr) < _COMPRESSED or np.array_equal(as_rgb(pair.sr), as_rgb(pair.hr)):
        return None
    return "JPEG", "was JPEG-compressed once (its 8x8 blocks lack what compression rounds away)"


def compression(pixels: Pixels) -> float:
    """How much smaller the high frequencies of JPEG's 8x8 blocks are than those of blocks between them.

    Compression rounds them to zero in its own blocks only. Networks that enlarge by 4 leave their patterns in
    both. 0.95 to 1.05 for reconstructions, 1.5 and more after compression at a quality of 95 or less.
    """
    grey = as_rgb(pixels) @ _JPEG_GREY
    high = np.add.outer(np.arange(8), np.arange(8)) >= 4
    amounts = []
    for first in (0, 4):
        rows, columns = ((side - first) // 8 for side in grey.shape)
        inner = grey[first : first + 8 * rows, first : first + 8 * columns]
        blocks = inner.reshape(rows, 8, columns, 8).transpose(0, 2, 1, 3)
        frequencies = np.abs(dctn(blocks, axes=(2, 3), norm="ortho"))[..., high]
        amounts.append(float(np.median(frequencies, axis=-1).mean()))
    own, between = amounts
    return between / own if own else (math.inf if between else 1.0)


def _about_kernel(pairs: Sequence[Pair]) -> list[Accident]:
    """Only where the images were made from other low-resolution images than MATLAB's."""
    kernel = lr_kernel.recognise(pairs)
    if len(kernel.likely) != 1 or kernel.likely[0] == "matlab":
        return []
    name = lr_kernel.NAMES[kernel.likely[0]]
    text = f"made from low-resolution images of {name}, not of MATLAB's bicubic"
    return [Accident("LR kernel", text, tuple(pair.path.name for pair in pairs))]


def _towards(pixels: int, one: str, other: str) -> str:
    unit = "pixel" if abs(pixels) == 1 else "pixels"
    return f"{abs(pixels)} {unit} {one if pixels > 0 else other}" if pixels else ""


def _error(sr: Pixels | NDArray[np.float64], hr: Pixels | NDArray[np.float64]) -> float:
    return float(((sr.astype(np.float64) - hr) ** 2).mean())


def _decibels(error: float) -> float:
    return 10.0 * math.log10(255.0**2 / error) if error else math.inf
