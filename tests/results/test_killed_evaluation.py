"""A killed evaluation goes on where it was: with the same bytes, and no image but one made again."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark, prepare
from sr.images import Pixels, read_image, write_png
from sr.metrics.known import BY_NAME
from sr.metrics.psnr import PSNR
from sr.results import evaluation as module
from sr.results.evaluation import Evaluation
from sr.results.source import Source

SOURCES = [Source.baseline("nearest"), Source.baseline("bicubic")]
IMAGES = 3
REPORTED = ("LPIPS", "DISTS", "FID")


class Counter:
    """Counts the calls of a function, and kills the process with no warning at one of them."""

    def __init__(self, function: Callable[..., Any], deadly: int | None) -> None:
        self.function = function
        self.deadly = deadly
        self.calls = 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.function(*arguments)


class Difference:
    """Stands for LPIPS and DISTS: a number with many digits."""

    def reference(self, hr: Pixels) -> Pixels:
        return hr

    def score(self, sr: Pixels, reference: Pixels) -> float:
        return float(np.abs(sr.astype(float) - reference).mean() / 7)


class MeanColour:
    """Stands for FID."""

    def features(self, image: Path) -> list[float]:
        return [float(value) for value in read_image(image).mean(axis=(0, 1)) / 7]

    def score(self, sr: list[list[float]], hr: list[list[float]]) -> float:
        return float(np.square(np.mean(sr, axis=0) - np.mean(hr, axis=0)).sum())


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    folder = tmp_path_factory.mktemp("benchmark")
    for number in range(IMAGES):
        noise = np.random.default_rng(number).integers(0, 256, (40 + 8 * number, 48, 3), dtype=np.uint8)
        write_png(folder / "images" / f"{number}.png", noise)
    prepare("three", sorted((folder / "images").iterdir()), folder / "three")
    return Benchmark(folder / "three")


def counted(monkeypatch: pytest.MonkeyPatch, deadly: dict[str, int]) -> dict[str, Counter]:
    """Every step of an evaluation with a counter, and stand-ins for LDL's metrics that need weights."""
    lpips, fid = Difference(), MeanColour()
    for name, one in zip(REPORTED, (lpips, lpips, fid), strict=True):
        monkeypatch.setitem(BY_NAME, name, replace(BY_NAME[name], build=lambda *_, one=one: one))
    steps = {
        "reconstruction": Counter(write_png, deadly.get("reconstruction")),
        "light": Counter(PSNR.score, deadly.get("light")),
        "heavy": Counter(lpips.score, deadly.get("heavy")),
        "sets": Counter(fid.features, deadly.get("sets")),
    }
    monkeypatch.setattr(module, "write_png", steps["reconstruction"])
    monkeypatch.setattr(PSNR, "score", lambda *arguments: steps["light"](*arguments))
    monkeypatch.setattr(lpips, "score", steps["heavy"], raising=True)
    monkeypatch.setattr(fid, "features", steps["sets"], raising=True)
    return steps


def evaluation(benchmark: Benchmark, folder: Path) -> Evaluation:
    assets = Assets(folder / "assets", None)
    return Evaluation("ldl", benchmark, folder / "results", folder / "images", assets, 1)


def killed(benchmark: Benchmark, folder: Path) -> None:
    """Evaluate in another process, which does not live to the end."""
    process = os.fork()
    if not process:
        try:
            evaluation(benchmark, folder).run(SOURCES)
        finally:
            os._exit(0)
    assert os.WTERMSIG(os.waitpid(process, 0)[1]) == signal.SIGKILL


def left(folder: Path) -> dict[str, bytes]:
    """Everything that an evaluation leaves, but for locks and the dates of what was checked."""
    files = (path for path in sorted((folder / "results").rglob("*")) if path.is_file())
    passing = (".lock", ".checked.json")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if not path.name.endswith(passing)
    }


# Of 2 x 3 images. Light metrics of an image are written down for both sources at once. LPIPS and DISTS, here
# the same stand-in, make two calls an image. Metrics of sets also look at the originals.
@pytest.mark.parametrize(
    ("step", "at", "again"),
    [("reconstruction", 5, 2), ("light", 4, 4), ("heavy", 4, 10), ("sets", 6, 1 + IMAGES)],
)
def test_a_killed_evaluation_loses_one_image(
    step: str, at: int, again: int, benchmark: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        counted(patched, {})
        evaluation(benchmark, tmp_path / "unbroken").run(SOURCES)
    with monkeypatch.context() as patched:
        counted(patched, {step: at})
        killed(benchmark, tmp_path / "killed")
    with monkeypatch.context() as patched:
        steps = counted(patched, {})
        evaluation(benchmark, tmp_path / "killed").run(SOURCES)
    assert steps[step].calls == again
    assert left(tmp_path / "killed") == left(tmp_path / "unbroken")


def test_images_that_are_all_made_are_not_made_again_for_want_of_a_record(
    benchmark: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        counted(patched, {})
        patched.setattr(module, "write_record", Counter(module.write_record, 2))
        killed(benchmark, tmp_path / "killed")
    with monkeypatch.context() as patched:
        counted(patched, {})
        evaluation(benchmark, tmp_path / "unbroken").run(SOURCES)
    with monkeypatch.context() as patched:
        steps = counted(patched, {})
        evaluation(benchmark, tmp_path / "killed").run(SOURCES)
    assert steps["reconstruction"].calls == 0
    assert left(tmp_path / "killed") == left(tmp_path / "unbroken")
