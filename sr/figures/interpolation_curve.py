"""From fidelity to perception: network interpolation (ESRGAN, sec. 3.4) beside that of images, scored."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.figure_facts import Fact
from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.style import MARKERS, head_line
from sr.files import atomic_path
from sr.images import read_image, write_png
from sr.inference.interpolation import interpolate_images, interpolate_networks
from sr.inference.reconstruction import by_generator
from sr.papers.figures import load_number_figures
from sr.papers.names import title_of
from sr.recipes.run_record import RunRecord
from sr.results.source import Source, parse_sources
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import score_folders
from sr.weights.generators import device_of, load_run

# Sec. 4.4: from 0 to 1 with an interval of 0.2.
ALPHAS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
# Those of the perception-distortion plane.
METRICS = ("PSNR", "RMSE", "LPIPS", "NIQE", "PI")
STYLES: dict[str, tuple[Any, str, str]] = {
    "network": ("-", MARKERS[0], "#000000"),
    "image": ("--", MARKERS[1], "#777777"),
}
_COLUMNS = 4  # panels beside each other
COLUMNS = ("benchmark", "protocol", "space", "alpha", "metric", "value", "psnr_source", "gan_source")

Report = Callable[[int], None]


def interpolation_scores(
    psnr: nn.Module,
    gan: nn.Module,
    benchmark: Benchmark,
    protocols: Sequence[str],
    assets: Assets,
    report: Report = lambda _done: None,
) -> pd.DataFrame:
    """Scores of networks and of images between two generators, a row for each space, alpha and metric.

    Alpha 0 is `psnr` and 1 is `gan`, in both spaces; images are mixed as 8-bit values.
    report: told how many of the len(ALPHAS) networks have reconstructed the benchmark.
    Raises InputError when the two networks differ in shape.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folders = _reconstruct(psnr, gan, benchmark, Path(temporary), report)
        rows = []
        for protocol in protocols:
            way = load_protocol(protocol)
            scores = score_folders(
                {f"{space} {alpha}": folder for (space, alpha), folder in folders.items()},
                benchmark.folder / "HR",
                way,
                assets,
                [name for name in way.metrics if name in METRICS],
            )
            rows += [
                (benchmark.index.benchmark, protocol, space, alpha, metric, value)
                for space, alpha in folders
                for metric, value in scores[f"{space} {alpha}"].set_values.items()
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS[:6]))


def write_interpolation(
    psnr: Path, gan: Path, benchmark: Benchmark, protocols: Sequence[str], output: Path, report: Report
) -> None:
    """Write the scores between two runs' generators as CSV, atomically. psnr, gan: folders of runs."""
    (first, start), (last, end) = load_run(psnr), load_run(gan)
    table = interpolation_scores(first, last, benchmark, protocols, Assets.from_environment(), report)
    table["psnr_source"], table["gan_source"] = _source(start), _source(end)
    with atomic_path(output) as temporary:
        table.to_csv(temporary, index=False)


def curve_of(tables: pd.DataFrame, protocol: str, benchmark: str) -> pd.DataFrame:
    """The rows of one protocol and benchmark, which may be none."""
    return tables[(tables["protocol"] == protocol) & (tables["benchmark"] == benchmark)]


def curve_points(curve: pd.DataFrame, space: str, x: str, y: str) -> pd.DataFrame:
    """Columns alpha, x and y of one space, by alpha; empty when a metric is missing."""
    rows = curve[(curve["space"] == space) & curve["metric"].isin((x, y))]
    wide = rows.pivot_table(index="alpha", columns="metric", values="value").reset_index()
    if not {x, y} <= set(wide.columns):
        return pd.DataFrame(columns=["alpha", "x", "y"])
    return wide.rename(columns={x: "x", y: "y"})[["alpha", "x", "y"]].dropna()


def interpolated_method(curve: pd.DataFrame) -> str:
    """How the method is called whose two networks the scores lie between."""
    return title_of(parse_sources(curve["gan_source"])[0].paper)


def draw_curve(curve: pd.DataFrame, paper: str, output: Path) -> None:
    """Each metric against alpha, in both spaces: one panel for each metric of each protocol.

    Raises Missing when there are no scores.
    """
    if curve.empty:
        raise Missing("no scores between the two networks: the GAN or its PSNR-oriented start is not there.")
    panels = list(dict.fromkeys(zip(curve["protocol"], curve["metric"], strict=True)))
    sources = parse_sources([*curve["psnr_source"], *curve["gan_source"]])
    settings = load_number_figures(paper)
    description = Description(
        title=f"{title_of(paper)} on {curve['benchmark'].iloc[0]}: {ends_finding(curve)}",
        paper=paper,
        place=settings.interpolation.place if settings.interpolation else "",
        caption="Alpha 0 is the PSNR-oriented network, alpha 1 the GAN. Network interpolation mixes the"
        " parameters of the two, image interpolation the pixels of their images; the two agree at both ends.",
        facts=turns(curve),
    ).of(sources)
    columns = min(len(panels), _COLUMNS)
    lines = -(-len(panels) // columns)
    with drawing(2.6 * columns + 0.6, 2.5 * lines + 0.9, nrows=lines, ncols=columns, squeeze=False) as (
        figure,
        axes,
    ):
        for unused in axes.flat[len(panels) :]:
            unused.set_axis_off()
        for panel, (protocol, metric) in zip(axes.flat, panels, strict=False):
            for space, (line, marker, colour) in STYLES.items():
                rows = curve[(curve["protocol"] == protocol) & (curve["metric"] == metric)]
                rows = rows[rows["space"] == space]
                label = f"interpolated {space}s"
                panel.plot(rows["alpha"], rows["value"], line, marker=marker, color=colour, label=label)
            panel.set(xlabel="alpha", title=f"{metric}\n({protocol}'s protocol)")
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        head_line(figure, description.title)
        write_figure(figure, curve, description, output)


def ends_finding(curve: pd.DataFrame) -> str:
    """What the first protocol's metrics do from the PSNR-oriented network to the GAN."""
    first = curve[(curve["protocol"] == curve["protocol"].iloc[0]) & (curve["space"] == "network")]
    told = []
    for metric, rows in first.groupby("metric", sort=False):
        values = rows.sort_values("alpha")["value"]
        psnr, gan = values.iloc[0], values.iloc[-1]
        way = "rises" if gan > psnr else "falls" if gan < psnr else "stays"
        told.append(f"{metric} {way} from {psnr:.4g} to {gan:.4g}")
    return f"from the PSNR-oriented network to the GAN, {', '.join(told)}"


def turns(curve: pd.DataFrame) -> dict[str, Fact]:
    """How often each metric changes its direction along alpha, by space and protocol: never if monotone."""
    facts = {}
    for (space, protocol, metric), rows in curve.groupby(["space", "protocol", "metric"], sort=False):
        slopes = np.sign(np.diff(rows.sort_values("alpha")["value"]))
        slopes = slopes[slopes != 0]
        count = float(np.count_nonzero(np.diff(slopes)))
        facts[f"turns of {metric}, {space} interpolation, {protocol}'s protocol"] = Fact(
            (count,), trained=True
        )
    return facts


def _reconstruct(
    psnr: nn.Module, gan: nn.Module, benchmark: Benchmark, folder: Path, report: Report
) -> dict[tuple[str, float], Path]:
    """The images of every space and alpha; both spaces have the same images at the ends."""
    folders = {}
    for done, alpha in enumerate(ALPHAS, start=1):
        folders["network", alpha] = folder / f"network_{alpha}"
        mixed = interpolate_networks(psnr, gan, alpha).eval().to(device_of(psnr))
        method = by_generator(mixed)
        for path in benchmark.lr_files():
            write_png(folders["network", alpha] / path.name, method(read_image(path)))
        report(done)
    first, last = folders["network", ALPHAS[0]], folders["network", ALPHAS[-1]]
    for alpha in ALPHAS:
        folders["image", alpha] = folder / f"image_{alpha}"
        for path in benchmark.lr_files():
            start, end = read_image(first / path.name), read_image(last / path.name)
            write_png(folders["image", alpha] / path.name, interpolate_images(start, end, alpha))
    return folders


def _source(record: RunRecord) -> str:
    return str(Source.trained(record.budget, record.training_set, record.recipe_name, record.seed))
