"""How evaluations are spread over jobs, and that their memory fits what the metrics were measured to need."""

from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from sr.config import load_yaml
from sr.planning.plan import Plan
from sr.project import root


@pytest.fixture
def config() -> dict[str, Any]:
    return load_yaml(root() / "workflow" / "config.yaml")


def test_a_small_benchmark_is_one_job(config: dict[str, Any]) -> None:
    evaluations = Plan(config).evaluations
    assert evaluations.parts("srgan", "table2", "Set5") == [""]
    assert evaluations.sources("srgan", "table2", "Set5", "") == Plan(config).scored(
        "srgan", "table2", "Set5"
    )


def test_a_job_waits_for_a_gpu_where_there_are_some_or_trainings_wait_for_them(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    demo, paper = (Plan(config | {"budget": name, "gpus": {"paper": 4}}) for name in ("demo", "paper"))
    for present, found in ((0, [0, 1]), (1, [1, 1]), (8, [1, 1])):
        monkeypatch.setattr("sr.planning.evaluations.visible", lambda number=present: number)
        assert [plan.evaluations.gpus() for plan in (demo, paper)] == found


def test_every_source_on_div2k_has_a_job_of_its_own(config: dict[str, Any]) -> None:
    """100 images of 2.8 megapixels; with Ma's score, one source takes hours."""
    plan = Plan(config | {"seeds": [0, 1, 2]})
    scored = plan.scored("ldl", "table2", "DIV2K")
    parts = plan.evaluations.parts("ldl", "table2", "DIV2K")
    assert parts[0] == f"-1of{len(scored)}"
    assert len(parts) == len(scored) > 10


def test_the_jobs_together_score_every_source_once(config: dict[str, Any]) -> None:
    plan = Plan(config | {"seeds": [0, 1, 2]})
    parts = plan.evaluations.parts("ldl", "table2", "Urban100")
    assert 1 < len(parts) < len(plan.scored("ldl", "table2", "Urban100"))
    found = [plan.evaluations.sources("ldl", "table2", "Urban100", part) for part in parts]
    assert sorted(map(str, chain(*found))) == sorted(map(str, plan.scored("ldl", "table2", "Urban100")))


def test_memory_follows_the_metrics_and_threads_the_memory(config: dict[str, Any]) -> None:
    """Measured (`sr.metrics.lpips`): at 2040 x 1356, LPIPS with VGG, or DISTS, alone peaks at 4500 MB."""
    evaluations = Plan(config).evaluations
    psnr, vgg, both = (
        evaluations.megabytes(paper=paper, benchmark="DIV2K") for paper in ("srgan", "beby", "ldl")
    )
    assert psnr < 4500 < vgg
    assert both > 4500
    assert evaluations.megabytes(paper="ldl", benchmark="Set5") < 4500
    assert evaluations.threads(paper="srgan", benchmark="Set5") == 1
    assert evaluations.threads(paper="ldl", benchmark="DIV2K") > 1


def test_rules_name_the_parts(config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(config | {"seeds": [0, 1, 2]})
    monkeypatch.setattr(plan, "measured_on", lambda *_: ["embedded", "DIV2K"])
    names = [Path(name).name for name in plan.inputs.scores("ldl", "table2")]
    assert names[:2] == ["embedded.json", f"DIV2K-1of{len(names) - 1}.json"]
    assert len(plan.inputs.runs("ldl", "table2", "DIV2K", f"-1of{len(names) - 1}")) <= 1


def test_what_comes_to_hand_is_scored_with(config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of this is a new parameter of the rule, which then asks for the scores again."""
    there: set[str] = set()
    monkeypatch.setattr("sr.planning.at_hand.AtHand.has", lambda _self, name: name in there)
    before = Plan(config).evaluations.at_hand(paper="gmgan")
    there.add("nrqm")
    assert set(Plan(config).evaluations.at_hand(paper="gmgan")) - set(before) == {"nrqm"}
    # Where nothing is tried beforehand, what a job fetches must not make the next run do all again.
    offline = Plan(config | {"download": "none"}).evaluations.at_hand(paper="gmgan")
    assert "nrqm" not in offline


def test_a_table_that_does_not_grow_is_counted_for_small_images_too(config: dict[str, Any]) -> None:
    """Ma's score peaks at 2900 MB for 0.3 megapixel (`sr.metrics.perceptual_index`)."""
    evaluations = Plan(config).evaluations
    small = {paper: evaluations.megabytes(paper=paper, benchmark="Set5") for paper in ("srgan", "gmgan")}
    assert small["gmgan"] - small["srgan"] > 2200
