"""A paper's tables as data: tables.yaml says where each printed cell stands and what fills it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, RootModel, field_validator, model_validator

from sr.config import Strict, load_model, nearest
from sr.data.catalogue import catalogue
from sr.errors import InputError
from sr.inference.reconstruction import BASELINES
from sr.papers.published import HIGHER_IS_BETTER, LOWER_IS_BETTER, Cell, published_path, read_published
from sr.project import own, paper_folder, papers
from sr.recipes.recipe import load_recipe
from sr.remembered import remembered

Axis = Literal["dataset", "method", "metric"]


class Dataset(Strict):
    """Where a printed dataset is measured: a benchmark (its own name unless given), or one image of it."""

    benchmark: str | None = None
    image: str | None = None
    label: str | None = None


class Metric(Strict):
    """How a metric is printed; `rated` says that people give its values, for as long as nobody has."""

    label: str | None = None
    decimals: int = Field(ge=0)
    rated: str | None = None


class Fillers(Strict):
    """What may fill a method's cells: a baseline, a training, weights that others released, their images."""

    group: str | None = None
    baseline: str | None = None
    recipe: str | None = Field(None, description="a recipe of this paper, or paper/recipe of another one")
    released: tuple[str, ...] = Field((), description="names of released generators in the catalogue")
    images: str | None = None

    @property
    def filled(self) -> bool:
        """Whether anything is named at all."""
        return bool(self.baseline or self.recipe or self.released or self.images)

    @field_validator("baseline")
    @classmethod
    def _is_a_baseline(cls, name: str | None) -> str | None:
        if name is not None and name not in BASELINES:
            raise ValueError(f"'{name}' is no baseline; {nearest(name, list(BASELINES))}")
        return name

    @field_validator("images")
    @classmethod
    def _is_one_folder(cls, name: str | None) -> str | None:
        if name is not None and (name in ("", ".", "..") or "/" in name):
            raise ValueError("name a folder inside images/, without a slash")
        return name

    @field_validator("released")
    @classmethod
    def _in_the_catalogue(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = [name for name, asset in catalogue().assets.items() if asset.released]
        for name in names:
            if name not in known:
                raise ValueError(f"'{name}' is no released generator; {nearest(name, known)}")
        return names

    def full_recipe(self, paper: str) -> str | None:
        """paper/recipe of the method's training, if it has one; a bare name means a recipe of `paper`."""
        if self.recipe is None or "/" in self.recipe:
            return self.recipe
        return f"{paper}/{self.recipe}"


class Method(Fillers):
    """One printed method and what may fill its cells; `constant` says why its cells are no results."""

    label: str | None = None
    constant: str | None = None
    original: bool = Field(False, description="whether it is the ground truth, which only people can rate")
    ranked: bool = True
    listed: str | None = Field(None, description="the model of third_party.csv whose numbers these are")

    @model_validator(mode="after")
    def _is_filled_or_explained(self) -> "Method":
        if self.filled == bool(self.constant):
            raise ValueError(
                "name baseline, recipe, released or images, or else say with constant why none can"
            )
        return self


class OwnMethod(Fillers):
    """A method of the user's own: one line of my/tables.yaml, below a paper's name and a table's."""

    @model_validator(mode="after")
    def _names_a_source(self) -> "OwnMethod":
        if not self.filled:
            raise ValueError("name baseline, recipe, released or images")
        return self


class OwnMethods(RootModel[dict[str, dict[str, dict[str, OwnMethod]]]]):
    """The whole my/tables.yaml: paper -> table -> method -> what fills it."""


class Finding(Strict):
    """A printed number known not to come out; only the value in `comes_out` is excused by it.

    Without `comes_out` the number is not of what fills the cell, or too coarse, and nothing is held against
    it. filled_by: the kind of source that this is true of; every kind unless given.
    """

    dataset: str | None = Field(None, description="none for each of the table's")
    method: str
    metric: str | None = Field(None, description="none for each of the table's")
    comes_out: float | None = None
    filled_by: Literal["trained", "released", "images"] | None = None
    reason: str

    def is_about(self, place: tuple[str, str, str], kind: str) -> bool:
        """Whether it speaks of a printed (dataset, method, metric) filled by a kind of source."""
        own = (self.dataset, self.method, self.metric, self.filled_by)
        return all(name in (None, given) for name, given in zip(own, (*place, kind), strict=True))


class Table(Strict):
    """One printed table: title, caption, its axes in printed order, and its known misprints."""

    title: str
    caption: str
    rows: list[Axis] = Field(min_length=1, max_length=2)
    columns: list[Axis] = Field(min_length=1, max_length=2)
    datasets: dict[str, Dataset | None]
    metrics: dict[str, Metric]
    methods: dict[str, Method]
    bold: str | None = Field(None, description="how the paper says that it marks the best value")
    marks: dict[str, str] = Field(
        default_factory=dict, description="'dataset/method/metric' -> sign that the paper prints behind it"
    )
    known_findings: tuple[Finding, ...] = ()
    listed: str | None = Field(
        None, description="who lists this table's numbers outside the paper: a source of third_party.csv"
    )
    own: dict[str, OwnMethod] = Field(
        default_factory=dict, description="methods of the user's own, which stand in my/tables.yaml"
    )

    @model_validator(mode="after")
    def _names_agree(self) -> "Table":
        if sorted([*self.rows, *self.columns]) != ["dataset", "method", "metric"]:
            raise ValueError("rows and columns together must name dataset, method and metric once each")
        if self.bold:
            self._directions_known()
        for finding in self.known_findings:
            self._known("known_findings", finding.dataset, finding.method, finding.metric)
        for place in self.marks:
            self._known("marks", *place.split("/"))
        if bool(self.listed) != any(method.listed for method in self.methods.values()):
            raise ValueError(
                "`listed` of the table names the source, and `listed` of a method its model there"
            )
        return self

    def _directions_known(self) -> None:
        for name in self.metrics:
            if name not in HIGHER_IS_BETTER | LOWER_IS_BETTER:
                raise ValueError(f"bold needs a direction, but '{name}' is neither a metric nor an opinion")

    def _known(self, where: str, *place: str | None) -> None:
        axes = [list(self.datasets), list(self.methods), list(self.metrics)]
        if len(place) != len(axes):
            raise ValueError(f"{where}: write dataset/method/metric, not '{'/'.join(map(str, place))}'")
        for name, valid in zip(place, axes, strict=True):
            if name is not None and name not in valid:
                raise ValueError(f"{where}: '{name}' is not in this table; {nearest(name, valid)}")

    def fillers(self, method: str) -> Fillers:
        """What may fill the cells of a printed method, or of one of the user's own."""
        return self.own[method] if method in self.own else self.methods[method]

    def dataset(self, name: str) -> Dataset:
        """Where a dataset is measured; one that the table does not print is measured under its own name."""
        return self.datasets.get(name) or Dataset()

    def benchmark(self, dataset: str) -> str:
        """The benchmark that holds the images of a dataset of this table."""
        return self.dataset(dataset).benchmark or dataset

    def finding(self, place: tuple[str, str, str], kind: str) -> Finding | None:
        """The known finding about a printed (dataset, method, metric) filled by a kind of source, if any."""
        return next((finding for finding in self.known_findings if finding.is_about(place, kind)), None)

    def places(self) -> Iterator[tuple[str, str, str]]:
        """Every (dataset, method, metric) of the table, in its order."""
        for dataset in self.datasets:
            for metric in self.metrics:
                for method in self.methods:
                    yield dataset, method, metric


class OfFigure(Strict):
    """A printed number that a figure's fact is held against: times `times`, within `band`, for the reason."""

    dataset: str
    method: str
    metric: str
    figure: str
    fact: str
    times: float = 1.0
    band: float = Field(ge=0)
    reason: str


class Elsewhere(Strict):
    """Printed cells outside the tables: an item of published.csv, and why it is not measured.

    figures: those of its cells that a figure measures all the same.
    """

    verdict: Literal["not a result", "not run"]
    reason: str
    figures: tuple[OfFigure, ...] = ()

    def of_figure(self, cell: Cell) -> OfFigure | None:
        """What measures a cell, if a figure does."""
        place = (cell.dataset, cell.method, cell.metric)
        return next((one for one in self.figures if (one.dataset, one.method, one.metric) == place), None)


class Layouts(Strict):
    """The whole tables.yaml of one paper."""

    tables: dict[str, Table]
    elsewhere: dict[str, Elsewhere] = Field(default_factory=dict)

    def table(self, paper: str, item: str) -> Table:
        """One table, by its item or by its name in files. Raises InputError with the nearest name."""
        return self.tables[self.item(paper, item)]

    def item(self, paper: str, name: str) -> str:
        """The item of published.csv that `name` means: itself, or as it is written in a file's name."""
        items = {name_in_files(item): item for item in self.tables}
        if name not in self.tables and name not in items:
            raise InputError(f"'{name}' is not a table of {paper}; {nearest(name, list(self.tables))}")
        return items[name_in_files(name)]


def name_in_files(item: str) -> str:
    """How a file's name writes an item, {name}_{paper}.csv: `table1_supp` is table1supp_beby.csv."""
    return item.replace("_", "")


def layouts_path(paper: str) -> Path:
    """Where the layout of a paper's tables lies, written already or not."""
    return paper_folder(paper) / "tables.yaml"


def load_layouts(paper: str) -> Layouts:
    """The layouts of one paper, with the user's own methods. Raises InputError unless every printed cell has
    exactly one place.
    """
    path = layouts_path(paper)
    if not path.is_file():
        raise InputError(f"{path}: no such file; the tables of {paper} are not described in this version.")
    layouts, mine = _checked_layouts(path, published_path(paper), paper), own("tables.yaml")
    return layouts if mine is None else _with_own_methods(layouts, mine, paper)


def layouts_files(paper: str) -> list[Path]:
    """Where the layout of a paper's tables is described: as it ships, and in the user's own file."""
    mine = own("tables.yaml")
    return [layouts_path(paper), *([mine] if mine else [])]


@remembered
def _checked_layouts(path: Path, published: Path, paper: str) -> Layouts:
    layouts = load_model(path, Layouts)
    for cell in read_published(published, paper):
        _check_place(path, layouts, cell)
    return layouts


def _with_own_methods(layouts: Layouts, mine: Path, paper: str) -> Layouts:
    """The layouts with the methods that my/tables.yaml adds to them. Raises InputError that names it."""
    added = load_model(mine, OwnMethods).root
    for name in added:
        if name not in papers():
            raise InputError(f"{mine}: '{name}' is not a replicated paper; {nearest(name, papers())}")
    tables = dict(layouts.tables)
    for name, methods in added.get(paper, {}).items():
        try:
            item = layouts.item(paper, name)
            _check_recipes(paper, name, methods)
        except InputError as error:
            raise InputError(f"{mine}: {error}") from None
        if taken := sorted(tables[item].methods.keys() & methods.keys()):
            raise InputError(
                f"{mine}: {item} of {paper} has a method '{taken[0]}' already; choose another name."
            )
        # A table may stand there twice, by its item and by its name in files.
        if doubled := sorted(tables[item].own.keys() & methods.keys()):
            raise InputError(f"{mine}: {item} of {paper} has '{doubled[0]}' twice; choose another name.")
        tables[item] = tables[item].model_copy(update={"own": tables[item].own | methods})
    return layouts.model_copy(update={"tables": tables})


def _check_recipes(paper: str, name: str, methods: dict[str, OwnMethod]) -> None:
    for method, fillers in methods.items():
        if recipe := fillers.full_recipe(paper):
            try:
                load_recipe(recipe)
            except InputError as error:
                raise InputError(f"{paper}.{name}.{method}: {error}") from None


def _check_place(path: Path, layouts: Layouts, cell: Cell) -> None:
    in_table = cell.item in layouts.tables
    if in_table == (cell.item in layouts.elsewhere):
        raise InputError(f"{path}: '{cell.item}' must stand under tables or under elsewhere, and only once.")
    if in_table and (cell.dataset, cell.method, cell.metric) not in set(layouts.tables[cell.item].places()):
        raise InputError(f"{path}: {cell} has no place; add its dataset, method and metric to '{cell.item}'.")
