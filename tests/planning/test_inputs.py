"""The files that rules need: paths by the design's layout, runs that keep what they were made from."""

import json
from pathlib import Path
from typing import Any

import pytest

from sr.config import load_yaml
from sr.errors import InputError
from sr.planning.groups import CALIBRATION
from sr.planning.plan import Plan
from sr.project import root
from sr.seals import write_record
from tests.recipes.synthetic_record import make_record

SEED = "results/runs/demo/embedded_train/{}/seed{}/generator.safetensors"
RUN = {"budget": "demo", "training_set": "embedded_train", "paper": "esrgan", "seed": "3"}


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    monkeypatch.delenv("SR_MIRROR", raising=False)
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: tmp_path / "nothing")
    return load_yaml(root() / "workflow" / "config.yaml")


def test_scores_of_a_table_and_what_they_are_made_from(config: dict[str, Any]) -> None:
    inputs = Plan(config).inputs
    assert inputs.scores("srgan", "table2") == ["results/evaluations/srgan/table2/embedded.json"]
    assert inputs.scores("srgan", CALIBRATION) == ["results/evaluations/srgan/baselines/embedded.json"]
    assert inputs.runs("srgan", "table2", "embedded", "") == [
        SEED.format("srgan/srresnet_mse", 0),
        SEED.format("srgan/srgan_vgg54", 0),
    ]
    assert inputs.images("srgan", "table2", "embedded", "") == []
    assert inputs.overlap("srgan", "table2") == ["results/overlap/embedded_train.txt"]
    assert inputs.benchmarks() == ["data/benchmarks/embedded/index.json"]


def test_benchmarks_that_a_packed_set_was_not_compared_with(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = Plan(config).inputs
    embedded = inputs.benchmarks()
    monkeypatch.chdir(tmp_path)
    assert inputs.not_compared("mine") == []  # not packed yet
    assert inputs.compared("mine") == embedded
    packed, prepared = tmp_path / "data/packed/mine/index.json", tmp_path / embedded[0]
    write_record(packed, {"compared_with": {}})
    assert inputs.not_compared("mine") == embedded
    write_record(packed, {"compared_with": {"embedded": "one"}})
    assert inputs.not_compared("mine") == embedded  # not prepared yet
    assert inputs.compared("mine") == []
    write_record(prepared, {"checksum": "one"})
    assert inputs.not_compared("mine") == []
    write_record(prepared, {"checksum": "another"})
    assert inputs.not_compared("mine") == embedded
    packed.write_text("torn")
    assert inputs.not_compared("mine") == embedded


def test_a_group_without_any_source_has_no_scores(config: dict[str, Any]) -> None:
    inputs = Plan(config | {"sources": ["released"]}).inputs
    assert inputs.scores("srgan", "study_fig7") == []


def test_tables_of_the_configured_papers(config: dict[str, Any]) -> None:
    inputs = Plan(config | {"papers": ["beby", "srgan"]}).inputs
    assert "results/tables/table1supp_beby.csv" in inputs.tables("beby")
    assert inputs.tables() == inputs.tables("beby") + inputs.tables("srgan")
    assert inputs.tables("ldl") == []


def test_a_run_begins_with_one_of_its_own_budget(config: dict[str, Any]) -> None:
    inputs = Plan(config).inputs
    assert inputs.start(**RUN, recipe="esrgan") == [SEED.format("esrgan/rrdb_psnr", 0)]
    assert inputs.start(**RUN, recipe="rrdb_psnr") == []
    with pytest.raises(InputError, match="--config budget=paper"):
        inputs.start(**RUN | {"budget": "paper"}, recipe="esrgan")


@pytest.mark.parametrize(
    ("start", "found"),
    [({"run": "../../own/seed7"}, [SEED.format("esrgan/own", 7)]), ({"file": "../../weights.pth"}, [])],
)
def test_a_finished_run_keeps_what_it_began_with(
    config: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: dict[str, str],
    found: list[str],
) -> None:
    inputs = Plan(config).inputs
    monkeypatch.chdir(tmp_path)
    folder = Path(SEED.format("esrgan/esrgan", 3)).parent
    folder.mkdir(parents=True)
    record = make_record("esrgan/esrgan", provenance={"start": start | {"weights": "0123"}})
    (folder / "run.json").write_text(json.dumps(record))
    assert inputs.start(**RUN, recipe="esrgan") == found


def test_a_finished_run_keeps_the_training_that_it_shares(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = Plan(config).inputs
    shared = [SEED.format("esrgan/rrdb_psnr", 3)]
    assert inputs.twin(**RUN, recipe="pi_psnr") == shared
    assert inputs.twin(**RUN, recipe="rrdb_psnr") == []
    monkeypatch.chdir(tmp_path)
    for recipe, record, found in (
        ("pi_psnr", make_record("esrgan/pi_psnr"), []),
        ("rrdb_psnr", make_record("esrgan/rrdb_psnr", same_training_as="esrgan/pi_psnr"), ["esrgan/pi_psnr"]),
    ):
        folder = Path(SEED.format(f"esrgan/{recipe}", 3)).parent
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(record))
        assert inputs.twin(**RUN, recipe=recipe) == [SEED.format(name, 3) for name in found]


def test_receipts_of_the_weights_that_a_training_needs(config: dict[str, Any]) -> None:
    paper, demo = (Plan(config | {"budget": name}).inputs for name in ("paper", "demo"))
    run = RUN | {"recipe": "esrgan"}
    assert paper.weights(**run | {"budget": "paper"}) == [
        "data/fetched/vgg19.json",
        "data/fetched/alexnet.json",
    ]
    assert "data/fetched/alexnet.json" in demo.weights(**run)
    assert demo.weights(**RUN, recipe="rrdb_psnr") == ["data/fetched/alexnet.json"]


def test_a_finished_run_keeps_the_weights_that_its_losses_looked_with(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another network in the budget must not ask for a training of weeks again, but call it stale."""
    monkeypatch.chdir(tmp_path)
    run = RUN | {"paper": "srgan", "recipe": "srgan_vgg54", "seed": "0"}
    inputs = Plan(config).inputs
    today = inputs.weights(**run)
    folder = tmp_path / "results/runs/demo/embedded_train/srgan/srgan_vgg54/seed0"
    folder.mkdir(parents=True)
    provenance = {"code": ["0"], "torch": "2", "pretrained": {"vgg19": "0" * 64}}
    record = make_record("srgan/srgan_vgg54", provenance=provenance)
    write_record(folder / "run.json", record)
    assert inputs.weights(**run) == ["data/fetched/vgg19.json", "data/fetched/alexnet.json"] != today


def test_own_images_that_are_written_over_are_seen(config: dict[str, Any], tmp_path: Path) -> None:
    images = tmp_path / "mine" / "Set5"
    images.mkdir(parents=True)
    (images / "a.png").write_bytes(b"one")
    inputs = Plan(config).inputs
    inputs.images = lambda *_wildcards: [str(images)]  # type: ignore[method-assign]
    before = inputs.state_of_images("srgan", "table2", "Set5", "")
    assert inputs.state_of_images("srgan", "table2", "Set5", "") == before
    (images / "a.png").write_bytes(b"another")
    assert inputs.state_of_images("srgan", "table2", "Set5", "") != before
    # What is wrong with a folder is for its own job to say, and stops no other.
    (images / "a.png").unlink()
    assert "no image" in inputs.state_of_images("srgan", "table2", "Set5", "")
