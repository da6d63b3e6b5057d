"""The perception-distortion plane (Blau and Michaeli 2018): how near to the original against how natural."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.interpolation_curve import STYLES, curve_points, interpolated_method
from sr.figures.style import COLOURS, MEANING, head_line, point_style, put_labels, rows_of
from sr.figures.values import PRINTED_KIND, Values, rivals
from sr.recipes.recipe import load_recipe
from sr.results.source import PAPER_BUDGET, Kind, Source
from sr.scoring.protocol import load_protocol

PERCEPTION = ("LPIPS", "NIQE", "PI")
_IDENTITY = ["dataset", "method", "kind", "source", "budget", "seeds"]
_CURVE = "interpolated"
# The PIRM challenge divides its plane by RMSE into three regions (Blau et al. 2018, sec. 3; ESRGAN, Fig. 2).
_REGIONS = {"PIRM": (11.5, 12.5, 16.0)}
_LABELS = {"PSNR": "PSNR [dB]", "RMSE": "RMSE"}
_FAMILIES = {
    "interpolation": COLOURS[6],
    "trained without a GAN": COLOURS[0],
    "trained with a GAN": COLOURS[1],
    "of others": COLOURS[2],
    "only printed": COLOURS[7],
}


def distortion_metric(metrics: Sequence[str]) -> str:
    """What a protocol's plane has on its x axis: RMSE where the protocol reports it, else PSNR."""
    return "RMSE" if "RMSE" in metrics else "PSNR"


def plane_points(values: Values, dataset: str, distortion: str) -> pd.DataFrame:
    """A row for each point: method, kind, source, distortion (name of the metric), x, perception, y.

    x_low to y_high: the lowest and highest seed. A method without both values has no point.
    """
    table = values.of(dataset)
    first = table[table["metric"] == distortion]
    parts = []
    for perception in PERCEPTION:
        second = table[table["metric"] == perception]
        pairs = first.merge(second, on=_IDENTITY, suffixes=("_x", "_y"))
        pairs["distortion"], pairs["perception"] = distortion, perception
        parts.append(pairs)
    points = pd.concat(parts, ignore_index=True).rename(
        columns={f"{name}_{axis}": f"{axis}_{name}" for axis in "xy" for name in ("low", "high")}
    )
    points = points.rename(columns={"value_x": "x", "value_y": "y"})
    ends = ["x_low", "x_high", "y_low", "y_high"]
    return points[[*_IDENTITY, "distortion", "x", "perception", "y", *ends]]


def draw_plane(
    values: Values, curve: pd.DataFrame, dataset: str, head: tuple[str, str], protocol: str, output: Path
) -> None:
    """One panel for each perception metric with values. head: name in the title, and paper.

    curve: scores of the interpolation under the same protocol on this dataset, empty where there are none.
    protocol: the paper whose way to measure is used. Raises Missing when nothing was measured.
    """
    distortion = distortion_metric(load_protocol(protocol).metrics)
    points = plane_points(values, dataset, distortion)
    measured = points[points["kind"] != PRINTED_KIND]
    if measured.empty:
        raise Missing(
            f"nothing was measured on {dataset} by both {distortion} and one of {', '.join(PERCEPTION)}: "
            f"{values.why_nothing([dataset], (distortion, *PERCEPTION))}"
        )
    panels = [name for name in PERCEPTION if (points["perception"] == name).any()]
    shown_sources = set(measured["source"])
    sources = [source for source in values.sources if str(source.without_seed) in shown_sources]
    lines = pd.concat([_lines(curve, dataset, distortion, name) for name in panels], ignore_index=True)
    families = family_of_methods(points)
    title = f"{head[0]} on {dataset}{_finding(measured, panels[0], distortion)}"
    description = Description(title, head[1], "", _caption(points, lines, protocol, dataset)).of(sources)
    rows = [_parts(points[points["perception"] == name]) for name in panels]
    columns = max(map(len, rows))
    size = {"width": 5.0 * columns, "height": 4.2 * len(rows) + 0.7}
    with drawing(**size, nrows=len(rows), ncols=columns, squeeze=False) as (figure, axes):
        for unused in (axis for line, parts in zip(axes, rows, strict=True) for axis in line[len(parts) :]):
            unused.set_axis_off()
        placed = [
            pair for line, parts in zip(axes, rows, strict=True) for pair in zip(line, parts, strict=False)
        ]
        for axis, (heading, shown) in placed:
            perception = shown["perception"].iloc[0]
            own = lines[(lines["perception"] == perception) & bool((shown["kind"] != PRINTED_KIND).any())]
            _draw_curve(axis, own)
            _draw_points(axis, shown, families)
            # Turned upright, the arrow of the y axis points down.
            axis.set(xlabel=f"← better    {_LABELS[distortion]}", ylabel=f"← better    {perception}")
            axis.set_title(heading, fontsize=9, pad=12 if distortion == "RMSE" else 6)
            axis.margins(0.16)
            if distortion == "PSNR":
                axis.invert_xaxis()
            elif distortion == "RMSE":
                _draw_regions(axis, _REGIONS.get(dataset, ()))
            _label(axis, shown, own)
        _legend(figure, points, families, lines)
        head_line(figure, description.title)
        data = pd.concat([points, lines], ignore_index=True) if len(lines) else points
        write_figure(figure, data, description, output)


def _parts(points: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """What may stand on common axes, each with its heading: a smaller budget's points stand apart."""
    smaller = ~points["budget"].isin(("", PAPER_BUDGET))
    full, found = points[~smaller], []
    if (full["kind"] == PRINTED_KIND).all():
        found = [("printed in the paper", full)] if len(full) else []
    else:
        found = (
            [("printed and measured", full)]
            if (full["kind"] == PRINTED_KIND).any()
            else [("measured here", full)]
        )
    for budget in dict.fromkeys(points.loc[smaller, "budget"]):
        own = points[(points["budget"] == budget) | (points["kind"] == "baseline")]
        found.append((f"measured here, budget {budget}", own))
    if len(found) > 1 and set(found[0][1]["kind"]) <= {"baseline"}:
        found = found[1:]
    return found


def _draw_regions(axis: Any, bounds: Sequence[float]) -> None:
    """A line at the end of each region, and its number."""
    for number, bound in enumerate(bounds, start=1):
        axis.axvline(bound, color="#999999", linewidth=0.8, linestyle=":", zorder=0)
        place = (bound, 1.0)
        axis.annotate(
            f"region {number} ",
            place,
            xycoords=("data", "axes fraction"),
            ha="right",
            va="bottom",
            fontsize=7,
            color="#666666",
        )


def _lines(curve: pd.DataFrame, dataset: str, distortion: str, perception: str) -> pd.DataFrame:
    """The interpolation curve as points of the figure's table."""
    parts = []
    for space in STYLES if len(curve) else ():
        points = curve_points(curve, space, distortion, perception)
        if len(points):
            points = points.assign(method=f"{interpolated_method(curve)}, {space} interpolation")
            points = points.assign(dataset=dataset, kind=_CURVE, distortion=distortion, perception=perception)
            parts.append(points)
    columns = ["method", "kind", "dataset", "alpha", "distortion", "x", "perception", "y"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def _draw_curve(axis: Any, lines: pd.DataFrame) -> None:
    for method, rows in lines.groupby("method", sort=False):
        line, _, colour = _curve_style(str(method))
        axis.plot(rows["x"], rows["y"], line, color=colour, linewidth=1.2, zorder=1)
        axis.plot(rows["x"], rows["y"], ".", color=colour, markersize=4, zorder=1)


def _curve_style(method: str) -> tuple[Any, str, str]:
    return next(style for space, style in STYLES.items() if f" {space} " in method)


def family_of_methods(points: pd.DataFrame) -> dict[str, str]:
    """Method -> its family, which its colour shows: whether and how it was trained, or who made it."""
    found = dict.fromkeys(points["method"], "only printed")
    for point in rows_of(points[points["kind"] != PRINTED_KIND]):
        found[point.method] = _family(Source.parse(point.source))
    return found


def _family(source: Source) -> str:
    if source.kind == Kind.BASELINE:
        return "interpolation"
    if source.kind != Kind.TRAINED:
        return "of others"
    return f"trained {'with' if load_recipe(source.name).discriminator else 'without'} a GAN"


def _finding(measured: pd.DataFrame, perception: str, distortion: str) -> str:
    """Of methods that may be ranked with each other, those that none beats in both ways."""
    shown = measured[measured["perception"] == perception]
    kept = [(name, _unbeaten(group, distortion)) for name, group in rivals(shown)]
    told = [f"none {name} beats {names} in both {distortion} and {perception}" for name, names in kept]
    return f": {'; '.join(told)}" if told else ""


def _unbeaten(points: pd.DataFrame, distortion: str) -> str:
    """The methods that no other point beats in both ways."""
    sign = -1 if distortion == "PSNR" else 1
    places = [(point.method, sign * point.x, point.y) for point in rows_of(points)]
    kept = [
        name for name, x, y in places if not any(a <= x and b <= y and (a, b) != (x, y) for _, a, b in places)
    ]
    return ", ".join(dict.fromkeys(kept))


def _draw_points(axis: Any, points: pd.DataFrame, families: dict[str, str]) -> None:
    for point in rows_of(points):
        style = point_style(_FAMILIES[families[point.method]], point.kind)
        axis.plot(point.x, point.y, zorder=3, **style)
        if point.x_low < point.x_high or point.y_low < point.y_high:
            axis.hlines(point.y, point.x_low, point.x_high, color=style["color"], linewidth=0.8)
            axis.vlines(point.x, point.y_low, point.y_high, color=style["color"], linewidth=0.8)
    # From the paper's number to ours, where the two may be compared.
    printed = {point.method: point for point in rows_of(points[points["kind"] == PRINTED_KIND])}
    for point in rows_of(points[points["kind"] != PRINTED_KIND]):
        if point.method in printed and point.budget in ("", PAPER_BUDGET):
            start = printed[point.method]
            axis.plot([start.x, point.x], [start.y, point.y], color="#999999", linewidth=0.8, zorder=1)


def _label(axis: Any, points: pd.DataFrame, lines: pd.DataFrame) -> None:
    """Every point's method beside it; alpha at the ends."""
    ends = lines[lines["alpha"].isin((0.0, 1.0))].drop_duplicates("alpha")
    texts = [(p.x, p.y, p.method) for p in rows_of(points)]
    texts += [(end.x, end.y, f"α={end.alpha:g}") for end in rows_of(ends)]
    put_labels(axis, texts, [(p.x, p.y) for table in (points, lines) for p in rows_of(table)])


def _legend(figure: Any, points: pd.DataFrame, families: dict[str, str], lines: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], **point_style(tone, "trained"), label=family)
        for family, tone in _FAMILIES.items()
        if family in families.values()
    ]
    kinds = [kind for kind in MEANING if (points["kind"] == kind).any()]
    # A baseline looks like any other measured method: its name says what it is.
    kinds = [kind for kind in kinds if kind != "baseline" or "trained" not in kinds]
    handles += [Line2D([], [], **point_style("#555555", kind), label=MEANING[kind]) for kind in kinds]
    for method in dict.fromkeys(lines["method"]):
        line, _, colour = _curve_style(method)
        handles.append(Line2D([], [], linestyle=line, color=colour, label=method))
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=8)


def _caption(points: pd.DataFrame, lines: pd.DataFrame, protocol: str, dataset: str) -> str:
    distortion = points["distortion"].iloc[0]
    parts = [
        f"Each method on {dataset}, measured by the protocol of {protocol}: nearer to the original to the"
        f" left ({distortion}), more natural at the bottom."
    ]
    if (points["kind"] == PRINTED_KIND).any():
        parts.append("Hollow marks are the numbers that the paper prints, filled ones were measured here.")
    else:
        parts.append(f"All were measured here; nothing is printed for {dataset}.")
    if {"", PAPER_BUDGET} & set(points.loc[points["kind"] != PRINTED_KIND, "budget"]):
        parts.append("A grey line leads from a printed number to what came out here.")
    if (points["x_low"] < points["x_high"]).any():
        parts.append("Lines through a mark reach from the lowest to the highest seed.")
    if distortion == "RMSE" and dataset in _REGIONS:
        bounds = ", ".join(f"{bound:g}" for bound in _REGIONS[dataset])
        parts.append(f"Dotted: where the challenge's three regions end, at an RMSE of {bounds}.")
    if len(lines):
        method = lines["method"].iloc[0].partition(",")[0]
        parts.append(f"The lines are {method}'s interpolation between its two networks, alpha 0 to 1.")
    return " ".join(parts)
