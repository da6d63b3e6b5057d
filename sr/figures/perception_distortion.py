"""The perception-distortion plane (Blau and Michaeli 2018): how near to the original against how natural."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.interpolation_curve import STYLES, curve_points, interpolated_method
from sr.figures.style import MEANING, head_line, point_style, put_labels, rows_of
from sr.figures.values import PRINTED_KIND, Values
from sr.scoring.protocol import load_protocol

PERCEPTION = ("LPIPS", "NIQE", "PI")
_IDENTITY = ["dataset", "method", "kind", "source", "budget", "seeds"]
_CURVE = "interpolated"
# The PIRM challenge divides its plane by RMSE into three regions (Blau et al. 2018, sec. 3; ESRGAN, Fig. 2).
_REGIONS = {"PIRM": (11.5, 12.5, 16.0)}
_LABELS = {"PSNR": "PSNR [dB], better to the left", "RMSE": "RMSE"}


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
    methods = list(dict.fromkeys(points["method"]))
    shown_sources = set(measured["source"])
    sources = [source for source in values.sources if str(source.without_seed) in shown_sources]
    lines = pd.concat([_lines(curve, dataset, distortion, name) for name in panels], ignore_index=True)
    title = f"{head[0]}: perception and distortion on {dataset}"
    description = Description(title, head[1], "", _caption(points, lines, protocol, dataset)).of(sources)
    with drawing(4.6 * len(panels) + 2.2, 4.6, ncols=len(panels), squeeze=False) as (figure, axes):
        for axis, perception in zip(axes[0], panels, strict=True):
            _draw_curve(axis, lines[lines["perception"] == perception])
            shown = points[points["perception"] == perception]
            _draw_points(axis, shown, methods)
            axis.set(xlabel=_LABELS[distortion], ylabel=f"{perception}, lower is better")
            axis.margins(0.14)
            if distortion == "PSNR":
                axis.invert_xaxis()
            elif distortion == "RMSE":
                _draw_regions(axis, _REGIONS.get(dataset, ()))
            _label(axis, shown, methods, lines[lines["perception"] == perception])
        _legend(figure, points, methods, lines)
        head_line(figure, description.title)
        data = pd.concat([points, lines], ignore_index=True) if len(lines) else points
        write_figure(figure, data, description, output)


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


def _draw_points(axis: Any, points: pd.DataFrame, methods: list[str]) -> None:
    for point in rows_of(points):
        style = point_style(methods.index(point.method), point.kind)
        axis.plot(point.x, point.y, zorder=3, **style)
        if point.x_low < point.x_high or point.y_low < point.y_high:
            axis.hlines(point.y, point.x_low, point.x_high, color=style["color"], linewidth=0.8)
            axis.vlines(point.x, point.y_low, point.y_high, color=style["color"], linewidth=0.8)


def _label(axis: Any, points: pd.DataFrame, methods: list[str], lines: pd.DataFrame) -> None:
    """The method's number at one of its points, the printed one if there is one; alpha at the ends."""
    first = points.sort_values("kind", key=lambda kinds: kinds != PRINTED_KIND, kind="stable")
    first = first.drop_duplicates("method")
    ends = lines[lines["alpha"].isin((0.0, 1.0))].drop_duplicates("alpha")
    texts = [(p.x, p.y, str(methods.index(p.method) + 1)) for p in rows_of(first)]
    texts += [(end.x, end.y, f"α={end.alpha:g}") for end in rows_of(ends)]
    put_labels(axis, texts, [(p.x, p.y) for table in (points, lines) for p in rows_of(table)])


def _legend(figure: Any, points: pd.DataFrame, methods: list[str], lines: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], **point_style(number, "trained"), label=f"{number + 1}  {method}")
        for number, method in enumerate(methods)
    ]
    kinds = [kind for kind in MEANING if (points["kind"] == kind).any()]
    # A baseline looks like any other measured method: its name says what it is.
    kinds = [kind for kind in kinds if kind != "baseline" or "trained" not in kinds]
    grey = {"color": "#555555", "marker": "o"}
    handles += [Line2D([], [], **(point_style(0, kind) | grey), label=MEANING[kind]) for kind in kinds]
    for method in dict.fromkeys(lines["method"]):
        line, _, colour = _curve_style(method)
        handles.append(Line2D([], [], linestyle=line, color=colour, label=method))
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=8)


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
    if (points["x_low"] < points["x_high"]).any():
        parts.append("Lines through a mark reach from the lowest to the highest seed.")
    if distortion == "RMSE" and dataset in _REGIONS:
        bounds = ", ".join(f"{bound:g}" for bound in _REGIONS[dataset])
        parts.append(f"Dotted: where the challenge's three regions end, at an RMSE of {bounds}.")
    if len(lines):
        method = lines["method"].iloc[0].partition(",")[0]
        parts.append(f"The lines are {method}'s interpolation between its two networks, alpha 0 to 1.")
    return " ".join(parts)
