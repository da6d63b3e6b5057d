"""`sr train` as people and the workflow call it: whole runs, killed runs, refused runs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sr.data.packer import pack
from sr.device import Precision
from sr.errors import InputError
from sr.files import file_hash
from sr.networks.vgg import VGGFeatures
from sr.seals import read_record, write_record
from sr.training import run as runs
from sr.training.run import DidNotLearnError, Run, train
from sr.training.start import enlargement
from sr.weights.generators import load_run
from sr.weights.pretrained import tensors_hash
from tests.training.tiny_run import NoAssets, a_run


def below_bicubic(run: Run) -> dict:
    """Thirty steps teach nothing: the run must say so, and leave its record."""
    with pytest.raises(DidNotLearnError, match=r"did not learn: .* dB after 30 iterations is not above"):
        train(run, NoAssets())  # type: ignore[arg-type]
    return json.loads((run.output / "progress" / "run.json").read_text())


@pytest.mark.usefixtures("tiny_budget")
def test_a_run_that_did_not_learn_fails_and_leaves_no_weights(data: Path) -> None:
    record = below_bicubic(a_run(data, "run"))
    assert record["status"] == "did not learn"
    assert not (data / "run" / "generator.safetensors").exists()
    assert not (data / "run" / "run.json").exists()


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
def test_a_gan_run_leaves_weights_curve_record_and_samples(data: Path) -> None:
    first = train(a_run(data, "mse"), NoAssets())  # type: ignore[arg-type]
    record = train(a_run(data, "gan", "srgan/srgan_mse", data / "mse"), NoAssets())  # type: ignore[arg-type]
    assert record["validation"]["start_psnr"] == first["validation"]["psnr"]
    assert record["validation"]["lpips"] is None
    assert "alexnet is not here" in record["validation"]["lpips_unavailable"]
    assert any(deviation.startswith("schedule.iterations: 30 instead") for deviation in record["deviations"])
    curve = (data / "gan" / "curve.csv").read_text().splitlines()
    assert curve[0].split(",")[4:7] == ["mse", "standard_gan", "generator_gradient_norm"]
    assert [int(line.split(",")[0]) for line in curve[1:]] == [0, 10, 20, 30]
    assert [path.name for path in (data / "gan" / "samples").iterdir()] == ["8.png"]
    generator, _ = load_run(data / "gan")
    assert generator(torch.rand(1, 3, 4, 4)).shape == (1, 3, 16, 16)


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
@pytest.mark.parametrize("recipe", ["srgan/srresnet_mse", "ldl/swinir_psnr"])
def test_a_small_run_begins_as_an_enlargement_and_says_so(data: Path, recipe: str) -> None:
    """At step 0 it is nearly bicubic, also where an average is validated."""
    record = train(a_run(data, "run", recipe), NoAssets())  # type: ignore[arg-type]
    validation = record["validation"]
    assert validation["start_psnr"] > validation["bicubic_psnr"] - 3.0
    assert "initialisation: enlargement instead of own" in record["deviations"]
    assert record["recipe"]["initialisation"] == "enlargement"


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
def test_a_file_of_weights_is_what_a_run_begins_with_where_its_budget_would_enlarge(data: Path) -> None:
    """Steps too small to change anything leave the weights of the file."""
    plain = replace(a_run(data, "plain", "esrgan/rrdb_psnr"), changes=("initialisation=own",))
    train(plain, NoAssets())  # type: ignore[arg-type]
    torch.save(load_run(data / "plain")[0].state_dict(), data / "mine.pth")
    still = ("optimiser.learning_rate=1e-30",)
    run = replace(a_run(data, "run", "esrgan/rrdb_psnr", data / "mine.pth"), changes=still)
    record = train(run, NoAssets())  # type: ignore[arg-type]
    ours, theirs = (load_run(data / name)[0].state_dict() for name in ("run", "plain"))
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    taken = {"file": "../mine.pth", "weights": file_hash(data / "mine.pth")}
    assert record["provenance"]["start"] == taken
    assert "start: the weights of mine.pth instead of none" in record["deviations"]
    assert not any(deviation.startswith("initialisation") for deviation in record["deviations"])
    with pytest.raises(
        InputError, match=r"--set initialisation=enlargement: the run begins with .*mine\.pth"
    ):
        train(replace(run, changes=("initialisation=enlargement",)), NoAssets())  # type: ignore[arg-type]


def test_a_network_without_a_way_for_colours_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"Conv2d can not begin as an enlargement; take it out of the budget"
    ):
        enlargement(torch.nn.Conv2d(3, 3, 3))


@pytest.mark.usefixtures("tiny_budget")
def test_wrong_starts_are_refused(data: Path) -> None:
    with pytest.raises(InputError, match="srgan/srgan_mse begins with srgan/srresnet_mse: give --start"):
        train(a_run(data, "gan", "srgan/srgan_mse"), NoAssets())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="begins from scratch: leave out --start"):
        train(a_run(data, "mse", start=data), NoAssets())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="holds no finished run"):
        train(a_run(data, "gan", "srgan/srgan_mse", data), NoAssets())  # type: ignore[arg-type]


@pytest.fixture
def started(data: Path, tiny_budget: None, no_verdict: None) -> Path:  # noqa: ARG001
    """A finished srgan/srresnet_mse to begin with."""
    train(a_run(data, "mse"), NoAssets())  # type: ignore[arg-type]
    return data / "mse"


def change_record(run: Path, change: Callable[[dict], object]) -> None:
    record = read_record(run / "run.json", "")
    change(record)
    write_record(run / "run.json", record)


@pytest.mark.usefixtures("tiny_budget")
def test_a_start_may_have_seen_other_images_and_its_deviations_are_inherited(
    data: Path, started: Path
) -> None:
    change_record(
        started, lambda record: record.update(training_set="other", deviations=["patch: 8"], seed=5)
    )
    record = train(a_run(data, "gan", "srgan/srgan_mse", started), NoAssets())  # type: ignore[arg-type]
    assert "start: patch: 8" in record["deviations"]
    assert not any("other" in deviation for deviation in record["deviations"])


@pytest.mark.usefixtures("tiny_budget")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda record: record.update(budget="paper"),
            "budget paper; a run begins with one of its own budget, demo",
        ),
        (
            lambda record: record.update(recipe_name="esrgan/rrdb"),
            "holds esrgan/rrdb; srgan/srgan_mse begins",
        ),
        (
            lambda record: record["recipe"]["generator"].update(long_skip=False),
            "generator.long_skip is False, and True in srgan/srgan_mse",
        ),
    ],
)
def test_a_start_of_another_kind_is_refused(
    data: Path, started: Path, change: Callable[[dict], object], message: str
) -> None:
    change_record(started, change)
    with pytest.raises(InputError, match=message):
        train(a_run(data, "gan", "srgan/srgan_mse", started), NoAssets())  # type: ignore[arg-type]


@pytest.mark.usefixtures("started")
def test_the_record_says_what_the_run_cost_and_how_it_was_computed(data: Path) -> None:
    record = json.loads((data / "mse" / "run.json").read_text())
    assert record["images_per_second"] > 0
    assert record["peak_memory_bytes"] > 2**24  # torch alone is larger
    generator, _ = load_run(data / "mse")
    assert record["parameters"] == {
        "generator": sum(parameter.numel() for parameter in generator.parameters()),
        "discriminator": None,
    }
    (execution,) = record["provenance"]["executions"]
    assert execution["device"] == "cpu" or execution["device"].startswith("cuda")
    assert execution["processes"] == 1
    assert execution["micro_batch"] is None
    assert execution["precision"] == "float32"
    assert not any(deviation.startswith("precision") for deviation in record["deviations"])


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
@pytest.mark.parametrize("precision", ["bfloat16", "tf32"])
def test_another_precision_than_the_papers_is_a_deviation(data: Path, precision: Precision) -> None:
    record = train(replace(a_run(data, "rounded"), precision=precision), NoAssets())  # type: ignore[arg-type]
    assert f"precision: {precision} instead of float32" in record["deviations"]
    assert record["provenance"]["executions"][0]["precision"] == precision
    # What begins with that run has the deviation, too.
    game = train(a_run(data, "gan", "srgan/srgan_mse", data / "rounded"), NoAssets())  # type: ignore[arg-type]
    assert f"start: precision: {precision} instead of float32" in game["deviations"]


@pytest.mark.usefixtures("tiny_budget")
def test_the_record_says_what_the_run_was_made_from(data: Path, started: Path) -> None:
    record = train(a_run(data, "gan", "srgan/srgan_mse", started), NoAssets())  # type: ignore[arg-type]
    provenance = record["provenance"]
    packed = json.loads((data / "packed" / "index.json").read_text())
    assert provenance["training_set_checksum"] == packed["checksum"]
    assert provenance["start"]["run"] == "../mse"
    assert provenance["start"]["weights"] == file_hash(started / "generator.safetensors")
    assert provenance["pretrained"] is None
    assert provenance["processor"]


@pytest.mark.usefixtures("tiny_budget", "no_verdict")
def test_weights_of_the_losses_decide_a_run(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints made with other ones are not gone on from, and the record names them."""
    network = VGGFeatures("vgg16", ["conv3_3"], before_activation=True)
    weights = dict(network.state_dict())
    monkeypatch.setattr(runs, "load_pretrained", lambda _assets, _name: weights)
    run = a_run(data, "vgg", "srgan/srresnet_vgg22")
    first = train(run, NoAssets())["provenance"]  # type: ignore[arg-type]
    assert first["pretrained"] == {"vgg16": tensors_hash(weights)}
    weights = {name: value * 2 for name, value in weights.items()}
    second = train(replace(run, output=data / "again"), NoAssets())["provenance"]  # type: ignore[arg-type]
    assert second["pretrained"] != first["pretrained"]
    assert second["identity"] != first["identity"]


@pytest.mark.usefixtures("started")
def test_micro_batches_of_a_normalised_network_are_a_deviation(data: Path) -> None:
    run = replace(a_run(data, "slices"), micro_batch=2, precision="float32")
    record = train(run, NoAssets())  # type: ignore[arg-type]
    assert "batch statistics: over 2 images instead of 4" in record["deviations"]
    assert record["provenance"]["executions"][0]["micro_batch"] == 2


@pytest.mark.usefixtures("tiny_budget")
def test_progress_of_another_training_set_is_refused(data: Path) -> None:
    below_bicubic(a_run(data, "run"))
    pack("other", sorted((data / "train").iterdir())[:6], data / "packed")
    with pytest.raises(InputError, match=r"of another recipe, seed, training set or start"):
        train(a_run(data, "run"), NoAssets())  # type: ignore[arg-type]


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {project!r})
from tests.training import tiny_run
tiny_run.change_this_process()
tiny_run.runs.train(tiny_run.a_run(Path({data!r}), {output!r}), tiny_run.NoAssets())
"""


def start_process(data: Path, output: str) -> subprocess.Popen:
    script = SCRIPT.format(project=str(Path(__file__).parents[2]), data=str(data), output=output)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", script],
        start_new_session=True,
        stderr=subprocess.PIPE,
        env=environment,
    )


def test_killed_and_started_again_ends_with_the_same_bits(data: Path) -> None:
    assert start_process(data, "unbroken").wait() == 0
    kills = 0
    random = np.random.default_rng(0)
    while not (data / "broken" / "generator.safetensors").exists():
        process = start_process(data, "broken")
        while process.poll() is None and not list((data / "broken" / "progress").glob("checkpoint-*")):
            time.sleep(0.01)
        time.sleep(float(random.uniform(0, 0.15)))
        if kills < 4 and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        assert process.wait() in (0, -signal.SIGKILL)
    unbroken, broken = (
        (data / name / "generator.safetensors").read_bytes() for name in ("unbroken", "broken")
    )
    assert kills >= 1
    assert unbroken == broken
