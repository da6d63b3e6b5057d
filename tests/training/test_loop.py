"""The loop around the step: what it writes, what it keeps, and that a bad state is never saved."""

import csv
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sr.data.benchmarks import Benchmark, prepare
from sr.data.crops import Augmentation, CropSampler
from sr.data.packing import PackedSet
from sr.device import CPU
from sr.errors import InputError
from sr.images import write_png
from sr.recipes.recipe import Recipe
from sr.training import loop as loops
from sr.training.loop import Loop, Plan, StoppedError
from sr.training.objective import Objective
from sr.training.trainer import Trainer
from sr.training.validation import Validation
from tests.training.plain_networks import without_batch_statistics
from tests.training.tiny_run import NoAssets


@pytest.fixture
def validation(tmp_path: Path) -> Validation:
    random = np.random.default_rng(1)
    for name in ("a", "b"):
        write_png(tmp_path / "hr" / f"{name}.png", random.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    prepare("two", sorted((tmp_path / "hr").iterdir()), tmp_path / "benchmark")
    return Validation(Benchmark(tmp_path / "benchmark"), NoAssets())  # type: ignore[arg-type]


def build(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    folder: Path,
    keep_every: int | None = None,
    checkpoint_minutes: float = 0.0,
) -> Loop:
    torch.set_num_threads(1)
    plain = without_batch_statistics(recipe)
    sampler = CropSampler(
        packed,
        seed=0,
        batch=2,
        patch=16,
        augmentation=Augmentation(True, True),
        sampling="image",
        distinct_images=True,
    )
    trainer = Trainer(plain, Objective(recipe.losses), sampler, 0)
    progress = folder / "progress"
    plan = Plan(6, 3, checkpoint_minutes, keep_every, progress, "this run", {}, "code", CPU.record())
    return Loop(trainer, validation, plan)


def save_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "_SHARE_OF_SAVING", 1e9)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def spoil(loop: Loop, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss `standard_gan` is infinite in one step."""
    terms = loop.trainer.objective.generator_terms

    def spoilt(batch: object) -> dict[str, torch.Tensor]:
        found = terms(batch)  # type: ignore[arg-type]
        bad = loop.trainer.step_number == step - 1
        return found | {"standard_gan": found["standard_gan"] / (0.0 if bad else 1.0)}

    monkeypatch.setattr(loop.trainer.objective, "generator_terms", spoilt)


def test_writes_a_row_for_every_check(
    recipe: Recipe, packed: PackedSet, validation: Validation, tmp_path: Path
) -> None:
    build(recipe, packed, validation, tmp_path).run("run")
    found = rows(tmp_path / "progress" / "curve.csv")
    assert [row["step"] for row in found] == ["0", "2", "4", "6"]
    assert found[0]["mse"] == ""
    assert {"mse", "standard_gan", "discriminator", "generator_gradient_norm"} < found[1].keys()
    assert float(found[1]["images_per_second"]) > 0
    assert [float(row["learning_rate"]) for row in found] == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4])


def test_the_change_is_the_mean_absolute_difference_of_the_samples(
    recipe: Recipe, packed: PackedSet, validation: Validation, tmp_path: Path
) -> None:
    build(recipe, packed, validation, tmp_path).run("run")
    found = rows(tmp_path / "progress" / "stability.csv")
    steps = [(row["previous_step"], row["step"], row["image"]) for row in found]
    assert steps == [(*pair, image) for pair in (("0", "2"), ("2", "4"), ("4", "6")) for image in "ab"]
    for row in found:
        images = [
            np.asarray(Image.open(tmp_path / f"progress/samples/step{int(row[step]):08d}/{row['image']}.png"))
            for step in ("step", "previous_step")
        ]
        expected = np.abs(images[0].astype(float) - images[1].astype(float)).mean()
        assert float(row["mad"]) == pytest.approx(expected, rel=1e-5)
        assert expected > 0
    last = rows(tmp_path / "progress" / "curve.csv")[-1]
    mean = np.mean([float(row["mad"]) for row in found[-2:]])
    assert float(last["validation_change"]) == pytest.approx(mean, rel=1e-5)


def test_keeps_generators_on_the_way(
    recipe: Recipe, packed: PackedSet, validation: Validation, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    loop = build(recipe, packed, validation, tmp_path, keep_every=3)
    loop.run("run")
    kept = sorted((tmp_path / "kept").iterdir())
    assert [path.name for path in kept] == ["step00000003.safetensors", "step00000006.safetensors"]
    final = loop.trainer.generator.state_dict()
    assert all(torch.equal(value, final[name]) for name, value in load_file(kept[1]).items())
    shorter = build(recipe, packed, validation, tmp_path / "other").trainer
    for _ in range(3):
        shorter.step()
    expected = shorter.generator.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in load_file(kept[0]).items())


def test_a_loss_that_is_not_finite_stops_the_run_and_is_never_saved(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save_always(monkeypatch)
    loop = build(recipe, packed, validation, tmp_path, keep_every=1)
    spoil(loop, 4, monkeypatch)
    last = r"the last good checkpoint is .*checkpoint-00000003\.pt"
    with pytest.raises(InputError, match=rf"'standard_gan' was not finite at step 4; {last}"):
        loop.run("run")
    assert sorted(path.name for path in (tmp_path / "progress").glob("checkpoint-*")) == [
        "checkpoint-00000002.pt",
        "checkpoint-00000003.pt",
    ]
    assert not (tmp_path / "kept" / "step00000004.safetensors").exists()
    assert [row["step"] for row in rows(tmp_path / "progress" / "curve.csv")] == ["0", "2"]


def test_a_loss_that_is_not_finite_is_found_although_nobody_looked_at_that_step(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = build(recipe, packed, validation, tmp_path, checkpoint_minutes=1e6)
    spoil(loop, 3, monkeypatch)
    with pytest.raises(InputError, match="'standard_gan' was not finite at step 3; there is no checkpoint"):
        loop.run("run")
    assert loop.trainer.step_number == 4


def test_a_stopped_run_ends_as_an_unbroken_one(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save_always(monkeypatch)
    unbroken = build(recipe, packed, validation, tmp_path / "unbroken", keep_every=2)
    unbroken.run("run")
    stopped = build(recipe, packed, validation, tmp_path / "stopped", keep_every=2)
    step = stopped.trainer.step
    monkeypatch.setattr(stopped.trainer, "step", lambda: step() if stopped.trainer.step_number < 3 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stopped.run("run")
    resumed = build(recipe, packed, validation, tmp_path / "stopped", keep_every=2)
    resumed.run("run")
    ours, theirs = (rows(tmp_path / name / "progress/curve.csv") for name in ("stopped", "unbroken"))
    for row in (*ours, *theirs):
        del row["seconds"], row["images_per_second"]
    assert ours == theirs
    for name in ("progress/stability.csv", *(f"kept/step0000000{n}.safetensors" for n in (2, 4, 6))):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes()
    for key, value in unbroken.trainer.generator.state_dict().items():
        assert torch.equal(value, resumed.trainer.generator.state_dict()[key])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_end_saves_and_says_so(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    unbroken = build(recipe, packed, validation, tmp_path / "unbroken")
    unbroken.run("run")
    stopped = build(recipe, packed, validation, tmp_path / "stopped", checkpoint_minutes=1e6)
    step, before = stopped.trainer.step, signal.getsignal(number)

    def asked_in_the_third() -> dict[str, torch.Tensor]:
        if stopped.trainer.step_number == 2:
            os.kill(os.getpid(), number)
        return step()

    monkeypatch.setattr(stopped.trainer, "step", asked_in_the_third)
    with pytest.raises(
        StoppedError, match="run: stopped at step 3 of 6, which is saved; give the same command"
    ):
        stopped.run("run")
    assert signal.getsignal(number) == before
    saved = [path.name for path in (tmp_path / "stopped" / "progress").glob("checkpoint-*")]
    assert saved == ["checkpoint-00000003.pt"]
    resumed = build(recipe, packed, validation, tmp_path / "stopped", checkpoint_minutes=1e6)
    resumed.run("run")
    for key, value in unbroken.trainer.generator.state_dict().items():
        assert torch.equal(value, resumed.trainer.generator.state_dict()[key])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_due_at_the_step_where_a_run_is_asked_to_end_is_done(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    stopped = build(recipe, packed, validation, tmp_path, keep_every=2, checkpoint_minutes=1e6)
    step = stopped.trainer.step

    def asked_in_the_fourth() -> dict[str, torch.Tensor]:
        if stopped.trainer.step_number == 3:
            os.kill(os.getpid(), number)
        return step()

    monkeypatch.setattr(stopped.trainer, "step", asked_in_the_fourth)
    with pytest.raises(StoppedError, match="stopped at step 4 of 6"):
        stopped.run("run")
    build(recipe, packed, validation, tmp_path, keep_every=2, checkpoint_minutes=1e6).run("run")
    assert [row["step"] for row in rows(tmp_path / "progress" / "curve.csv")] == ["0", "2", "4", "6"]
    kept = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert kept == [f"step0000000{step}.safetensors" for step in (2, 4, 6)]


def test_a_run_ends_before_the_time_limit_of_its_job(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLURM_JOB_END_TIME", str(int(time.time()) + 60))
    with pytest.raises(StoppedError, match="stopped at step 1 of 6"):
        build(recipe, packed, validation, tmp_path, checkpoint_minutes=1e6).run("run")
    monkeypatch.setenv("SLURM_JOB_END_TIME", str(int(time.time()) + 3600))
    build(recipe, packed, validation, tmp_path, checkpoint_minutes=1e6).run("run")


def test_everything_that_made_a_run_stays_known(
    recipe: Recipe,
    packed: PackedSet,
    validation: Validation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save_always(monkeypatch)
    first = build(recipe, packed, validation, tmp_path)
    spoil(first, 3, monkeypatch)
    with pytest.raises(InputError):
        first.run("run")
    second = build(recipe, packed, validation, tmp_path)
    second.codes, second.executions = ["later code"], [CPU.record() | {"processes": 2}]
    second.run("run")
    assert second.codes == ["code", "later code"]
    assert [one["processes"] for one in second.executions] == [1, 2]
