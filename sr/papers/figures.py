"""Which figures of numbers a paper has, as data: replications/<paper>/number_figures.yaml."""

from typing import Literal

from pydantic import Field, RootModel

from sr.config import Strict, load_model, nearest
from sr.errors import InputError
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
    """How a study is drawn: as dots, or by the figure of its name in the paper's own figures.py.

    place: where the paper has such a figure. benchmark: the paper's for it.
    """

    kind: Literal["dots", "own"]
    place: str
    benchmark: str | None = None


class ShownImages(Strict):
    """Images that a figure of the paper shows. place: the figure. images: of each benchmark, by name.

    study: whose recipes the figure compares, where these are not the paper's methods.
    """

    place: str
    study: str | None = None
    images: dict[str, tuple[str, ...]] = Field(min_length=1)


class Shown(RootModel[dict[str, ShownImages]]):
    """The whole images.yaml of one paper."""


class NumberFigures(Strict):
    """The whole number_figures.yaml of one paper.

    plane: the table whose methods stand in the perception-distortion plane.
    ablations: tables drawn as dots.
    """

    plane: str | None = None
    ablations: tuple[str, ...] = ()
    interpolation: Interpolation | None = None
    studies: dict[str, StudyFigure] = Field(default_factory=dict)

    def study(self, paper: str, name: str) -> StudyFigure:
        """How one study is drawn. Raises InputError for one without a figure."""
        if name not in self.studies:
            raise InputError(
                f"replications/{paper}/number_figures.yaml: studies: '{name}' is not there, but drawn;"
                f" {nearest(name, list(self.studies))}"
            )
        return self.studies[name]


def load_number_figures(paper: str) -> NumberFigures:
    """The figures of one paper. Raises InputError naming file and key for anything misspelt."""
    path = paper_folder(paper) / "number_figures.yaml"
    return load_model(path, NumberFigures) if path.is_file() else NumberFigures()


def load_shown_images(paper: str) -> dict[str, ShownImages]:
    """The images that a paper names beside its figures, by figure; none without an images.yaml."""
    path = paper_folder(paper) / "images.yaml"
    return load_model(path, Shown).root if path.is_file() else {}


def interpolation_under(protocol: str) -> tuple[str, Interpolation] | None:
    """The interpolation that is scored by a paper's protocol, and the paper that it is of."""
    found = ((paper, load_number_figures(paper).interpolation) for paper in papers())
    return next(((paper, one) for paper, one in found if one and protocol in one.protocols), None)
