"""Figures that a run has drawn, and those it has not, with the reason."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from sr.errors import InputError
from sr.figures.figure import Description


@dataclass(frozen=True)
class Figure:
    """A figure as a data URI. source: its PNG, beside which its other forms lie."""

    name: str
    source: Path
    description: Description
    image: str


@dataclass(frozen=True)
class Figures:
    """The figures of one paper. missing: name -> why it was not drawn."""

    made: tuple[Figure, ...]
    missing: dict[str, str]


def load_figures(folder: Path) -> Figures:
    """What the index files (*.json with `made` and `missing`) of results/figures/{paper} list.

    Raises InputError for an index whose figure is not there.
    """
    made, missing = [], {}
    for path in sorted(folder.glob("*.json")):
        index = _json(path)
        if "made" in index:
            made += [_figure(folder, name) for name in index["made"]]
            missing.update(index["missing"])
    return Figures(tuple(made), missing)


def _figure(folder: Path, name: str) -> Figure:
    image, text = folder / f"{name}.png", folder / f"{name}.json"
    if not image.is_file() or not text.is_file():
        raise InputError(
            f"{folder}: {name} is listed there, but its .png or .json is missing; draw it again."
        )
    return Figure(
        name,
        image,
        Description(**_json(text)),
        f"data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()}",
    )


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); draw the figure again.") from error
