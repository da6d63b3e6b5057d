"""Crops of the same place by every method, for the page's viewer. All crops are lossless."""

import base64
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sr.errors import InputError
from sr.images import Pixels, read_image
from sr.scoring.pairing import match

SIDES = (256, 192, 128)  # pixels of a crop: the largest with which every benchmark finds room
_STEP = 32  # places that are tried for it

ORIGINAL = "original"


@dataclass(frozen=True)
class Crop:
    """One method's crop as a data URI. group: what the method stands under. scores: of the whole image."""

    source: str
    label: str
    budget: str
    image: str
    group: str = ""
    scores: str = ""


@dataclass(frozen=True)
class Scene:
    """One place of one image: left, top, width and height of the crop, and the crops of all methods."""

    benchmark: str
    image: str
    box: tuple[int, int, int, int]
    crops: tuple[Crop, ...]


@dataclass(frozen=True)
class Gallery:
    """The scenes that fit. available: images with reconstructions, per benchmark. side: of the crops.

    refused: source -> why its images were not taken.
    """

    scenes: tuple[Scene, ...]
    available: Mapping[str, int]
    side: int
    refused: Mapping[str, str]

    @property
    def places(self) -> set[tuple[str, str]]:
        """Benchmark and image of every scene."""
        return {(scene.benchmark, scene.image) for scene in self.scenes}


@dataclass(frozen=True)
class Shown:
    """A source of images and how it is called. budget: what was spent on it, or empty.

    folder: benchmark -> where its images lie. group: what it stands under in a list of many.
    scores: benchmark -> what each image scored, in words; images that were not scored are left out.
    """

    source: str
    folder: Callable[[str], Path]
    label: str
    budget: str
    group: str = ""
    scores: Callable[[str], Mapping[str, str]] = lambda _benchmark: {}


# Of each benchmark's images, the sources that have it and where.
_Files = defaultdict[tuple[str, str], list[tuple[Shown, Path]]]


def gather_crops(benchmarks: Path, shown: Sequence[Shown], megabytes: float) -> Gallery:
    """Crops of as many images as fit into `megabytes`: each benchmark's first image, then each one's second.

    The crops are as large as leaves room for an image of every benchmark.
    shown: sources in the order of the page; those without an image of a scene are left out of it.
    Raises InputError for an image that can not be read.
    """
    names = {index.parent.name: json.loads(index.read_text())["images"] for index in _indices(benchmarks)}
    files, refused = _matched(benchmarks, shown, names)
    queues = {
        benchmark: [image for image in images if files[benchmark, image]]
        for benchmark, images in names.items()
    }
    available = {name: len(images) for name, images in queues.items() if images}
    for side in SIDES:
        scenes = _fitting(benchmarks, files, queues, megabytes, side)
        if {scene.benchmark for scene in scenes} == set(available):
            break
    scenes.sort(key=lambda scene: list(queues).index(scene.benchmark))
    return Gallery(tuple(scenes), available, side, refused)


def _fitting(
    benchmarks: Path,
    files: _Files,
    queues: Mapping[str, Sequence[str]],
    megabytes: float,
    side: int,
) -> list[Scene]:
    scenes: list[Scene] = []
    left = megabytes * 1e6
    for benchmark, image in _in_turn(queues):
        scene = _scene(benchmarks, files, benchmark, image, side)
        left -= sum(len(crop.image) for crop in scene.crops)
        if left < 0 and scenes:
            break
        scenes.append(scene)
    return scenes


def busiest(luma: NDArray[np.float64], side: int) -> tuple[int, int]:
    """Top and left of the window with the largest sum of absolute differences between neighbours.

    luma: height x width, any range. The window is `side` high and wide, or as large as the image.
    """
    change = np.zeros_like(luma)
    change[1:] += np.abs(np.diff(luma, axis=0))
    change[:, 1:] += np.abs(np.diff(luma, axis=1))
    sums = np.pad(change, ((1, 0), (1, 0))).cumsum(0).cumsum(1)

    def total(top: int, left: int) -> float:
        bottom, right = min(top + side, luma.shape[0]), min(left + side, luma.shape[1])
        return float(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])

    tops = range(0, max(luma.shape[0] - side, 0) + 1, _STEP)
    lefts = range(0, max(luma.shape[1] - side, 0) + 1, _STEP)
    return max(((top, left) for top in tops for left in lefts), key=lambda place: total(*place))


def _scene(benchmarks: Path, files: _Files, benchmark: str, image: str, side: int) -> Scene:
    original = read_image(benchmarks / benchmark / "HR" / f"{image}.png")
    top, left = busiest(original.reshape(*original.shape[:2], -1).mean(axis=2), side)

    def cut(pixels: Pixels) -> Pixels:
        return pixels[top : top + side, left : left + side]

    crops = [Crop(ORIGINAL, "original (HR)", "", _lossless(cut(original)))]
    for one, path in files[benchmark, image]:
        picture, scores = _lossless(cut(read_image(path))), one.scores(benchmark).get(image, "")
        crops.append(Crop(one.source, one.label, one.budget, picture, one.group, scores))
    height, width = cut(original).shape[:2]
    return Scene(benchmark, image, (left, top, width, height), tuple(crops))


def _matched(benchmarks: Path, shown: Sequence[Shown], names: Iterable[str]) -> tuple[_Files, dict[str, str]]:
    """The files of every image, found as scoring finds them, and why it would refuse a source."""
    files: _Files = defaultdict(list)
    refused = {}
    for benchmark, one in product(names, shown):
        folder = one.folder(benchmark)
        if not folder.is_dir():
            continue
        try:
            pairs = match({one.source: folder}, benchmarks / benchmark / "HR")
        except InputError as error:
            refused[one.source] = str(error)
            continue
        for original, path in zip(pairs.hr, pairs.sr[one.source], strict=True):
            files[benchmark, original.stem].append((one, path))
    return files, refused


def _indices(benchmarks: Path) -> list[Path]:
    return sorted(benchmarks.glob("*/index.json"))


def _in_turn(queues: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """One image of each benchmark, then another of each."""
    for images in zip_longest(*queues.values()):
        yield from ((name, image) for name, image in zip(queues, images, strict=True) if image is not None)


def _lossless(pixels: Pixels) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", lossless=True, method=2)
    return f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
