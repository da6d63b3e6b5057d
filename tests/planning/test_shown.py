"""Figures and claims show tables, and of the studies those that someone has trained and scored."""

from pathlib import Path
from typing import Any

import pytest

from sr.config import load_yaml
from sr.planning.plan import Plan
from sr.project import root
from sr.results.source import Source


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.delenv("SR_MIRROR", raising=False)
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: Path("/nonexistent"))
    return load_yaml(root() / "workflow" / "config.yaml")


def made(paths: list[str]) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()


def names(sources: list[Source]) -> set[str]:
    return {source.name for source in sources}


def test_a_study_is_shown_once_it_is_trained_and_scored(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(config)
    runs = plan.inputs.runs("srgan", "study_fig7", "embedded", "")
    scores = plan.inputs.scores("srgan", "study_fig7")
    studied = names(plan.sources("srgan", "study_fig7"))
    assert runs
    assert scores
    monkeypatch.chdir(tmp_path)
    for finished, shown in (([], False), (runs, False), (scores, True)):
        made(finished)
        # As it is then: a plan looks once.
        found = Plan(config).shown
        assert (set(scores) <= set(found.scores("srgan"))) == shown
        assert (studied <= names(found.sources("srgan"))) == shown


def test_a_table_is_shown_whether_made_or_not(config: dict[str, Any]) -> None:
    plan = Plan(config)
    assert set(plan.inputs.scores("srgan", "table2")) <= set(plan.shown.scores("srgan"))
    assert set(plan.sources("srgan", "table2")) <= set(plan.shown.sources("srgan"))
    assert plan.shown.scores("srgan")[0] == "results/evaluations/srgan/baselines/embedded.json"


def test_networks_are_interpolated_where_both_are_trained(config: dict[str, Any]) -> None:
    shown = Plan(config).shown
    assert [source.name for source in shown.ends("esrgan")] == ["esrgan/rrdb_psnr", "esrgan/esrgan"]
    assert shown.curves("ldl") == ["results/interpolation/esrgan/embedded.csv"]
    assert shown.ends("srgan") == []
    untrained = Plan(config | {"papers": ["srgan"]}).shown
    assert untrained.ends("esrgan") == []
    assert untrained.curves("ldl") == []


def test_reasons_are_given_for_what_is_missing(config: dict[str, Any]) -> None:
    shown = Plan(config | {"budget": "paper", "papers": ["srgan", "gmgan"]}).shown
    recipes = {entry.partition("=")[0] for entry in shown.obstacles("srgan")}
    assert "srgan/srgan_vgg54" in recipes
    assert set(shown.obstacles("srgan")) | set(shown.obstacles("gmgan")) == set(shown.all_obstacles())


def test_all_papers_together_give_each_thing_once(config: dict[str, Any]) -> None:
    shown = Plan(config).shown
    together = shown.of_all(shown.sources)
    assert len(together) == len(set(together))
    assert set(together) == {one for paper in config["papers"] for one in shown.sources(paper)}


def test_seeds_of_a_network_are_compared_as_one(config: dict[str, Any]) -> None:
    one, three = Plan(config).shown, Plan(config | {"seeds": [0, 1, 2]}).shown
    assert one.compared_networks() == three.compared_networks()
    assert one.settings_of_networks() == three.settings_of_networks()
    assert len(three.compared()) > len(one.compared())
