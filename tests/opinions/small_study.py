"""A small study of made-up pictures, and result files as a page would write them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sr.data.assets import Assets
from sr.data.benchmarks import prepare as prepare_benchmark
from sr.images import write_png
from sr.opinions.collect import seal
from sr.opinions.design import Key, RaterPlan, Stimulus, Trial
from sr.opinions.material import Changes, Material
from sr.opinions.page import prepare
from sr.opinions.study import load_study

BENCHMARK = "toy"
VERSIONS = ("dull", "sharp", "wild")

STUDY: dict[str, Any] = {
    "title": "A small study",
    "source": "made up",
    "scale": {"kind": "category", "labels": ["bad", "poor", "fair", "good", "excellent"]},
    "question": "How good is it?",
    "instructions": ["Give a score."],
    "consent": "You may stop.",
    "images": {BENCHMARK: "all"},
    "versions": {name: {"source": f"images/{name}"} for name in VERSIONS} | {"truth": {"original": True}},
    "raters": 4,
    "repeats": {"images": 1, "benchmark": BENCHMARK},
    "seconds": 2,
    "pause_after": 30,
    "screening": {"fastest_ms": 100, "fast_share": 0.5, "outliers": True, "agreement": 0.2},
    "level": 0.05,
}
RANKING: dict[str, Any] = {
    **{name: value for name, value in STUDY.items() if name != "repeats"},
    "scale": {"kind": "ranking"},
    "crop": {"side": 16, "zoom": 4},
    "screening": {"fastest_ms": 100, "fast_share": 0.5},
}
CALIBRATED: dict[str, Any] = {
    **STUDY,
    "calibration": {"images": "embedded_train", "count": 1, "expected": {"nearest": 1, "original": 5}},
    "screening": {**STUDY["screening"], "calibration": {"within": 1, "share": 0.8}},
}


def material(
    folder: Path, study: dict[str, Any], images: int = 3, size: int = 40, **changes: Any
) -> Material:
    """The pictures of a study in `folder`: noise of its own for every image and version."""
    random = np.random.default_rng(0)

    def noise() -> np.ndarray:
        return random.integers(0, 256, (size, size + 8, 3), dtype=np.uint8)

    originals = [folder / "raw" / f"image{number}.png" for number in range(images)]
    for path in originals:
        write_png(path, noise())
        for version in VERSIONS:
            write_png(folder / "images" / version / BENCHMARK / path.name, noise())
    prepare_benchmark(BENCHMARK, originals, folder / "benchmarks" / BENCHMARK)
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    paper, described = load_study(str(folder / "study.yaml"))
    return Material(
        paper=paper,
        study=described,
        changes=Changes(**changes),
        seed=0,
        named=(),
        results=folder / "results",
        benchmarks=folder / "benchmarks",
        images=folder / "images",
        assets=Assets.from_environment(),
    )


def prepared(folder: Path, study: dict[str, Any] = STUDY, embed: bool = False, **settings: Any) -> Key:
    """A study prepared in folder/study."""
    return prepare(material(folder, study, **settings), folder / "study", embed, lambda _done, _note="": None)


Respond = Callable[[str, Sequence[Stimulus]], Any]


def result(key: Key, rater: str, respond: Respond, ms: int = 1500) -> str:
    """A rater's result file as the page writes it. respond: rater and the stimuli of a question -> answer."""
    plan = key.raters[rater]

    def answers(trials: Sequence[Trial]) -> list[dict[str, Any]]:
        return [
            {"id": trial.id, "answer": respond(rater, [key.stimuli[name] for name in trial.shown]), "ms": ms}
            | {"factor": 1, "zoomed": False}
            for trial in trials
        ]

    body = {
        "format": 1,
        "study": key.hash,
        "rater": rater,
        "calibration": answers(plan.calibration),
        "trials": answers(plan.trials),
        "screen": {"width": 1280, "height": 800, "ratio": 1, "touch": False},
    }
    return signed(body, plan)


def signed(body: dict[str, Any], plan: RaterPlan) -> str:
    return json.dumps({**body, "seal": seal(body, plan)}, separators=(",", ":"))


def write_results(key: Key, folder: Path, respond: Respond) -> list[Path]:
    """A result file for every rater of a study."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for rater in key.raters:
        files.append(folder / f"{rater}.json")
        files[-1].write_text(result(key, rater, respond))
    return files
