"""A small results folder, every part of which has a text that can be found again."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from sr.data.benchmarks import prepare
from sr.papers.tables import load_layouts, name_in_files
from sr.project import papers
from sr.verdicts.rows import Row, Verdict, write_rows
from tests.recipes.synthetic_record import make_record

RUN = "demo/embedded_train/srgan/srresnet_mse"

CLAIM = {
    **dict.fromkeys(
        ("rule", "proxy", "note", "comparisons", "confirmed", "contradicted", "undecided", "not_run"), ""
    ),
    **dict.fromkeys(("effect_size", "sources", "test", "images", "seeds", "p_value"), ""),
    **dict.fromkeys(("decisive", "difference", "low", "high", "deviations", "printed", "printed_tally"), ""),
}


def row(**changes: Any) -> Row:
    """A printed number of SRGAN's Table 2 that nothing measured."""
    values: dict[str, Any] = {
        "paper": "srgan",
        "item": "table2",
        "dataset": "Set5",
        "method": "bicubic",
        "metric": "PSNR",
        "published": "28.43",
        **dict.fromkeys(("measured", "difference", "images", "interval", "tolerance")),
        **dict.fromkeys(("source", "budget", "note"), ""),
        "seeds": (),
        "verdict": Verdict.NOT_RUN,
        "deviations": (),
    }
    return Row(**values | changes)


ROWS = (
    row(
        measured=28.42,
        difference=-0.01,
        tolerance=0.02,
        images=5,
        verdict=Verdict.MATCH,
        source="baseline/bicubic",
    ),
    row(method="SRResNet", published="32.05", note="a reason that the page repeats"),
    row(
        dataset="embedded",
        published="",
        measured=24.12,
        verdict=Verdict.NOT_COMPARABLE,
        source=f"trained/{RUN}",
        budget="demo",
        seeds=(0,),
        deviations=("batch: 8 instead of 16",),
    ),
)


def make_results(results: Path, benchmarks: Path) -> None:
    """Fill a results folder: tables, verdicts, claims, figures, a run and its images."""
    tables = results / "tables"
    tables.mkdir(parents=True)
    for paper in papers():
        for item in load_layouts(paper).tables:
            name = f"{name_in_files(item)}_{paper}"
            body = f'<h4>H</h4><p id="{name}-note1">body of {name}</p><a href="#{name}-note1">1</a>'
            (tables / f"{name}.body.html").write_text(body)
    write_rows(tables / "verdicts.csv", ROWS)
    measured = {
        "difference": "-1.5",
        "low": "-2",
        "high": "-1",
        "sources": f"baseline/bicubic | trained/{RUN}",
    }
    claims = [
        _claim("S01", "not run", ""),
        _claim("S01", "undecided", "paper", proxy="a proxy in words", note="a note for the reader"),
        _claim("S02", "contradicted (demo)", "demo", **measured),
        _claim("S01", "not run", "released"),
        _claim("S02", "not run", "released"),
        _claim("B01", "not run", "demo", paper="beby"),
        _claim("B01", "undecided (deviating)", "released", paper="beby"),
    ]
    _write_csv(tables / "claims.csv", claims)
    _make_run(results / "runs" / RUN / "seed0" / "run.json")
    _make_images(results / "reconstructions", benchmarks / "embedded")
    _make_figure(results / "figures" / "srgan")


def _claim(name: str, verdict: str, budget: str, **changes: str) -> dict[str, str]:
    words = {"paper": "srgan", "claim": name, "kind": "numeric", "place": "Sec. 3", "verdict": verdict}
    return (
        CLAIM
        | words
        | {"statement": f"statement {name} & <more>", "reason": f"reason {name}", "budget": budget}
        | changes
    )


def _write_csv(path: Path, records: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, records[0])
        writer.writeheader()
        writer.writerows(records)


def _make_run(path: Path) -> None:
    path.parent.mkdir(parents=True)
    record = make_record(
        deviations=["batch: 8 instead of 16"],
        seconds=75.0,
        images_per_second=273.0,
        peak_memory_bytes=2**30,
        parameters={"generator": 69152, "discriminator": None},
        recipe={"title": "SRResNet-MSE", "start": None, "schedule": {"iterations": 1400}},
        provenance={"identity": "955fa9fb", "executions": [{"device": "cpu", "tf32": False}]},
    )
    record["validation"] |= {
        "psnr": 24.12,
        "lpips": 0.2956,
        "start_psnr": 28.92,
        "start_lpips": 0.357,
        "bicubic_psnr": 28.53,
        "bicubic_lpips": 0.3463,
    }
    path.write_text(json.dumps(record))


def _make_images(reconstructions: Path, benchmark: Path) -> None:
    random = np.random.default_rng(0)
    folders = [reconstructions / "baseline" / name / "embedded" for name in ("nearest", "bicubic")]
    folders += [reconstructions / "trained" / RUN / "seed0" / "embedded"]
    with TemporaryDirectory() as originals:
        for folder in (Path(originals), *folders):
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("one", "two"):
                pixels = random.integers(0, 256, (40, 60, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{name}.png")
        prepare(benchmark.name, sorted(Path(originals).iterdir()), benchmark)


def _make_figure(folder: Path) -> None:
    folder.mkdir(parents=True)
    Image.new("RGB", (8, 6)).save(folder / "depth.png")
    (folder / "depth.svg").write_text("<svg/>")
    (folder / "depth.csv").write_text("blocks\n8\n")
    words = {
        "title": "Depth against PSNR",
        "paper": "srgan",
        "place": "Fig. 7",
        "caption": "What depth gives.",
    }
    (folder / "depth.json").write_text(json.dumps(words | {"budgets": ["demo"]}))
    (folder / "numbers.json").write_text(
        json.dumps({"made": ["depth"], "missing": {"curves": "no run was kept"}})
    )
