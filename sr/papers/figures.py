"""Which figures of numbers a paper has, as data: replications/<paper>/number_figures.yaml."""

from typing import Literal

from pydantic import Field

from sr.config import Strict, load_model
from sr.project import paper_folder, papers


class Interpolation(Strict):
    """Two recipes (paper/recipe) between which networks and images are interpolated.

    place: where the paper does so. protocols: whose metrics the curve is scored by. benchmarks: on which
    images, as far as at hand.
    """

    psnr: str
    gan: str
    place: str
    protocols: tuple[str, ...] = Field(min_length=1)
    benchmarks: tuple[str, ...] = Field(min_length=1)


class StudyFigure(Strict):
    """How a study is drawn: as bars, or by the figure of its name in the paper's own figures.py.

    place: where the paper has such a figure. benchmark: the paper's for it.
    """

    kind: Literal["bars", "own"]
    place: str
    benchmark: str | None = None


class NumberFigures(Strict):
    """The whole number_figures.yaml of one paper.

    name: as in titles. plane: the table whose methods stand in the perception-distortion plane.
    ablations: tables drawn as bars.
    """

    name: str
    plane: str | None = None
    ablations: tuple[str, ...] = ()
    interpolation: Interpolation | None = None
    studies: dict[str, StudyFigure] = Field(default_factory=dict)


def load_number_figures(paper: str) -> NumberFigures:
    """The figures of one paper. Raises InputError naming file and key for anything misspelt."""
    path = paper_folder(paper) / "number_figures.yaml"
    return load_model(path, NumberFigures) if path.is_file() else NumberFigures(name=paper)


def interpolation_under(protocol: str) -> tuple[str, Interpolation] | None:
    """The interpolation that is scored by a paper's protocol, and the paper that it is of."""
    found = ((paper, load_number_figures(paper).interpolation) for paper in papers())
    return next(((paper, one) for paper, one in found if one and protocol in one.protocols), None)
