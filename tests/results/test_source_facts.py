"""A score says when its run is not what today's recipe and code would make."""

import copy
from pathlib import Path
from typing import Any

import pytest

from sr.data.benchmarks import Benchmark, prepare
from sr.errors import InputError
from sr.files import write_json
from sr.images import write_png
from sr.provenance import TRAINING_CODE, code_hash
from sr.recipes.budget import apply, load_budget
from sr.recipes.recipe import load_recipe
from sr.recipes.run_record import RunRecord
from sr.results.source import Source
from sr.results.source_facts import source_header, stale
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


def test_a_fresh_run_is_not_stale(record: dict[str, Any]) -> None:
    assert stale(RunRecord.model_validate(record)) is None


def test_another_recipe_is_noticed(record: dict[str, Any]) -> None:
    changed = copy.deepcopy(record)
    changed["recipe"]["losses"]["standard_gan"]["weight"] = 0.5
    assert "recipe or the budget has changed" in (stale(RunRecord.model_validate(changed)) or "")


@pytest.mark.parametrize("codes", [["0000000000000000"], ["0000000000000000", code_hash(TRAINING_CODE)]])
def test_other_code_is_noticed_even_if_todays_finished_the_run(
    record: dict[str, Any], codes: list[str]
) -> None:
    record["provenance"]["code"] = codes
    assert "training code has changed" in (stale(RunRecord.model_validate(record)) or "")


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
