"""What rules pass on and watch."""

import shlex
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sr.config import load_yaml
from sr.planning.parameters import available_cores, made_from, megabytes, option, packing_threads
from sr.planning.plan import Plan
from sr.project import root
from sr.results.source import Source


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    monkeypatch.delenv("SR_MIRROR", raising=False)
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: tmp_path)
    return load_yaml(root() / "workflow" / "config.yaml")


def test_a_few_images_are_packed_beside_other_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sr.planning.parameters.available_cores", lambda: 16)
    assert packing_threads("embedded_train") == 1  # 10 images
    assert packing_threads("DF2K") == 8
    monkeypatch.setattr("sr.planning.parameters.available_cores", lambda: 2)
    assert packing_threads("DF2K") == 1
    monkeypatch.undo()
    assert packing_threads("DF2K") <= available_cores()


def test_options_reach_a_command_as_they_are() -> None:
    values = ["plain", "two words", "it's; rm *", Source.baseline("bicubic")]
    assert shlex.split(option("source", values)) == [
        word for value in values for word in ("--source", str(value))
    ]
    assert option("source", []) == ""


def test_each_attempt_has_more_memory() -> None:
    assert [megabytes(3000)(None, attempt=attempt) for attempt in (1, 2, 3)] == [3000, 6000, 9000]


def test_a_baseline_is_always_made_the_same_way(config: dict[str, Any]) -> None:
    assert made_from(Plan(config), [Source.baseline("bicubic"), Source.images("srcnn")]) == ["", ""]


def test_other_weights_are_another_source(config: dict[str, Any], tmp_path: Path) -> None:
    weights = tmp_path / "assets" / "released" / "BebyGAN_x4.pth"
    source = Source.released("beby_gan")
    assert made_from(Plan(config), [source]) == [""]
    weights.parent.mkdir(parents=True)
    for content in (b"some", b"other"):
        weights.write_bytes(content)
        assert made_from(Plan(config), [source]) == [sha256(content).hexdigest()]


def test_a_run_would_be_another_with_another_recipe_start_or_budget(config: dict[str, Any]) -> None:
    def today(recipe: str, budget: str = "demo") -> str:
        plan = Plan(config | {"budget": budget})
        return made_from(plan, [plan.trainings.run(recipe, 0)])[0]

    found = {today("esrgan/esrgan"), today("esrgan/rrdb_psnr"), today("esrgan/esrgan", "cpu")}
    assert len(found) == 3
    assert today("esrgan/esrgan") in found
