"""A project with made data of the papers' sizes: what the rehearsal works on.

Few images are made, and every further one is a hard link to one of them, so that 350,000 files take minutes
and megabytes. Their pixels are smooth noise: nothing here says anything about quality.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sr.config import load_yaml
from sr.files import write_json, write_text
from sr.project import root

# File systems limit the links to one file: ext4 to 65,000.
_LINKS = 20_000
_COPIED = ("sr", "replications", "workflow", "profiles")
_FILES = ("Snakefile", "environment.yml")
_CATALOGUE = Path("sr/data/catalogue.yaml")
# The two keys by which the catalogue says how many images a set has, or takes from a larger one.
_NUMBER = re.compile(r"^    (count|take): (\d+)$")


@dataclass(frozen=True)
class ImageSet:
    """A set of the catalogue.

    number: its images at full size. different: so many are made, the others are links to them.
    width, height: as the real ones', but for ImageNet's, which would take 200 GB packed.
    """

    name: str
    number: int
    different: int
    width: int
    height: int
    ending: str


SETS = (
    ImageSet("ImageNet", 350_000, 500, 120, 100, "JPEG"),
    ImageSet("DIV2K_train", 800, 8, 2040, 1356, "png"),
    ImageSet("Flickr2K", 2650, 8, 2040, 1356, "png"),
    ImageSet("OST", 10_324, 40, 640, 480, "png"),
    ImageSet("DIV2K", 100, 100, 2040, 1356, "png"),
)

# Two crops a step: a whole batch of a large network is 3 teraflop of work, of which a core does 0.1 a second.
BUDGET, STEPS, BATCH = "rehearsal", 3, 2


def make_project(folder: Path, size: float) -> None:
    """A copy of this project with a mirror of made images and the budget `rehearsal`: few steps at full size.

    size: part of the images. The copy's catalogue then says so many. A step takes two crops.
    """
    for part in _COPIED:
        shutil.copytree(root() / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _FILES:
        shutil.copy(root() / name, folder / name)
    if (root() / "data" / "assets").is_dir():
        (folder / "data").mkdir()
        (folder / "data" / "assets").symlink_to(root() / "data" / "assets")
    # YAML reads JSON.
    write_json(folder / "workflow" / "budgets" / f"{BUDGET}.yaml", _budget())
    entries = load_yaml(folder / _CATALOGUE)["assets"]
    numbers: dict[str, int] = {}
    for one in SETS:
        whole = entries[one.name].get("part_of", one.name)
        numbers[one.name] = numbers[whole] = max(2, round(one.number * size))
        _make_images(one, numbers[one.name], folder / "mirror" / entries[whole]["path"], entries[whole])
    numbers["DF2K_OST"] = sum(numbers[name] for name in ("DIV2K_train", "Flickr2K", "OST"))
    write_text(folder / _CATALOGUE, "\n".join(_with_numbers(folder / _CATALOGUE, numbers)) + "\n")


def _budget() -> dict[str, Any]:
    """Networks and crops of full size, which look with a network that can be had from the package index."""
    share = {"caps": {"iterations": STEPS, "batch": BATCH}, "checks": 1, "threads": 1}
    layers = {"conv3_4": "conv3_3", "conv4_4": "conv4_3", "conv5_4": "conv5_3"}
    return {
        "budget": BUDGET,
        "training_sets": ["recipe", "DIV2K_train"],
        "perceptual": {"network": "vgg16", "layers": layers},
        "psnr_oriented": share,
        "perceptual_oriented": share,
    }


def _make_images(one: ImageSet, number: int, folder: Path, entry: dict[str, Any]) -> None:
    places = [folder / name for name in entry.get("folders", [""])]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(one.name) + one.number)
    made: list[Path] = []
    for index in range(number):
        path = places[index % len(places)] / f"{one.name}_{index:06d}.{one.ending}"
        if index < one.different or len(made) * _LINKS <= index:
            _smooth_noise(random, one.width, one.height).save(path, compress_level=1)
            made.append(path)
        else:
            path.hardlink_to(made[index % len(made)])


def _smooth_noise(random: np.random.Generator, width: int, height: int) -> Image.Image:
    """Structure at every scale down to two pixels, as photographs have."""
    total = np.zeros((height, width, 3), np.float32)
    for step in (2, 8, 32):
        coarse = random.integers(0, 256, (height // step + 1, width // step + 1, 3), dtype=np.uint8)
        fine = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(fine, np.float32) * step
    return Image.fromarray((total / 42).astype(np.uint8))


def _with_numbers(catalogue: Path, numbers: dict[str, int]) -> Iterator[str]:
    """The lines of a catalogue with other numbers of images."""
    name = ""
    for line in catalogue.read_text(encoding="utf-8").splitlines():
        if entry := re.fullmatch(r"  (\w+):", line):
            name = entry[1]
        found = _NUMBER.fullmatch(line)
        yield f"    {found[1]}: {numbers[name]}" if found and name in numbers else line


def tree_megabytes(folder: Path) -> float:
    """Disk that a folder takes, each file once however many links it has."""
    files = {(status.st_dev, status.st_ino): status.st_blocks for status in _statuses(folder)}
    return sum(files.values()) * 512 / 1e6


def _statuses(folder: Path) -> Iterator[Any]:
    return (path.stat() for path in folder.rglob("*") if path.is_file())
