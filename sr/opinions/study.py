"""A study of opinions as data: replications/<paper>/opinions.yaml, or a file of one's own.

Every value there carries its source as a comment; what the paper leaves open stands under `assumptions`.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from sr.assumption import Assumption
from sr.config import Strict, load_model, nearest
from sr.errors import InputError
from sr.papers.tables import Table, load_layouts
from sr.project import paper_folder, papers
from sr.results.filling import fills
from sr.results.source import ORIGINAL, Group, Source, group_sources


class Scale(Strict):
    """How people answer: a category for one image, an order of all versions of one, or the better of two.

    labels: of the categories, from 1, the worst.
    """

    kind: Literal["category", "ranking", "pairs"]
    labels: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _labels_for_categories(self) -> "Scale":
        if (self.kind == "category") != (len(self.labels) > 1):
            raise ValueError("give the labels of the categories, from worst to best, for `category` alone")
        return self

    @property
    def categories(self) -> range:
        """The scores that can be given; none for orders."""
        return range(1, len(self.labels) + 1)


class Version(Strict):
    """What is shown under one name.

    methods: printed methods (item/method of tables.yaml) whose cells its ratings fill, and whose sources
    show it. source: the source itself, in a study that belongs to no table. original: the ground truth.
    benchmarks: where it is shown; everywhere unless given.
    """

    methods: tuple[str, ...] = ()
    source: str | None = None
    original: bool = False
    benchmarks: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _is_shown_by_something(self) -> "Version":
        if not (self.methods or self.source or self.original):
            raise ValueError("name methods, a source, or say `original: true`")
        return self


class Calibration(Strict):
    """Images that are shown first, with the answer that is expected of each; they lie outside the test.

    images: an image set of the catalogue. folder: a part of it. expected: version -> score, where `nearest`
    is made from the image and `original` is the image itself.
    """

    images: str
    folder: str | None = None
    count: int = Field(gt=0)
    expected: dict[Literal["nearest", "bicubic", "original"], int]


class Repeats(Strict):
    """Hidden repetitions, to see how reliable ratings are: every version of so many images is shown twice."""

    images: int = Field(gt=0)
    benchmark: str


class Crop(Strict):
    """A square part in place of the whole image: where versions differ most. zoom: screen pixels a side."""

    side: int = Field(gt=0)
    zoom: int = Field(gt=0)


class CalibrationRule(Strict):
    """How far from the expected score an answer may lie, and how many of the second half must not."""

    within: int = Field(ge=0)
    share: float = Field(gt=0, le=1)


class Screening(Strict):
    """What sets ratings and raters apart.

    fastest_ms: answers given sooner are set apart. fast_share: so is a rater with more of them.
    outliers: ITU-R BT.500's rejection of observers. agreement: smallest rank correlation with the mean of
    the other raters.
    """

    fastest_ms: int = Field(ge=0)
    fast_share: float = Field(ge=0, le=1)
    calibration: CalibrationRule | None = None
    outliers: bool = False
    agreement: float | None = Field(None, ge=-1, le=1)


class Stated(Strict):
    """What the paper says of differences on one benchmark, checked with the study's own tests.

    significant: pairs of versions, or `all`. but_not: pairs that are said not to differ. better: the version
    said to be the higher one in each of its pairs. no_best: in place of these, groups in none of which a
    version is said to be significantly above all others.
    """

    says: str
    source: str
    benchmark: str
    significant: Literal["all"] | tuple[tuple[str, str], ...] = ()
    but_not: tuple[tuple[str, str], ...] = ()
    better: str | None = None
    no_best: tuple[tuple[str, ...], ...] = ()

    @model_serializer(mode="wrap")
    def _as_before(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without `no_best` where there is none, so that studies that do not know it keep their hash."""
        values: dict[str, Any] = serialize(self)
        return values if self.no_best else {name: one for name, one in values.items() if name != "no_best"}

    @model_validator(mode="after")
    def _groups_stand_alone(self) -> "Stated":
        if self.no_best and (self.significant or self.but_not or self.better):
            raise ValueError("give `no_best` alone, and pairs in a statement of their own")
        if any(len(set(group)) < max(2, len(group)) for group in self.no_best):
            raise ValueError("a group of `no_best` names two versions or more, each once")
        return self


class Study(Strict):
    """The whole opinions.yaml.

    figure: of the paper, where its outcome stands. images: benchmark -> how many of its images, or `all`.
    shown: how many cases a rater sees; all unless given. seconds: a planned answer takes. pause_after:
    minutes after which the page proposes a pause. level: of significance.
    """

    title: str
    source: str
    figure: str = ""
    scale: Scale
    question: str
    instructions: tuple[str, ...]
    consent: str
    images: dict[str, int | Literal["all"]] = Field(min_length=1)
    versions: dict[str, Version] = Field(min_length=2)
    raters: int = Field(gt=0)
    shown: int | None = Field(None, gt=0)
    calibration: Calibration | None = None
    repeats: Repeats | None = None
    crop: Crop | None = None
    seconds: float = Field(gt=0)
    pause_after: int = Field(gt=0)
    screening: Screening
    level: float = Field(gt=0, lt=1)
    stated: tuple[Stated, ...] = ()
    assumptions: dict[str, Assumption] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_agree(self) -> "Study":
        for name, version in self.versions.items():
            for benchmark in version.benchmarks or ():
                self._known(f"versions.{name}", benchmark, self.images)
        for one in self.stated:
            self._known("stated", one.benchmark, self.images)
            pairs = [*(() if one.significant == "all" else one.significant), *one.but_not]
            named = [name for group in (*pairs, *one.no_best) for name in group]
            for name in named + ([one.better] if one.better else []):
                self._known("stated", name, self.versions)
        if self.repeats:
            self._known("repeats", self.repeats.benchmark, self.images)
        self._rules_of_scores()
        return self

    def _rules_of_scores(self) -> None:
        rules = self.screening
        if self.scale.kind != "category" and (self.calibration or self.repeats or rules.outliers):
            raise ValueError("calibration, repeats and outliers belong to a scale of categories")
        if bool(rules.calibration) != bool(self.calibration):
            raise ValueError("screening.calibration needs calibration, and the other way round")
        for name, score in self.calibration.expected.items() if self.calibration else ():
            if score not in self.scale.categories:
                raise ValueError(f"calibration: {score} for {name} is no category")

    def _known(self, where: str, name: str, valid: Collection[str]) -> None:
        if name not in valid:
            raise ValueError(f"{where}: '{name}' is unknown; {nearest(name, list(valid))}")

    def on(self, benchmark: str) -> list[str]:
        """Names of the versions that are shown on a benchmark."""
        return [
            name
            for name, version in self.versions.items()
            if version.benchmarks is None or benchmark in version.benchmarks
        ]


def load_study(name: str) -> tuple[str, Study]:
    """A study and the paper whose methods it names: by a paper's name, or by the path of a file.

    A file of one's own names sources itself and belongs to no paper (''). Raises InputError, naming file
    and key, for a faulty study, and for methods that the paper's tables do not have.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        study = load_model(path, Study)
        if any(version.methods for version in study.versions.values()):
            raise InputError(
                f"{path}: a study outside replications/ has no tables; name sources in its versions."
            )
        return "", study
    path = paper_folder(name) / "opinions.yaml"
    if not path.is_file():
        having = [paper for paper in papers() if (paper_folder(paper) / "opinions.yaml").is_file()]
        raise InputError(
            f"{path}: no such file; studies of opinions: {', '.join(having)}, or a file of your own."
        )
    study = load_model(path, Study)
    for version, spec in study.versions.items():
        for method in spec.methods:
            _check_method(path, name, version, method)
    return name, study


def _check_method(path: Path, paper: str, version: str, place: str) -> None:
    item, _, method = place.partition("/")
    table: Table = load_layouts(paper).table(paper, item)
    if method not in table.methods:
        raise InputError(
            f"{path}, versions.{version}: '{method}' is no method of {item}; "
            f"{nearest(method, list(table.methods))}"
        )


def version_sources(
    paper: str, study: Study, available: Sequence[Source], first_counts: bool
) -> dict[str, Source]:
    """Version -> source, of the versions that any of the available sources shows.

    first_counts: take the first of several; otherwise InputError says that there are several.
    """
    found = {}
    for name, version in study.versions.items():
        fitting = _fitting(paper, version, available)
        if len(fitting) > 1 and not first_counts:
            listed = ", ".join(group.name for group in fitting)
            raise InputError(f"{name} could be shown by several sources ({listed}); name one with --source.")
        if fitting:
            found[name] = fitting[0].first
    return found


def _fitting(paper: str, version: Version, available: Sequence[Source]) -> list[Group]:
    if version.original:
        return group_sources([ORIGINAL])
    if version.source:
        return group_sources(one for one in available if one == Source.parse(version.source))
    item, _, method = version.methods[0].partition("/")
    fillers = load_layouts(paper).table(paper, item).methods[method]
    return group_sources(one for one in available if fills(one, paper, fillers))
