"""A configuration becomes targets: what is there is used, what is missing is left out with a reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sr.config import load_yaml
from sr.errors import InputError
from sr.images import count_images, write_png
from sr.papers.studies import load_study
from sr.planning.plan import Plan
from sr.project import root
from sr.results.source import BASELINES, Kind, Source


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.delenv("SR_MIRROR", raising=False)
    return load_yaml(root() / "workflow" / "config.yaml")


def names(sources: list[Source]) -> list[str]:
    return [str(source) for source in sources]


def test_the_default_needs_nothing_but_packages(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: Path("/nonexistent"))
    plan = Plan(config)
    assert plan.benchmarks == ["embedded"]
    assert plan.trainings.training_set("srgan/srresnet_mse") == "embedded_train"
    assert names(plan.sources("srgan", "table2")) == [
        "baseline/nearest",
        "baseline/bicubic",
        "trained/demo/embedded_train/srgan/srresnet_mse/seed0",
        "trained/demo/embedded_train/srgan/srgan_vgg54/seed0",
    ]
    state = plan.benchmark_states()["Set5"]
    assert state["status"] == "unavailable"
    assert "sr assets fetch Set5" in state["reason"]


def test_released_weights_are_used_where_they_are_and_asked_for_where_not(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: tmp_path)
    (tmp_path / "assets" / "released").mkdir(parents=True)
    (tmp_path / "assets" / "released" / "BebyGAN_x4.pth").touch()
    plan = Plan(config)
    released = [source for source in plan.sources("beby", "table2") if source.kind == Kind.RELEASED]
    assert released == [Source.released("beby_gan")]
    reasons = dict(text.partition("=")[::2] for text in plan.obstacles("beby", "table2"))
    assert "released/beby_gan" not in reasons
    assert "sr assets fetch esrgan" in reasons["released/esrgan"]
    assert {"esrgan", "beby_gan", "ldl_rrdb_df2k"} < set(Plan(config | {"download": "all"}).wanted_assets())


def test_trainings_wait_for_gpus_at_the_budgets_that_say_so(config: dict[str, Any]) -> None:
    plan = Plan(config | {"gpus": {"short": 2}})
    assert (plan.gpus("short"), plan.gpus("demo")) == (2, 0)
    with pytest.raises(InputError, match="'shrot' is not a budget; did you mean 'short'"):
        Plan(config | {"gpus": {"shrot": 1}})


def test_a_training_of_any_budget_has_a_gpu_to_itself_where_there_is_one(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as there are processor cores would meet on the first one else."""
    plan = Plan(config | {"gpus": {"paper": 2}})
    for shown, demo in ((0, 0), (1, 1), (4, 1)):
        monkeypatch.setattr("sr.planning.plan.visible", lambda shown=shown: shown)
        assert plan.gpus_of_a_training("demo") == demo
        assert plan.gpus_of_a_training("paper") == 2
    assert Plan(config | {"gpus": {"demo": 0}}).gpus_of_a_training("demo") == 0


def test_a_machine_with_fewer_gpus_than_one_training_waits_for_is_refused(config: dict[str, Any]) -> None:
    plan = Plan(config | {"budget": "paper", "gpus": {"paper": 2}})
    for present in (0, 2, 8):
        assert plan.lacking_gpus(present) is None
    reason = plan.lacking_gpus(1) or ""
    assert "a training of budget paper waits for 2 GPUs, and this machine shows 1: give --config" in reason
    assert Plan(config | {"gpus": {"paper": 2}}).lacking_gpus(1) is None


def test_a_configuration_chooses_its_kinds_of_sources(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: tmp_path)
    untrained = Plan(config | {"sources": ["released"]})
    assert untrained.sources("srgan", "table2") == list(BASELINES)
    unreleased = Plan(config | {"sources": ["trained"]})
    assert not any(text.startswith("released/") for text in unreleased.obstacles("beby", "table2"))
    assert "esrgan" not in Plan(config | {"sources": ["trained"], "download": "all"}).wanted_assets()
    with pytest.raises(InputError, match="sources"):
        Plan(config | {"sources": ["relased"]})


def test_a_mirror_changes_benchmarks_and_training_set(config: dict[str, Any], mirror: Path) -> None:
    plan = Plan(config | {"mirror": str(mirror)})
    assert plan.benchmarks[:4] == ["embedded", "Set5", "Set14", "BSD100"]
    assert plan.trainings.training_set("srgan/srresnet_mse") == "BSDS500_train_test"


def test_seeds_are_separate_runs_that_share_one_start(config: dict[str, Any]) -> None:
    plan = Plan(config | {"seeds": [0, 7]})
    runs = [source for source in plan.sources("srgan", "table1") if source.seed == 7]
    assert len(runs) == 5
    start = plan.trainings.start("srgan/srgan_vgg54", 7)
    assert start is not None
    assert (start.name, start.seed) == ("srgan/srresnet_mse", 0)
    own = Plan(config | {"seeds": [0, 7], "seeds_from": "start"}).trainings.start("srgan/srgan_vgg54", 7)
    assert own is not None
    assert (own.name, own.seed) == ("srgan/srresnet_mse", 7)


def test_a_start_may_be_another_papers(config: dict[str, Any]) -> None:
    plan = Plan(config)
    start = plan.trainings.start("beby/bebygan", 0)
    assert start is not None
    assert (start.name, start.seed) == ("esrgan/rrdb_psnr", 0)
    assert plan.trainings.chain("beby/bebygan") == ["beby/bebygan", "esrgan/rrdb_psnr"]
    assert plan.trainings.start("esrgan/rrdb_psnr", 0) is None


def test_supplied_images_are_scored_where_they_are(
    config: dict[str, Any], mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "images" / "srcnn" / "Set5").mkdir(parents=True)
    plan = Plan(config | {"mirror": str(mirror)})
    monkeypatch.setattr("sr.planning.plan.root", lambda: tmp_path)
    assert Source.images("srcnn") in plan.scored("srgan", "table2", "Set5")
    assert Source.images("srcnn") not in plan.scored("srgan", "table2", "Set14")


def test_paper_budget_without_data_trains_nothing_and_says_why(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: Path("/nonexistent"))
    plan = Plan(config | {"budget": "paper"})
    assert plan.sources("srgan", "table2") == list(BASELINES)
    assert "ImageNet, DIV2K_train" in (plan.trainings.obstacle("srgan/srgan_vgg54") or "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budgett": "demo"}, "unknown key 'budgett'; did you mean 'budget'"),
        ({"budget": "demoo"}, "'demoo' is not a budget; did you mean 'demo'"),
        ({"papers": ["srgn"]}, "'srgn' is not a replicated paper; did you mean 'srgan'"),
        ({"mirror": "/no/such/folder"}, "/no/such/folder: no such folder"),
        ({"benchmarks": ["Sett5"]}, "did you mean 'Set5'"),
        ({"seeds": []}, "seeds"),
        ({"seeds": "many"}, "seeds"),
        ({"seeds_from": "scratch"}, "seeds_from"),
        ({"seeds": [-1]}, "seeds"),
        ({"benchmarks": ["vgg16"]}, "'vgg16' is no set of images"),
    ],
)
def test_mistakes_are_refused(config: dict[str, Any], change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Plan(config | change)


def test_a_half_present_set_is_unavailable(config: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "benchmark" / "Set5" / "HR").mkdir(parents=True)
    write_png(tmp_path / "benchmark" / "Set5" / "HR" / "baby.png", np.zeros((8, 8, 3), np.uint8))
    state = Plan(config | {"mirror": str(tmp_path), "benchmarks": ["Set5"]}).benchmark_states()["Set5"]
    assert state["status"] == "unavailable"
    assert "holds 1 images where Set5 has 5" in state["reason"]


def test_a_study_says_what_can_not_be_trained(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: Path("/nonexistent"))
    plan = Plan(config | {"budget": "paper"})
    assert plan.sources("srgan", "study_fig7") == []
    reasons = dict(text.partition("=")[::2] for text in plan.obstacles("srgan", "study_fig7"))
    assert reasons.keys() == set(load_study("srgan", "fig7").full_recipes("srgan"))
    assert "ImageNet" in reasons["srgan/srresnet_mse"]


def test_the_table_across_methods_has_every_configured_papers_networks(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: Path("/nonexistent"))
    plan = Plan(config)
    sources = plan.scored("ldl", "comparison", "embedded")
    assert Source.baseline("bicubic") in sources
    assert Source.trained("demo", "embedded_train", "gmgan/gmgan", 0) in sources
    assert plan.left_out() == []
    # It asks for no training that the papers' tables do not need already, starts included.
    needed = {part for name in plan.recipes_of(plan.tables()) for part in plan.trainings.chain(name)}
    assert {source.name for source in sources if source.kind == Kind.TRAINED} <= needed


def test_methods_of_other_papers_are_left_out_of_the_table(config: dict[str, Any]) -> None:
    plan = Plan(config | {"papers": ["srgan"]})
    trained = [source for source in plan.sources("ldl", "comparison") if source.kind == Kind.TRAINED]
    assert {source.paper for source in trained} == {"srgan"}
    assert {"ESRGAN", "SwinIR+LDL"} < set(plan.left_out())
    assert "SRGAN" not in plan.left_out()


@pytest.mark.parametrize("budget", ["demo", "short", "paper"])
def test_recipes_that_differ_in_what_is_tested_are_trained_once(config: dict[str, Any], budget: str) -> None:
    """LDL's Table 2, #4 and #5; #4 is trained, which keeps the generators on its way that Fig. 4 needs."""
    trainings = Plan(config | {"budget": budget}).trainings
    assert trainings.twin("ldl/rrdb_ldl_df2k") == "ldl/rrdb_refined_map"
    assert trainings.twin("ldl/rrdb_refined_map") is None
    assert trainings.twin("esrgan/esrgan_pi_unprojected") == "esrgan/esrgan_pi"


def test_the_papers_precision_is_the_default(config: dict[str, Any]) -> None:
    plan = Plan(config)
    assert [plan.precision(budget) for budget in ("paper", "cpu", "demo")] == ["float32"] * 3
    assert Plan(config | {"precision": {"paper": "bfloat16"}}).precision("paper") == "bfloat16"
    with pytest.raises(InputError, match="precision"):
        Plan(config | {"precision": {"paper": "float16"}})


def test_recipes_that_a_budget_makes_equal_are_trained_once(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one training set stands in for all, the sets that GMGAN compares in Table 3 are one."""
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: Path("/nonexistent"))
    demo, paper = Plan(config), Plan(config | {"budget": "paper"})
    assert (
        demo.trainings.twin("gmgan/gmgan_df2k_ost")
        == demo.trainings.twin("gmgan/gmgan_df2k")
        == "gmgan/gmgan_imagenet"
    )
    assert demo.trainings.twin("gmgan/gmgan_imagenet") is None
    assert demo.trainings.twin("gmgan/gmgan") is None  # eight-fold augmentation
    # Equal games of equal starts.
    assert demo.trainings.twin("esrgan/ladder_rrdb") == "esrgan/esrgan"
    assert not any(
        paper.trainings.twin(f"gmgan/gmgan{which}") for which in ("_imagenet", "_df2k", "_df2k_ost")
    )


def test_files_are_read_once_however_often_a_plan_is_asked(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workflow asks for hundreds of jobs; before, it parsed one budget thousands of times."""
    read: list[Path] = []

    def reading(path: Path) -> Any:
        read.append(path)
        return load_yaml(path)

    for module in ("config", "recipes.recipe"):
        monkeypatch.setattr(f"sr.{module}.load_yaml", reading)
    for _ in range(3):
        plan = Plan(config)
        for paper, item in plan.tables():
            plan.inputs.scores(paper, item)
            plan.obstacles(paper, item)
        plan.shown.of_all(plan.shown.sources)
        plan.shown.all_obstacles()
    assert len(read) == len(set(read))


def test_a_folder_of_images_is_counted_once_and_no_further_than_needed(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ImageNet's takes seconds."""
    folder = tmp_path / "ImageNet" / "train"
    folder.mkdir(parents=True)
    (folder / "one.JPEG").touch()
    counted: list[tuple[Path, int]] = []

    def counting(path: Path, enough: int, *, deep: bool) -> int:
        counted.append((path, enough))
        return count_images(path, enough, deep=deep)

    monkeypatch.setattr("sr.data.assets.count_images", counting)
    plan = Plan(config | {"budget": "paper", "papers": ["srgan"], "mirror": str(tmp_path)})
    for paper, item in plan.tables():
        plan.sources(paper, item)
        assert "ImageNet" in " ".join(plan.obstacles(paper, item))
    assert counted == [(folder, 346501)]


METRIC_WEIGHTS = {"niqe", "nrqm", "dists", "inception", "vgg16", "alexnet"}


def test_what_is_small_is_wanted_by_default(config: dict[str, Any]) -> None:
    small = {"Set5", "Set14", "BSD100", "Urban100"}
    assert set(Plan(config).wanted_assets()) == small | METRIC_WEIGHTS
    assert "Urban100" not in Plan(config | {"benchmarks": ["embedded", "Set5"]}).wanted_assets()
    assert Plan(config | {"download": "none"}).wanted_assets() == []


@pytest.mark.parametrize("said", ["all", True, "true"])
def test_all_is_what_the_budget_could_use(config: dict[str, Any], said: object) -> None:
    wanted = set(Plan(config | {"download": said, "budget": "paper"}).wanted_assets())
    assert METRIC_WEIGHTS | {"ImageNet", "DF2K", "DF2K_OST", "DIV2K", "vgg19", "esrgan"} < wanted
    assert {"selfexsr_Set5", "srcnn_Set5"} < wanted
    assert "ImageNet" not in Plan(config | {"download": said}).wanted_assets()


def test_what_is_missing_is_tried_again_from_hour_to_hour_or_run_to_run(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.data.assets.project.data_folder", lambda: tmp_path)
    now = iter([7200.0, 7300.0, 10900.0, 7200.0, 7300.0])
    monkeypatch.setattr("sr.planning.plan.time.time", lambda: next(now))
    assert [Plan(config).attempt for _ in range(3)] == [2, 2, 3]
    assert [Plan(config | {"download": "all"}).attempt for _ in range(2)] == [7200, 7300]
    assert Plan(config | {"download": "none"}).attempt == 0


def test_false_is_none_and_another_word_is_refused(config: dict[str, Any]) -> None:
    assert Plan(config | {"download": False}).configuration.download == "none"
    with pytest.raises(InputError, match="download"):
        Plan(config | {"download": "some"})
