"""Which figures there are: those that every paper can have, a paper's own, and those across papers."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from sr.errors import InputError
from sr.figures.dots import draw_dots
from sr.figures.figure import Description, Draw, Missing, draw_figures, remove_figure
from sr.figures.interpolation_curve import COLUMNS, curve_of, draw_curve
from sr.figures.own import own_figures
from sr.figures.panels import draw_benchmark, draw_named, draw_table
from sr.figures.paper_results import PaperResults
from sr.figures.perception_distortion import PERCEPTION, draw_plane
from sr.figures.training_curves import draw_training_curves
from sr.figures.values import Values, group_values, joined, table_values
from sr.papers.comparison import load_comparison_layout
from sr.papers.figures import NumberFigures, load_number_figures, load_shown_images
from sr.papers.names import place_of, title_of
from sr.papers.tables import Method, load_layouts, name_in_files
from sr.recipes.recipe import load_recipe
from sr.results.filling import fillings
from sr.results.image_sets import load_benchmarks, state_of
from sr.results.measurement import Results
from sr.results.source import Source, group_sources
from sr.scoring.protocol import load_protocol
from sr.verdicts.rows import Row, read_rows


def image_figures(results: PaperResults) -> dict[str, Draw]:
    """A paper's figures of images: panels of each benchmark and of each table of images, then its own."""
    figures: dict[str, Draw] = {}
    for benchmark in results.benchmarks:
        figures[f"panels_{benchmark}"] = partial(draw_benchmark, results, benchmark)
    for item, table in load_layouts(results.paper).tables.items():
        if any(dataset and dataset.image for dataset in table.datasets.values()):
            figures[f"panels_{item}"] = partial(draw_table, results, item)
    for name, named in load_shown_images(results.paper).items():
        figures[f"panels_{name}"] = partial(draw_named, results, named)
    return figures | {name: own.of(results) for name, own in own_figures(results.paper, "images").items()}


def draw_image_figures(
    results: PaperResults, report: Callable[[str], None] = lambda _text: None
) -> dict[str, str | None]:
    """Draw these below results/figures/{paper}, and write images.json there; as `draw_figures` returns."""
    for old in results.figures.glob("panels_*.png"):
        remove_figure(old)  # of a benchmark that is perhaps no longer shown
    return draw_figures(image_figures(results), results.figures / "images.json", report)


def number_figures(results: PaperResults, curves: Sequence[Path]) -> dict[str, Draw]:
    """A paper's figures of numbers: of its tables, its trainings and studies, then its own.

    curves: files with scores of interpolations.
    """
    paper, folder = results.paper, results.folder
    settings = load_number_figures(paper)
    items = load_layouts(paper).tables
    rows = {item: read_rows(folder / "tables" / f"{name_in_files(item)}_{paper}.csv") for item in items}
    interpolated = _interpolated(curves)
    measured = Results(folder / "scores", [], load_benchmarks(folder / "benchmarks.json"))
    figures = _planes(paper, settings, rows, measured, interpolated)
    figures |= _ablations(paper, settings, rows, measured)
    if settings.interpolation:
        for benchmark in settings.interpolation.benchmarks:
            curve = interpolated[interpolated["benchmark"] == benchmark]
            draw = partial(draw_curve, curve, paper)
            figures[f"interpolation_curve_{benchmark}"] = _if_ready(draw, benchmark, measured)
    head = (results.title, paper)
    figures["training_curves"] = partial(draw_training_curves, folder, _sources(rows), head)
    figures |= {name: partial(_dots, results, name) for name in settings.studies}
    own = {name: figure.of(results) for name, figure in own_figures(paper, "numbers").items()}
    _check_studies(paper, settings, own)
    return figures | own


def comparison_figures(folder: Path, sources: Sequence[Source], curves: Sequence[Path]) -> dict[str, Draw]:
    """The perception-distortion planes of the table across methods, one for each of its benchmarks.

    folder: with scores/ and benchmarks.json.
    """
    layout = load_comparison_layout()
    states = load_benchmarks(folder / "benchmarks.json")
    results = Results(folder / "scores", group_sources(sources), states)
    groups = [
        (method, group)
        for method, fillers in layout.methods.items()
        for filling in fillings("", method, fillers, results)
        for group in filling.groups
    ]
    values = group_values(layout.protocol, groups, layout.benchmarks, results)
    planes = dict.fromkeys(layout.benchmarks, ("All methods", ""))
    return _planes_of(values, _interpolated(curves), planes, layout.protocol, results)


def _check_studies(paper: str, settings: NumberFigures, own: Mapping[str, Draw]) -> None:
    """A study is drawn as dots or by a figure of the paper's own, as its kind says."""
    for name, study in settings.studies.items():
        if (study.kind == "own") != (name in own):
            raise InputError(
                f"replications/{paper}/number_figures.yaml: studies: {name}: its kind is {study.kind}, but"
                f" figures.py has {'a' if name in own else 'no'} figure of numbers of this name."
            )


def _planes(
    paper: str,
    settings: NumberFigures,
    rows: Mapping[str, list[Row]],
    results: Results,
    interpolated: pd.DataFrame,
) -> dict[str, Draw]:
    if settings.plane is None:
        reason = f"{title_of(paper)} prints and measures no perception metric ({', '.join(PERCEPTION)})."
        return {"perception_distortion": partial(_refuse, reason)}
    values = table_values(paper, settings.plane, rows[settings.plane], results)
    for item in rows:
        if item != settings.plane:
            values = joined(values, table_values(paper, item, (), results), PERCEPTION)
    planes = {row.dataset: (title_of(paper), paper) for row in rows[settings.plane]}
    return _planes_of(values, interpolated, planes, paper, results)


def _planes_of(
    values: Values,
    interpolated: pd.DataFrame,
    planes: Mapping[str, tuple[str, str]],
    protocol: str,
    results: Results,
) -> dict[str, Draw]:
    """One plane for each benchmark. planes: benchmark -> name in the title, and paper."""
    figures: dict[str, Draw] = {}
    for benchmark, head in planes.items():
        curve = curve_of(interpolated, protocol, benchmark)
        draw = partial(draw_plane, values, curve, benchmark, head, protocol)
        figures[f"perception_distortion_{benchmark}"] = _if_ready(draw, benchmark, results)
    return figures


def _ablations(
    paper: str, settings: NumberFigures, rows: Mapping[str, list[Row]], results: Results
) -> dict[str, Draw]:
    figures: dict[str, Draw] = {}
    for item in settings.ablations:
        table = load_layouts(paper).table(paper, item)
        values = table_values(paper, item, rows[item], results)
        labels = {name: _label(paper, name, method) for name, method in table.methods.items()}
        description = Description(table.title, paper, place_of(item), table.caption)
        figures[f"ablation_{name_in_files(item)}"] = partial(
            draw_dots, values, list(table.metrics), labels, description
        )
    return figures


def _dots(results: PaperResults, study: str, output: Path) -> None:
    """What a study's recipes reach, as dots."""
    sources, description = results.study(study)
    groups = [(group.source.name, group) for group in group_sources(sources)]
    values = group_values(results.paper, groups, results.benchmarks, results.scored)
    labels = {recipe: load_recipe(recipe).title for recipe, _ in groups}
    draw_dots(values, load_protocol(results.paper).metrics, labels, description, output)


def _sources(rows: Mapping[str, list[Row]]) -> list[Source]:
    """The trained sources of all tables, a table after the other."""
    return [
        Source.parse(row.source).with_seed(seed)
        for table in rows.values()
        for row in table
        for seed in row.seeds
    ]


def _label(paper: str, name: str, method: Method) -> str:
    """A printed name, or the recipe's title where that begins with the name and says more."""
    recipe = method.full_recipe(paper)
    title = load_recipe(recipe).title if recipe else ""
    return title if title.startswith(name) else method.label or name


def _if_ready(draw: Draw, benchmark: str, results: Results) -> Draw:
    """What draws a figure, or says why the images of its benchmark are not at hand."""
    reason = state_of(results.benchmarks, benchmark).reason
    return partial(_refuse, reason) if reason else draw


def _refuse(reason: str, _output: Path) -> None:
    raise Missing(reason)


def _interpolated(curves: Sequence[Path]) -> pd.DataFrame:
    """All scores of interpolations together."""
    return pd.concat([pd.DataFrame(columns=list(COLUMNS)), *map(pd.read_csv, curves)])
