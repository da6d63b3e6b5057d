"""Every printed number under every convention: which one comes nearest, and how many do as well.

Of the images that filled a cell of a run's tables, and of those of recipes that try another reading of what
a paper leaves open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

from sr.csv_text import columns_of, csv_text
from sr.data.assets import Assets
from sr.explain import deep
from sr.explain.conventions import Value, pixel_values
from sr.explain.explanation import PIXEL_METRICS
from sr.explain.pairs import Pair, match
from sr.explain.printed import METRICS, Printed
from sr.explain.ranking import by_protocols
from sr.files import write_text
from sr.papers.tables import load_layouts
from sr.progress import progress
from sr.recipes.recipe import load_recipe
from sr.results.source import PAPER_BUDGET, Kind, Source
from sr.scoring.protocol import load_protocol
from sr.verdicts.nearest import CELL, NEAREST
from sr.verdicts.rows import Row


@dataclass(frozen=True)
class Outcome:
    """What one convention gives for one printed cell.

    source: what made the images; another than the cell's where a variant recipe made them. distance: to the
    printed number, in half units of its last digit; up to 1 gives it. own: `yes` of the paper's protocol.
    """

    paper: str
    item: str
    dataset: str
    method: str
    metric: str
    printed: str
    cell_source: str
    source: str
    channel: str
    border: int
    grey: str
    multiple: int
    detail: str
    value: float
    distance: float
    own: str

    @property
    def convention(self) -> str:
        """In words."""
        cut = f", cut to multiples of {self.multiple}" if self.multiple != 4 else ""
        return f"{self.channel}, border {self.border}, {self.grey}{cut}, {self.detail}"


@dataclass(frozen=True)
class Folders:
    """Where results, prepared benchmarks and supplied images lie."""

    results: Path
    benchmarks: Path
    images: Path


def multiverse(rows: Iterable[Row], folders: Folders, assets: Assets) -> list[Outcome]:
    """All conventions for every printed cell whose images are at hand; nothing of a smaller budget.

    Each set of images is read and scored once, for all cells that it fills.
    """
    wanted: dict[tuple[Source, str], dict[str, list[tuple[Row, str]]]] = {}
    for row in rows:
        if row.published and row.measured is not None and row.metric in METRICS:
            benchmark, image = _place(row)
            for source in _sources(row):
                of_image = wanted.setdefault((source, benchmark), {})
                of_image.setdefault(image, []).append((row, str(source)))
    found = []
    for (source, benchmark), of_image in wanted.items():
        folder = source.images_folder(folders.results, folders.images) / benchmark
        if folder.is_dir():
            matched = match(folder, folders.benchmarks / benchmark / "HR").pairs
            for image, cells in of_image.items():
                pairs = [pair for pair in matched if not image or pair.original == image]
                metrics = list(dict.fromkeys(row.metric for row, _ in cells))
                values = _values(f"{source} on {image or benchmark}", pairs, metrics, assets)
                found += [one for row, name in cells for one in _outcomes(row, name, values)]
    return found


def _sources(row: Row) -> list[Source]:
    """What made the row's images (of several seeds the first), and recipes that read its own otherwise."""
    source = Source.parse(row.source)
    if source.kind != Kind.TRAINED:
        return [source]
    if source.budget != PAPER_BUDGET:
        return []
    first = source.with_seed(row.seeds[0])
    tried = [name for one in load_recipe(source.name).assumptions.values() for name in one.tried_by]
    recipes = [name for name in dict.fromkeys(tried) if "/" in name]
    others = (Source.trained(source.budget, source.training_set, name, first.seed) for name in recipes)
    return [first, *others]


def _place(row: Row) -> tuple[str, str]:
    """The benchmark of a row, and the one image of it that is meant, if only one is."""
    table = load_layouts(row.paper).table(row.paper, row.item)
    return table.benchmark(row.dataset), table.dataset(row.dataset).image or ""


def _values(title: str, pairs: list[Pair], metrics: list[str], assets: Assets) -> list[Value]:
    if not pairs:
        return []
    values = []
    if set(metrics) & set(PIXEL_METRICS):
        with progress(title, len(pairs)) as report:
            values += pixel_values(pairs, metrics, report)
    variants, _untried = deep.variants([name for name in metrics if name not in PIXEL_METRICS], assets)
    if variants:
        with progress(f"{title}, deep metrics", len(variants) * len(pairs)) as report:
            values += deep.deep_values(pairs, variants, report)
    return values


def _outcomes(row: Row, source: str, values: Sequence[Value]) -> list[Outcome]:
    printed = Printed(row.metric, row.published)
    own = by_protocols(values, [printed], {row.paper: load_protocol(row.paper)})
    protocols = own[row.paper].values[0] if own else None
    make = partial(Outcome, row.paper, row.item, *row.place, row.published, row.source, source)
    found = []
    for value in values:
        if value.metric == row.metric:
            setting = value.setting
            grey = "grey images left out" if setting.without_grey else f"grey {setting.grey}"
            found.append(
                make(
                    channel=setting.channel,
                    border=setting.border,
                    grey=grey,
                    multiple=setting.multiple,
                    detail=value.detail,
                    value=value.value,
                    distance=printed.distance(value.value),
                    own="yes" if value == protocols else "",
                )
            )
    return found


def write_outcomes(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write them as CSV, atomically."""
    write_text(path, csv_text(columns_of(Outcome), map(astuple, outcomes)))


def write_nearest(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write the summary of each cell and source as CSV, for `sr verdicts`."""
    rows = [(*key, text) for key, text in summaries(outcomes).items()]
    write_text(path, csv_text((*CELL, NEAREST), rows))


def summaries(outcomes: Iterable[Outcome]) -> dict[tuple[str, ...], str]:
    """(paper, item, dataset, method, metric, source) of a cell -> which convention comes nearest, in words.

    Conventions that give the same value are one: between them nothing can be told.
    """
    cells: dict[tuple[str, ...], list[Outcome]] = {}
    for one in outcomes:
        key = (one.paper, one.item, one.dataset, one.method, one.metric, one.cell_source)
        cells.setdefault(key, []).append(one)
    return {key: _summary(own) for key, own in cells.items()}


def _summary(outcomes: list[Outcome]) -> str:
    different: dict[tuple[str, float], Outcome] = {}
    # The paper's own convention stands for those that give the same.
    for one in sorted(outcomes, key=lambda outcome: not outcome.own):
        different.setdefault((one.source, round(one.value, 6)), one)
    nearest = min(different.values(), key=lambda one: (max(one.distance, 1.0), not one.own, one.distance))
    fitting = sum(one.distance <= 1.0 + 1e-6 for one in different.values())
    made = f" from {nearest.source}" if len({one.source for one in outcomes}) > 1 else ""
    said = "the paper's own way: " if nearest.own else ""
    how_many = f"{fitting} of {len(different)} give the printed number" if fitting else "none gives it"
    return f"{said}{nearest.convention}{made}: {nearest.value:.4f}; {how_many}"
