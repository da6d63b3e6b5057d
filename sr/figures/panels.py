"""One crop, every method: the visual comparisons of the papers, with each method's scores below it."""

import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from sr.figures.crops import RULE, Crop, choose, crop_of
from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.paper_results import PaperResults, Shown, methods, unfilled
from sr.figures.style import head_line
from sr.figures.values import best_finding
from sr.images import Pixels
from sr.papers.figures import ShownImages
from sr.papers.names import place_of
from sr.papers.published import HIGHER_IS_BETTER, load_published
from sr.papers.studies import load_study
from sr.papers.tables import Table, load_layouts
from sr.recipes.recipe import load_recipe
from sr.results.measurement import NotMeasured
from sr.results.source import Kind, parse_sources

_COLUMNS, _CELL = 5, 1.45  # panels a row; the side of one, in inches
_OVERVIEW = 240  # pixels of the longer side of the whole image, which only shows where the crop is


@dataclass(frozen=True)
class Panel:
    """One image of a benchmark and the crop of it that is shown; dataset: its name in a table, if in one."""

    benchmark: str
    image: str
    crop: Crop
    dataset: str = ""


def draw_benchmark(results: PaperResults, benchmark: str, output: Path) -> None:
    """The crop of a benchmark in which the paper's methods differ most. Raises Missing without methods."""
    shown = _at_hand(results, methods(results), benchmark)
    absent = unfilled(results, shown)
    said = f" Not shown, for neither trained nor supplied: {', '.join(absent)}." if absent else ""
    _draw_chosen(results, benchmark, shown, f"The methods of {results.title}", "", said, output)


def draw_study(results: PaperResults, study: str, output: Path) -> None:
    """The crop in which a study's recipes differ most, on the first benchmark that the paper prints.

    Raises Missing when one of them was not trained.
    """
    found, shown = load_study(results.paper, study), _of_study(results, study)
    benchmark = results.common_benchmark([method.source for method in shown])
    _draw_chosen(results, benchmark, shown, f"{results.title}: {found.title}", found.source, "", output)


def _of_study(results: PaperResults, study: str) -> list[Shown]:
    """A study's recipes under their titles. Raises Missing when one of them was not trained."""
    recipes = load_study(results.paper, study).full_recipes(results.paper)
    return [Shown(load_recipe(recipe).title, results.trained(recipe)) for recipe in recipes]


def _draw_chosen(
    results: PaperResults,
    benchmark: str,
    shown: list[Shown],
    heading: str,
    where: str,
    said: str,
    output: Path,
) -> None:
    """The image and the crop of it that the rule says."""
    image, crop = choose(results, benchmark, [method.source for method in _compared(shown)])
    panel = Panel(benchmark, image, crop)
    tables = load_layouts(results.paper).tables.values()
    metrics = list(dict.fromkeys(metric for table in tables for metric in table.metrics))
    data = _table(results, [panel], {image: shown}, metrics, [])
    sources = [method.source for method in shown]
    description = Description(
        title=f"{heading}, {image} of {benchmark}{best_finding(data, leaders)}",
        paper=results.paper,
        place=where,
        caption=f"{RULE} Compared are all methods but the baselines. Below each panel its scores on the whole"
        f" image under the paper's protocol ({', '.join(data['metric'].unique())}); of several seeds, the"
        f" first.{said}",
    ).of(sources)
    _draw(results, [panel], {image: shown}, data, description, output)


def leaders(group: pd.DataFrame) -> list[str]:
    """By each metric the methods with the best value, or on several images those that most often have it.

    Methods of equal values share it, unless all do. None is named that has it on half of the images or fewer.
    """
    best: dict[tuple[str, str], list[str]] = {}
    for metric, rows in group.groupby("metric", sort=False):
        images = [scores for _, scores in rows.groupby(["benchmark", "image"], sort=False)]
        compared = [scores for scores in images if scores["method"].nunique() > 1]
        first = Counter(method for scores in compared for method in _best(scores, str(metric)))
        most = max(first.values(), default=0)
        if 2 * most > len(compared):
            leading = " and ".join(method for method, count in first.items() if count == most)
            often = f" ({most} of {len(compared)} images)" if len(compared) > 1 else ""
            best.setdefault((leading, often), []).append(str(metric))
    return [f"{leading} by {' and '.join(metrics)}{often}" for (leading, often), metrics in best.items()]


def _best(scores: pd.DataFrame, metric: str) -> list[str]:
    """The methods with the best value on an image; none where all have it."""
    values = scores["value"]
    methods = list(
        scores.loc[values == (values.max() if metric in HIGHER_IS_BETTER else values.min()), "method"]
    )
    return methods if len(methods) < len(scores) else []


def draw_table(results: PaperResults, item: str, output: Path) -> None:
    """The images that a paper's figure shows and prints numbers for, as far as they are at hand.

    Raises Missing when none of its benchmarks or methods is.
    """
    table = load_layouts(results.paper).tables[item]
    panels, shown = [], {}
    for dataset, where in table.datasets.items():
        benchmark, image = table.benchmark(dataset), where.image if where else None
        if image is None or benchmark not in results.benchmarks:
            continue
        shown[image] = _at_hand(results, methods(results), benchmark)
        compared = [method.source for method in _compared(shown[image])]
        panels.append(Panel(benchmark, image, crop_of(results, benchmark, image, compared), dataset))
    if not panels:
        wanted = ", ".join(sorted({table.benchmark(dataset) for dataset in table.datasets}))
        raise Missing(f"its images are of {wanted}, which is not at hand")
    _draw_table(results, item, table, panels, shown, output)


def draw_named(results: PaperResults, named: ShownImages, output: Path) -> None:
    """The images that a paper names, as far as they are at hand, by its methods or a study's recipes.

    Raises Missing when none of the images or methods is.
    """
    wanted = _of_study(results, named.study) if named.study else methods(results)
    panels: list[Panel] = []
    shown: dict[str, list[Shown]] = {}
    for benchmark, images in named.images.items():
        if benchmark not in results.benchmarks:
            continue
        at_hand = _at_hand(results, wanted, benchmark)
        compared = [method.source for method in _compared(at_hand)]
        for image in (image for image in images if image in results.names(benchmark)):
            shown[image] = at_hand
            panels.append(Panel(benchmark, image, crop_of(results, benchmark, image, compared)))
    if not panels:
        raise Missing(f"its images are of {', '.join(named.images)}, which is not at hand")
    tables = load_layouts(results.paper).tables.values()
    metrics = list(dict.fromkeys(metric for table in tables for metric in table.metrics))
    data = _table(results, panels, shown, metrics, [])
    description = Description(
        title=f"{results.title}, {named.place}: images that the paper shows{best_finding(data, leaders)}",
        paper=results.paper,
        place=named.place,
        caption="The images are the paper's. The crops are not, which it does not state: each is the part in"
        " which the outputs of all methods but the baselines differ most. Below each panel its scores on the"
        f" whole image under the paper's protocol ({', '.join(data['metric'].unique())}).",
    ).of(parse_sources(data["source"]))
    _draw(results, panels, shown, data, description, output)


def _draw_table(
    results: PaperResults,
    item: str,
    table: Table,
    panels: list[Panel],
    shown: dict[str, list[Shown]],
    output: Path,
) -> None:
    data = _table(results, panels, shown, list(table.metrics), _printed(results.paper, item))
    sources = parse_sources(data["source"])
    left_out = [dataset for dataset in table.datasets if dataset not in {panel.dataset for panel in panels}]
    description = Description(
        title=f"{results.title}, {place_of(item)}: images that the paper shows{best_finding(data, leaders)}",
        paper=results.paper,
        place=place_of(item),
        caption="The images are the paper's. The crops are not, which it does not state: each is the part in"
        " which the outputs of all methods but the baselines differ most. Below each panel its scores on the"
        f" whole image ({', '.join(table.metrics)}); the CSV holds the printed ones as well."
        + (f" Not at hand: {', '.join(left_out)}." if left_out else ""),
    ).of(sources)
    _draw(results, panels, shown, data, description, output)


def _at_hand(results: PaperResults, wanted: list[Shown], benchmark: str) -> list[Shown]:
    """The methods with images of a benchmark. Raises Missing when none of them is more than a baseline."""
    found = [method for method in wanted if results.at_hand(method.source, benchmark)]
    if not any(_is_no_baseline(method) for method in found):
        raise Missing(f"no method was trained or supplied and scored on {benchmark}")
    return found


def _is_no_baseline(method: Shown) -> bool:
    return method.source.kind != Kind.BASELINE


def _compared(shown: list[Shown]) -> list[Shown]:
    """The methods whose differences decide what is shown: without baselines, if two remain."""
    others = [method for method in shown if _is_no_baseline(method)]
    return others if len(others) > 1 else shown


def _printed(paper: str, item: str) -> list[Any]:
    return [cell for cell in load_published(paper) if cell.item == item]


def _table(
    results: PaperResults,
    panels: list[Panel],
    shown: dict[str, list[Shown]],
    metrics: list[str],
    printed: list[Any],
) -> pd.DataFrame:
    """A row for each panel, method and metric that was measured. Raises Missing where none was."""
    values = {(cell.dataset, cell.method, cell.metric): cell.value for cell in printed}
    rows = [
        {
            "benchmark": panel.benchmark,
            "image": panel.image,
            "left": panel.crop.left,
            "top": panel.crop.top,
            "width": panel.crop.width,
            "height": panel.crop.height,
            "method": method.name,
            "source": str(method.source),
            "metric": metric,
            "value": value,
            "printed": values.get((panel.dataset, method.name, metric)),
        }
        for panel in panels
        for method in shown[panel.image]
        for metric in metrics
        if (value := results.value(method.source, panel.benchmark, panel.image, metric)) is not None
    ]
    if not rows:
        raise Missing(f"none of its numbers was measured: {_why_none(results, panels, shown, metrics)}")
    return pd.DataFrame(rows)


def _why_none(
    results: PaperResults, panels: list[Panel], shown: dict[str, list[Shown]], metrics: list[str]
) -> str:
    """The reasons of all methods and metrics, each once."""
    found = [
        results.measured(method.source, panel.benchmark, panel.image, metric)
        for panel in panels
        for method in shown[panel.image]
        for metric in metrics
    ]
    return "; ".join(dict.fromkeys(one.reason for one in found if isinstance(one, NotMeasured)))


def _draw(
    results: PaperResults,
    panels: list[Panel],
    shown: dict[str, list[Shown]],
    data: pd.DataFrame,
    description: Description,
    output: Path,
) -> None:
    rows = [math.ceil((len(shown[panel.image]) + 2) / _COLUMNS) for panel in panels]
    text = 0.3 + 0.13 * math.ceil(data["metric"].nunique() / 2)
    size = {"width": _COLUMNS * _CELL, "height": sum(rows) * (_CELL + text) + 0.3}
    with drawing(**size, nrows=sum(rows), ncols=_COLUMNS, squeeze=False) as (figure, axes):
        for axis in axes.flat:
            axis.axis("off")
        top = 0
        for panel, count in zip(panels, rows, strict=True):
            _draw_panel(results, panel, shown[panel.image], data, axes[top : top + count].ravel())
            top += count
        head_line(figure, description.title)
        write_figure(figure, data, description, output)


def _draw_panel(
    results: PaperResults, panel: Panel, shown: Sequence[Shown], data: pd.DataFrame, axes: Sequence[Any]
) -> None:
    original = results.original(panel.benchmark, panel.image)
    _draw_overview(axes[0], original, panel)
    mine = data[data["image"] == panel.image]
    measured = list(mine["metric"].unique())
    show(axes[1], panel.crop.of(original), "HR", _lines(measured))
    for axis, method in zip(axes[2:], shown, strict=False):
        output = results.reconstruction(method.source, panel.benchmark, panel.image)
        scores = mine[mine["source"] == str(method.source)].set_index("metric")["value"]
        texts = [_shown(scores[metric]) if metric in scores else "-" for metric in measured]
        show(axis, panel.crop.of(output), method.name, _lines(texts))


def _draw_overview(axis: Any, original: Pixels, panel: Panel) -> None:
    """The whole image, reduced, with a frame around the crop."""
    factor = min(1.0, _OVERVIEW / max(original.shape[:2]))
    height, width = (max(1, round(side * factor)) for side in original.shape[:2])
    small = Image.fromarray(original).resize((width, height), Image.Resampling.LANCZOS)
    show(axis, small, panel.image, panel.benchmark)
    from matplotlib.patches import Rectangle

    crop = panel.crop
    corner = (crop.left * factor - 0.5, crop.top * factor - 0.5)
    sides = (crop.width * factor, crop.height * factor)
    axis.add_patch(Rectangle(corner, *sides, fill=False, edgecolor="#D55E00", linewidth=1.2))


def show(axis: Any, pixels: Any, above: str, below: str, **colours: Any) -> Any:
    """An image as it is, pixel by pixel, with a name above and text below; returns matplotlib's image."""
    drawn = axis.imshow(pixels, interpolation="none", **colours)
    axis.axis("on")
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.set_title(textwrap.fill(above, 24), fontsize=7, pad=3)
    axis.set_xlabel(below, fontsize=6.5, labelpad=2)
    return drawn


def _lines(texts: Sequence[str]) -> str:
    """Two values a line."""
    return "\n".join(" / ".join(texts[start : start + 2]) for start in range(0, len(texts), 2))


def _shown(value: float) -> str:
    """Two decimals for values in dB and indices, four for those below 1.5, as the papers print them."""
    return f"{value:.4f}" if abs(value) < 1.5 else f"{value:.2f}"
