"""All figures of a paper that are made of numbers."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from sr.figures.ablation import draw_bars
from sr.figures.depth import draw_depth
from sr.figures.figure import Description
from sr.figures.index import Draw
from sr.figures.interpolation_curve import COLUMNS, curve_of, draw_curve
from sr.figures.material import Missing, place
from sr.figures.perception_distortion import PERCEPTION, draw_plane
from sr.figures.stability import draw_stability
from sr.figures.training_curves import draw_training_curves
from sr.figures.values import Values, group_values, joined, table_values
from sr.papers.comparison import load_benchmark_layout
from sr.papers.figures import NumberFigures, StudyFigure, load_number_figures
from sr.papers.studies import load_study
from sr.papers.tables import Method, load_layouts, name_in_files
from sr.recipes.recipe import load_recipe
from sr.results.filling import fillings
from sr.results.image_sets import load_benchmarks, state_of
from sr.results.measurement import Results
from sr.results.source import Source, group_sources, parse_sources
from sr.scoring.protocol import load_protocol
from sr.verdicts.rows import Row, read_rows


def number_figures(paper: str, results: Path, curves: Sequence[Path]) -> dict[str, Draw]:
    """The figures that a paper's tables are enough for, by name.

    results: the folder with tables/, scores/, runs/ and benchmarks.json. curves: interpolation scores.
    """
    settings = load_number_figures(paper)
    items = load_layouts(paper).tables
    rows = {item: read_rows(results / "tables" / f"{name_in_files(item)}_{paper}.csv") for item in items}
    interpolated = _interpolated(curves)
    figures = _planes(paper, settings, rows, results, interpolated)
    figures |= _ablations(paper, settings, rows, results)
    if settings.interpolation:
        for benchmark in settings.interpolation.benchmarks:
            curve = interpolated[interpolated["benchmark"] == benchmark]
            draw = partial(draw_curve, curve, (settings.name, paper))
            figures[f"interpolation_curve_{benchmark}"] = _if_ready(draw, benchmark, results)
    head = (settings.name, paper)
    figures["training_curves"] = partial(draw_training_curves, results, _sources(rows), head)
    return figures


def study_figures(
    paper: str,
    results: Path,
    sources: Sequence[str],
    benchmarks: Sequence[str],
    obstacles: Mapping[str, str],
) -> dict[str, Draw]:
    """The figures of a paper's studies, by the study's name.

    sources: trained and scored ones, of all studies. obstacles: recipe -> why it can not be trained here.
    """
    figures: dict[str, Draw] = {}
    for name, figure in load_number_figures(paper).studies.items():
        recipes = load_study(paper, name).full_recipes(paper)
        found = [source for recipe in recipes for source in sources if _recipe(source) == recipe]
        absent = [recipe for recipe in recipes if recipe not in map(_recipe, found)]
        on_demand = [recipe for recipe in absent if recipe not in obstacles]
        reasons = " ".join(
            dict.fromkeys(f"{name}: {obstacles[name]}." for name in absent if name in obstacles)
        )
        if on_demand:
            wanted = ", ".join(on_demand)
            reasons = f"not trained and scored: {wanted}; `snakemake studies` does it on demand. {reasons}"
        figures[name] = (
            partial(_study, paper, name, figure, results, found, benchmarks, reasons)
            if found and not on_demand
            else partial(_refuse, reasons.strip())
        )
    return figures


def benchmark_figures(results: Path, sources: Sequence[str], curves: Sequence[Path]) -> dict[str, Draw]:
    """The perception-distortion planes of the table across methods, one for each of its benchmarks."""
    layout = load_benchmark_layout()
    known = Results(results / "scores", group_sources(parse_sources(sources)), {})
    groups = [
        (method, group)
        for method, fillers in layout.methods.items()
        for filling in fillings("", method, fillers, known)
        for group in filling.groups
    ]
    values = group_values(layout.protocol, groups, layout.benchmarks, results / "scores")
    planes = dict.fromkeys(layout.benchmarks, ("All methods", ""))
    return _planes_of(values, _interpolated(curves), planes, layout.protocol, results)


def _planes(
    paper: str,
    settings: NumberFigures,
    rows: Mapping[str, list[Row]],
    results: Path,
    interpolated: pd.DataFrame,
) -> dict[str, Draw]:
    if settings.plane is None:
        reason = f"{settings.name} prints and measures no perception metric ({', '.join(PERCEPTION)})."
        return {"perception_distortion": partial(_refuse, reason)}
    values = table_values(paper, settings.plane, rows[settings.plane], results / "scores")
    for item in rows:
        if item != settings.plane:
            values = joined(values, table_values(paper, item, (), results / "scores"), PERCEPTION)
    planes = {row.dataset: (settings.name, paper) for row in rows[settings.plane]}
    return _planes_of(values, interpolated, planes, paper, results)


def _planes_of(
    values: Values,
    interpolated: pd.DataFrame,
    planes: Mapping[str, tuple[str, str]],
    protocol: str,
    results: Path,
) -> dict[str, Draw]:
    """One plane for each benchmark. planes: benchmark -> name in the title, and paper."""
    figures: dict[str, Draw] = {}
    for benchmark, head in planes.items():
        curve = curve_of(interpolated, protocol, benchmark)
        draw = partial(draw_plane, values, curve, benchmark, head, protocol)
        figures[f"perception_distortion_{benchmark}"] = _if_ready(draw, benchmark, results)
    return figures


def _ablations(
    paper: str, settings: NumberFigures, rows: Mapping[str, list[Row]], results: Path
) -> dict[str, Draw]:
    figures: dict[str, Draw] = {}
    for item in settings.ablations:
        table = load_layouts(paper).table(paper, item)
        values = table_values(paper, item, rows[item], results / "scores")
        labels = {name: _label(paper, name, method) for name, method in table.methods.items()}
        description = Description(table.title, paper, place(item), table.caption)
        figures[f"ablation_{name_in_files(item)}"] = partial(
            draw_bars, values, list(table.metrics), labels, description
        )
    return figures


def _study(
    paper: str,
    name: str,
    figure: StudyFigure,
    results: Path,
    sources: Sequence[str],
    benchmarks: Sequence[str],
    absent: str,
    output: Path,
) -> None:
    """Draw one study as its settings say."""
    study = load_study(paper, name)
    title = f"{load_number_figures(paper).name}, {figure.place}: {study.title}"
    caption = " ".join([*study.note.split(), *([f"Not trained: {absent}"] if absent else [])])
    description = Description(title, paper, figure.place, caption)
    if figure.kind == "depth":
        order = sorted(benchmarks, key=lambda name: name != figure.benchmark)
        draw_depth(results, sources, order, description, output)
    elif figure.kind == "stability":
        draw_stability(results, sources, description, output)
    else:
        _bars(paper, results, sources, benchmarks, description, output)


def _bars(
    paper: str,
    results: Path,
    sources: Sequence[str],
    benchmarks: Sequence[str],
    description: Description,
    output: Path,
) -> None:
    groups = [(group.source.name, group) for group in group_sources(parse_sources(sources))]
    values = group_values(paper, groups, benchmarks, results / "scores")
    labels = {recipe: load_recipe(recipe).title for recipe, _ in groups}
    draw_bars(values, load_protocol(paper).metrics, labels, description, output)


def _sources(rows: Mapping[str, list[Row]]) -> list[str]:
    """The trained sources of all tables, a table after the other."""
    return [f"{row.source}/seed{seed}" for table in rows.values() for row in table for seed in row.seeds]


def _recipe(source: str) -> str:
    """paper/recipe of a trained source."""
    return Source.parse(source).name


def _label(paper: str, name: str, method: Method) -> str:
    """A printed name, or the recipe's title where that begins with the name and says more."""
    recipe = method.full_recipe(paper)
    title = load_recipe(recipe).title if recipe else ""
    return title if title.startswith(name) else method.label or name


def _if_ready(draw: Draw, benchmark: str, results: Path) -> Draw:
    """What draws a figure, or says why the images of its benchmark are not at hand."""
    reason = state_of(load_benchmarks(results / "benchmarks.json"), benchmark).reason
    return partial(_refuse, reason) if reason else draw


def _refuse(reason: str, _output: Path) -> None:
    raise Missing(reason)


def _interpolated(curves: Sequence[Path]) -> pd.DataFrame:
    """All scores of interpolations together."""
    return pd.concat([pd.DataFrame(columns=list(COLUMNS)), *map(pd.read_csv, curves)])
