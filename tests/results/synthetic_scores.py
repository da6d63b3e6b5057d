"""Score files made up for the tests of tables, verdicts and the check."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from sr.data.catalogue import size_of
from sr.results.image_sets import BenchmarkState
from sr.results.measurement import Measurement, Results
from sr.results.source import Source, group_sources, parse_sources

READY = BenchmarkState(status="ready")
BICUBIC = {"Set5": (28.416, 0.8214), "Set14": (25.990, 0.7489), "BSD100": (25.956, 0.6946)}


def write_score(
    folder: Path, source: str, benchmark: str, values: dict[str, list[float]], **head: Any
) -> None:
    """One score table and its JSON; set values are the means of the images unless given.

    A benchmark of a stated size gets as many images, the further ones with the mean of those given.
    """
    path = folder / head.get("protocol", "srgan") / source / f"{benchmark}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    given = len(next(iter(values.values())))
    images = max(given, size_of(benchmark) or given)
    values = {name: [*column, *[sum(column) / given] * (images - given)] for name, column in values.items()}
    with path.with_suffix(".csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image", *values])
        writer.writerows([f"image{i}", *(column[i] for column in values.values())] for i in range(images))
    parts = source.split("/")
    trained = parts[0] == "trained"
    content = {
        "protocol": "srgan",
        "source": source,
        "benchmark": benchmark,
        "images": images,
        "set_values": {name: sum(column) / images for name, column in values.items()},
        "unavailable": {},
        "deviations": [],
        "budget": parts[1] if trained else None,
        "seed": int(parts[-1].removeprefix("seed")) if trained else None,
        "stale": None,
        "benchmark_checksum": f"pixels of {benchmark}",
    }
    path.write_text(json.dumps({**content, **head}))


def write_bicubic(folder: Path, **changed: float) -> None:
    """Bicubic scores as the degradation gives them on the paper's three benchmarks; PSNR may be planted."""
    for benchmark, (psnr, ssim) in BICUBIC.items():
        psnr = changed.get(benchmark, psnr)
        values = {"PSNR": [psnr - 1, psnr + 1], "SSIM": [ssim - 0.01, ssim + 0.01]}
        write_score(folder, "baseline/bicubic", benchmark, values)


def make_run(folder: Path, *sources: str, **states: BenchmarkState) -> Results:
    """A run of the given sources; the paper's benchmarks are ready unless told otherwise."""
    ready = dict.fromkeys(("Set5", "Set14", "BSD100"), READY)
    return Results(folder, group_sources(parse_sources(sources)), ready | states)


def make_measurement(
    source: str, values: list[list[float]] | np.ndarray, benchmark: str = "d"
) -> Measurement:
    """Values as seeds x images; of a trained source (without its seed) seeds 0, 1, ... have them."""
    array = np.array(values, dtype=float)
    parsed = Source.parse(source)
    seeds = tuple(range(len(array))) if source.startswith("trained/") else ()
    (group,) = group_sources([parsed.with_seed(seed) for seed in seeds] or [parsed])
    return Measurement(
        group=group,
        benchmark=benchmark,
        metric="PSNR",
        seeds=seeds,
        images=tuple(f"{benchmark}{i}" for i in range(array.shape[1])),
        of_seeds=tuple(array.mean(axis=1).tolist()),
        per_image=array,
        deviations=(),
        stale="",
        unscored=(),
    )
