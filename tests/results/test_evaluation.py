"""Sources are reconstructed and scored together, and nothing is done twice."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark, prepare
from sr.images import read_image, write_png
from sr.results import evaluation as module
from sr.results.evaluation import Evaluation
from sr.results.source import Source
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import Scores, score_folders

SOURCES = [Source.baseline("nearest"), Source.baseline("bicubic")]


@pytest.fixture
def job(tmp_path: Path) -> Evaluation:
    """SRGAN's protocol, which needs no weights, on one image."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    write_png(tmp_path / "photo.png", noise)
    prepare("one", [tmp_path / "photo.png"], tmp_path / "one")
    benchmark = Benchmark(tmp_path / "one")
    assets = Assets(tmp_path / "assets", None)
    return Evaluation("srgan", benchmark, tmp_path / "results", tmp_path / "images", assets, 1)


def test_scores_are_those_of_the_images(job: Evaluation) -> None:
    job.run(SOURCES)
    folder = job.results / "reconstructions" / "baseline/bicubic" / "one"
    wanted = score_folders({"x": folder}, job.benchmark.folder / "HR", load_protocol("srgan"), job.assets)
    header = json.loads(job.score_path(Source.baseline("bicubic")).with_suffix(".json").read_text())
    assert header["set_values"] == wanted["x"].set_values
    assert header["source"] == "baseline/bicubic"
    assert read_image(folder / "photo.png").shape == (64, 80, 3)


def test_what_is_known_is_kept(job: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    first = job.run(SOURCES)
    written = job.score_path(Source.baseline("nearest")).stat().st_mtime_ns
    monkeypatch.setattr(module, "reconstruction", None)
    monkeypatch.setattr(module, "score_folders", None)
    assert job.run(list(reversed(SOURCES))) == first
    assert job.score_path(Source.baseline("nearest")).stat().st_mtime_ns == written


def test_other_images_are_scored_again(job: Evaluation) -> None:
    supplied = job.images / "theirs" / "one"
    hr = read_image(job.benchmark.hr_files()[0])
    write_png(supplied / "photo.png", hr)
    first = job.run([Source.images("theirs")])
    table = job.score_path(Source.images("theirs")).read_text()
    write_png(supplied / "photo.png", np.minimum(hr, 254) + 1)
    assert job.run([Source.images("theirs")]) != first
    assert job.score_path(Source.images("theirs")).read_text() != table


def test_other_code_reconstructs_again(job: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    job.run(SOURCES)
    spoilt = job.results / "reconstructions" / "baseline/bicubic" / "one" / "photo.png"
    write_png(spoilt, np.zeros((64, 80, 3), np.uint8))
    monkeypatch.setattr(module, "code_hash", lambda parts: f"new {parts}")
    job.run(SOURCES)
    assert read_image(spoilt).any()


def test_the_same_images_under_two_names_are_scored_once(
    job: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr = read_image(job.benchmark.hr_files()[0])
    for name, image in (("one", hr), ("other", hr // 2), ("twin", hr)):
        write_png(job.images / name / "one" / "photo.png", image)
    scored: list[str] = []

    def noted(sources: Mapping[str, Path], *others: Any) -> dict[str, Scores]:
        scored.extend(sources)
        return score_folders(sources, *others)

    monkeypatch.setattr(module, "score_folders", noted)
    job.run([Source.images(name) for name in ("one", "other", "twin")])
    assert scored == ["images/one", "images/other"]
    tables = {name: job.score_path(Source.images(name)) for name in ("one", "other", "twin")}
    assert tables["twin"].read_text() == tables["one"].read_text() != tables["other"].read_text()
    header = json.loads(tables["twin"].with_suffix(".json").read_text())
    assert header["source"] == "images/twin"
    assert header["set_values"]["PSNR"] == "inf"
