"""Figures that a run has drawn, and those it has not, with the reason."""

import base64
import csv
import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from sr.errors import InputError
from sr.figures.figure import Description

COPIED = (".png", ".svg", ".csv")  # the forms that go beside the page
_DESCRIPTION = ".json"


@dataclass(frozen=True)
class Figure:
    """A figure as a data URI. source: its PNG, beside which its other forms lie. width, height: in pixels.

    kind: `images` or `numbers`, as the index that lists it is called. shows: the benchmarks' images in it,
    as (benchmark, image).
    """

    name: str
    source: Path
    description: Description
    image: str
    width: int
    height: int
    kind: str
    shows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figures:
    """The figures of one paper. missing: name -> why it was not drawn."""

    made: tuple[Figure, ...]
    missing: dict[str, str]


def load_figures(folder: Path) -> Figures:
    """What the index files (*.json with `made` and `missing`) of results/figures/{paper} list.

    A listed figure that lacks one of its files counts as missing.
    Raises InputError for a file that is no JSON.
    """
    made, missing = [], {}
    for path in sorted(folder.glob("*.json")):
        index = _json(path)
        if "made" in index:
            lacking = {name: _lacking(folder, name) for name in index["made"]}
            made += [_figure(folder, name, path.stem) for name, files in lacking.items() if not files]
            missing.update({name: _listed_only(path, files) for name, files in lacking.items() if files})
            missing.update(index["missing"])
    return Figures(tuple(made), missing)


def _lacking(folder: Path, name: str) -> list[str]:
    files = [f"{name}{suffix}" for suffix in (*COPIED, _DESCRIPTION)]
    return [file for file in files if not (folder / file).is_file()]


def _listed_only(index: Path, files: list[str]) -> str:
    verb = "is" if len(files) == 1 else "are"
    return f"{index.name} lists it, but {', '.join(files)} {verb} not there; draw it again"


def _figure(folder: Path, name: str, kind: str) -> Figure:
    image = folder / f"{name}.png"
    with Image.open(image) as picture:
        width, height = picture.size
    return Figure(
        name,
        image,
        Description(**_json(folder / f"{name}{_DESCRIPTION}")),
        f"data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()}",
        width,
        height,
        kind,
        _shown_images(folder / f"{name}.csv"),
    )


def _shown_images(data: Path) -> tuple[tuple[str, str], ...]:
    """The images that a figure's table speaks of, where it has columns that say so."""
    with data.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if not {"benchmark", "image"} <= set(rows.fieldnames or ()):
            return ()
        return tuple(dict.fromkeys((row["benchmark"], row["image"]) for row in rows))


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); draw the figure again.") from error
