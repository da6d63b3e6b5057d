"""A score says when its run is not what today's recipe and code would make."""

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from sr.data.benchmarks import Benchmark, prepare
from sr.errors import InputError
from sr.files import file_hash, write_json
from sr.images import write_png
from sr.provenance import TRAINING_CODE, code_hash
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import load_recipe
from sr.recipes.run_record import WEIGHTS, RunRecord
from sr.results import source_facts as module
from sr.results.source import Source
from sr.results.source_facts import source_header, stale
from sr.weights.pretrained import tensors_hash
from tests.recipes.synthetic_record import make_record

SOURCE = "trained/demo/embedded_train/srgan/srgan_mse/seed3"


@pytest.fixture
def record() -> dict[str, Any]:
    """What a run finished a moment ago would have written."""
    resolved = apply(load_budget("demo"), load_recipe("srgan/srgan_mse"), "embedded_train")
    return make_record(
        "srgan/srgan_mse",
        seed=3,
        deviations=list(resolved.deviations),
        recipe=resolved.recipe.model_dump(mode="json"),
        provenance={"code": [code_hash(TRAINING_CODE)]},
    )


@pytest.fixture
def benchmark(tmp_path: Path) -> Benchmark:
    import numpy as np

    write_png(tmp_path / "photo.png", np.zeros((8, 8, 3), np.uint8))
    prepare("one", [tmp_path / "photo.png"], tmp_path / "one")
    return Benchmark(tmp_path / "one")


class Weights:
    """Stands in for Assets: one file of weights."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, _name: str) -> Path | None:
        return self.path if self.path.is_file() else None

    def require(self, _name: str) -> Path:
        return self.path


def judged(record: dict[str, Any], run: Path = Path("run"), weights: Path = Path("none")) -> str | None:
    return stale(RunRecord.model_validate(record), run, Weights(weights))  # type: ignore[arg-type]


def test_other_training_images_are_noticed(
    record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "data_folder", lambda: tmp_path)
    record["provenance"]["training_set_checksum"] = "these"
    assert judged(record) is None
    index = tmp_path / "packed" / "embedded_train" / "index.json"
    write_json(index, {"checksum": "these"})
    assert judged(record) is None
    write_json(index, {"checksum": "others, and so of another size"})
    assert "embedded_train holds other images than those this run saw; delete" in (judged(record) or "")


def test_a_start_that_was_trained_again_is_noticed(record: dict[str, Any], tmp_path: Path) -> None:
    run, weights = tmp_path / "srgan_mse" / "seed3", tmp_path / "srresnet_mse" / "seed0" / WEIGHTS
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"first")
    start = {"run": "../../srresnet_mse/seed0", "weights": file_hash(weights)}
    record["provenance"]["start"] = start
    run.mkdir(parents=True)
    assert judged(record, run) is None
    weights.write_bytes(b"second")
    assert "srgan/srresnet_mse has been trained again since" in (judged(record, run) or "")
    weights.unlink()
    assert judged(record, run) is None


def test_a_file_that_a_run_began_with_has_no_seed_and_is_noticed_when_it_changes(
    record: dict[str, Any], benchmark: Benchmark, tmp_path: Path
) -> None:
    run, weights = tmp_path / "run", tmp_path / "weights.pth"
    weights.write_bytes(b"first")
    record["provenance"]["start"] = {"file": "../weights.pth", "weights": file_hash(weights)}
    write_json(run / "run.json", record)
    header = source_header(Source.parse(SOURCE), run, benchmark)
    assert (header["start_seed"], header["stale"]) == (None, None)
    weights.write_bytes(b"second")
    assert "weights.pth holds other weights than those this run began with; delete" in (
        judged(record, run) or ""
    )


@pytest.mark.parametrize(("folder", "seed"), [("../../srresnet_mse/seed12", 12), ("../begun_by_hand", None)])
def test_the_seed_of_the_run_that_a_run_began_with_is_told_by_its_folder(
    record: dict[str, Any], benchmark: Benchmark, tmp_path: Path, folder: str, seed: int | None
) -> None:
    record["provenance"]["start"] = {"run": folder, "weights": "0123"}
    write_json(tmp_path / "run" / "run.json", record)
    assert source_header(Source.parse(SOURCE), tmp_path / "run", benchmark)["start_seed"] == seed


def test_other_weights_of_the_losses_are_noticed(record: dict[str, Any], tmp_path: Path) -> None:
    """The weights count, and not the file that holds them."""
    path = tmp_path / "own.safetensors"
    tensors = {"alpha": torch.arange(3.0)}
    record["provenance"]["pretrained"] = {"own": tensors_hash(tensors)}
    save_file(tensors, path, {"written": "by hand"})
    assert judged(record, weights=path) is None
    save_file({"alpha": torch.arange(4.0)}, path)
    os.utime(path, ns=(0, 0))
    found = judged(record, weights=path) or ""
    assert "holds other weights of own than this run's losses looked with" in found


def test_a_fresh_run_is_not_stale(record: dict[str, Any]) -> None:
    assert judged(record) is None


def test_another_recipe_is_noticed(record: dict[str, Any]) -> None:
    changed = copy.deepcopy(record)
    changed["recipe"]["losses"]["standard_gan"]["weight"] = 0.5
    assert "recipe or the budget has changed" in (judged(changed) or "")


@pytest.mark.parametrize("codes", [["0000000000000000"], ["0000000000000000", code_hash(TRAINING_CODE)]])
def test_other_code_is_noticed_even_if_todays_finished_the_run(
    record: dict[str, Any], codes: list[str]
) -> None:
    record["provenance"]["code"] = codes
    assert "training code has changed" in (judged(record) or "")


def test_a_trained_sources_header_carries_its_deviations(
    record: dict[str, Any], benchmark: Benchmark, tmp_path: Path
) -> None:
    write_json(tmp_path / "run" / "run.json", record)
    header = source_header(Source.parse(SOURCE), tmp_path / "run", benchmark)
    assert (header["budget"], header["seed"], header["stale"]) == ("demo", 3, None)
    assert "training_set: embedded_train instead of ImageNet" in header["deviations"]
    assert header["benchmark_checksum"] == benchmark.index.checksum


def test_baselines_deviate_from_nothing(benchmark: Benchmark) -> None:
    header = source_header(Source.baseline("bicubic"), None, benchmark)
    assert (header["budget"], header["seed"], header["deviations"]) == (None, None, [])


def test_a_trained_source_needs_its_run(benchmark: Benchmark, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs the folder of its finished run"):
        source_header(Source.parse(SOURCE), tmp_path, benchmark)
