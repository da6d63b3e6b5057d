"""Figures that one paper has and no other: replications/<paper>/figures.py, which this file alone imports."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Literal

from sr.errors import InputError
from sr.figures.figure import Draw
from sr.figures.paper_results import PaperResults
from sr.project import paper_folder

Kind = Literal["images", "numbers"]


@dataclass(frozen=True)
class OwnFigure:
    """One figure of a paper's figures.py, which lists them under the name FIGURES.

    name: of its files; of a study in number_figures.yaml whose kind is `own`, the study's name. kind: what
    it is made of. draw: writes the PNG at the path and the files beside it (`write_figure`), or raises
    Missing. shows: what is seen, in one line.
    """

    name: str
    kind: Kind
    draw: Callable[[PaperResults, Path], None]
    shows: str

    def of(self, results: PaperResults) -> Draw:
        """What draws it from a paper's results."""
        return lambda output: self.draw(results, output)


def own_figures(paper: str, kind: Kind | None = None) -> dict[str, OwnFigure]:
    """A paper's own figures by name, in the order of its file; none without a figures.py.

    Raises InputError for a figures.py without a list of figures of different names.
    """
    path = paper_folder(paper) / "figures.py"
    if not path.is_file():
        return {}
    found = getattr(load_module(path), "FIGURES", None)
    if not isinstance(found, tuple) or not all(isinstance(one, OwnFigure) for one in found):
        raise InputError(f"{path}: has no FIGURES; write FIGURES = (OwnFigure(...), ...).")
    figures = {one.name: one for one in found}
    if len(figures) < len(found):
        raise InputError(f"{path}: two of FIGURES have one name; give each its own.")
    return {name: one for name, one in figures.items() if kind in (None, one.kind)}


@cache
def load_module(path: Path) -> ModuleType:
    """A Python file that belongs to no package, imported under a name made of its folder's and its own."""
    name = f"{path.parent.name}_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: no Python file; its name must end with .py.")
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
