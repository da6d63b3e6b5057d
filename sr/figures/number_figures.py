"""All figures of a paper that are made of numbers, and a list of what was made and what is missing."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from sr.figures.ablation import draw_bars
from sr.figures.depth import draw_depth
from sr.figures.figure import Description
from sr.figures.interpolation_curve import COLUMNS, curve_of, draw_curve
from sr.figures.material import Missing, place
from sr.figures.number_settings import NumberFigures, StudyFigure, load_number_figures
from sr.figures.perception_distortion import PERCEPTION, distortion_metric, draw_plane
from sr.figures.stability import draw_stability
from sr.figures.training_curves import draw_training_curves
from sr.figures.values import group_values, joined, table_values
from sr.files import write_json
from sr.metrics.protocol import load_protocol
from sr.replication.layout import load_layouts, name_in_files
from sr.replication.rows import Row, read_rows
from sr.replication.sources import group_sources
from sr.replication.studies import load_study
from sr.training.recipe import load_recipe

Draw = Callable[[Path], None]

_ON_DEMAND = "the recipes of this study are trained on demand; `snakemake studies` trains and draws them."


def draw_figures(
    figures: Mapping[str, Draw],
    absent: Mapping[str, str],
    output: Path,
    report: Callable[[str], None] = lambda _text: None,
) -> dict[str, str | None]:
    """Draw what can be drawn beside `output`, a JSON that lists what was made and what not.

    absent: figure -> why it is not even tried. Returns name -> None where the figure was made, or the
    reason why it is missing.
    """
    outcome: dict[str, str | None] = {}
    for name, draw in figures.items():
        image = output.with_name(f"{name}.png")
        try:
            draw(image)
            outcome[name] = None
        except Missing as reason:
            outcome[name] = str(reason)
            for suffix in (".png", ".svg", ".csv", ".json"):
                image.with_suffix(suffix).unlink(missing_ok=True)
        report(f"{name}: {outcome[name] or 'made'}")
    made = [name for name, reason in outcome.items() if reason is None]
    missing = {name: reason for name, reason in outcome.items() if reason is not None} | dict(absent)
    write_json(output, {"made": made, "missing": missing})
    return outcome


def left_to_studies(paper: str) -> dict[str, str]:
    """Figures that `study_figures` draws, with the reason why they are not among those of the tables."""
    return dict.fromkeys(load_number_figures(paper).studies, _ON_DEMAND)


def number_figures(paper: str, results: Path, curves: Sequence[Path]) -> dict[str, Draw]:
    """The figures that a paper's tables are enough for, by name.

    results: the folder with tables/, scores/ and runs/. curves: files of interpolation scores.
    """
    settings = load_number_figures(paper)
    items = load_layouts(paper).tables
    rows = {item: read_rows(results / "tables" / f"{name_in_files(item)}_{paper}.csv") for item in items}
    interpolated = pd.concat([pd.read_csv(path) for path in curves]) if curves else _no_curve()
    figures = _planes(paper, settings, rows, results, interpolated)
    figures |= _ablations(paper, settings, rows, results)
    if settings.interpolation:
        for benchmark in settings.interpolation.benchmarks:
            curve = interpolated[interpolated["benchmark"] == benchmark]
            figures[f"interpolation_curve_{benchmark}"] = partial(draw_curve, curve, (settings.name, paper))
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

    sources: trained ones, of all studies. obstacles: recipe -> why it can not be trained here.
    """
    figures: dict[str, Draw] = {}
    settings = load_number_figures(paper)
    for name, figure in settings.studies.items():
        recipes = load_study(paper, name).full_recipes(paper)
        reasons = list(dict.fromkeys(obstacles[recipe] for recipe in recipes if recipe in obstacles))
        found = [source for source in sources if _recipe(source) in recipes]
        figures[name] = (
            partial(_study, paper, name, figure, results, found, benchmarks)
            if found
            else partial(_refuse, "its recipes can not be trained here: " + " ".join(reasons))
        )
    return figures


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
    distortion = distortion_metric(load_protocol(paper).metrics)
    datasets = dict.fromkeys(row.dataset for row in rows[settings.plane])
    return {
        f"perception_distortion_{dataset}": partial(
            draw_plane,
            values,
            curve_of(interpolated, paper, dataset),
            dataset,
            distortion,
            (settings.name, paper),
        )
        for dataset in datasets
    }


def _ablations(
    paper: str, settings: NumberFigures, rows: Mapping[str, list[Row]], results: Path
) -> dict[str, Draw]:
    figures: dict[str, Draw] = {}
    for item in settings.ablations:
        table = load_layouts(paper).table(paper, item)
        values = table_values(paper, item, rows[item], results / "scores")
        labels = {name: method.label or name for name, method in table.methods.items()}
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
    output: Path,
) -> None:
    """Draw one study as its settings say."""
    study = load_study(paper, name)
    title = f"{load_number_figures(paper).name}, {figure.place}: {study.title}"
    description = Description(title, paper, figure.place, " ".join(study.note.split()))
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
    groups = {_recipe(group.members[0]): group for group in group_sources(list(sources))}
    values = group_values(paper, groups, benchmarks, results / "scores")
    labels = {recipe: load_recipe(recipe).title for recipe in groups}
    draw_bars(values, load_protocol(paper).metrics, labels, description, output)


def _sources(rows: Mapping[str, list[Row]]) -> list[str]:
    """The trained sources of all tables, a table after the other."""
    return [f"{row.source}/seed{seed}" for table in rows.values() for row in table for seed in row.seeds]


def _recipe(source: str) -> str:
    """paper/recipe of a trained source."""
    return "/".join(source.split("/")[-3:-1])


def _refuse(reason: str, _output: Path) -> None:
    raise Missing(reason)


def _no_curve() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS))
