"""`sr train` with what people give it: a folder of images, changed settings, a file to begin with."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from sr.cli import app
from sr.cli.train import _packed, _place, _start
from sr.data.packing import PackedSet
from sr.errors import InputError
from sr.images import write_png
from sr.project import root


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, with a folder of images beside it."""
    here = root()
    for name in ("replications", "workflow"):
        shutil.copytree(here / name, tmp_path / "project" / name)
    shutil.copy(here / "Snakefile", tmp_path / "project")
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (48, 52, 3), dtype=np.uint8)
        write_png(tmp_path / "my photos" / f"{number}.png", pixels)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def test_a_folder_of_images_is_packed_once_for_each_state(project: Path) -> None:
    folder = project.parent / "my photos"
    first = _packed("esrgan/rrdb_psnr", "demo", folder, None)
    assert re.fullmatch(r"my_photos_[0-9a-f]{6}", first.name)
    assert PackedSet(first).index.images == 3
    assert _packed("esrgan/rrdb_psnr", "demo", folder, None) == first
    assert _packed("esrgan/rrdb_psnr", "demo", first, None) == first  # packed already
    (folder / "2.png").unlink()
    second = _packed("esrgan/rrdb_psnr", "demo", folder, None)
    assert PackedSet(second).index.images == 2


def test_a_changed_training_never_takes_the_recipes_place(project: Path) -> None:
    plain = _place("esrgan/rrdb_psnr", "demo", "photos", 3, [])
    assert plain == project / "results" / "runs" / "demo" / "photos" / "esrgan" / "rrdb_psnr" / "seed3"
    changed = _place("esrgan/rrdb_psnr", "demo", "photos", 3, ["batch=4"])
    assert changed.is_relative_to(project / "my" / "runs")
    assert changed != _place("esrgan/rrdb_psnr", "demo", "photos", 3, ["batch=5"])


def test_a_missing_start_says_how_to_make_it(project: Path) -> None:
    packed = _packed("esrgan/esrgan", "demo", project.parent / "my photos", None)
    with pytest.raises(InputError, match=r"run `sr train esrgan/rrdb_psnr --budget demo --data .*` first"):
        _start("esrgan/esrgan", "esrgan/rrdb_psnr", "demo", packed, None)


@pytest.mark.usefixtures("project")
def test_a_start_is_looked_for_on_its_own_training_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """ESRGAN is trained on DF2K with OST and begins with a network of DF2K: a second one, of a million
    iterations on the wrong set, is not what is missing.
    """
    sets = {"esrgan/rrdb_psnr": "DF2K", "esrgan/esrgan": "DF2K_OST"}
    monkeypatch.setattr("sr.cli.train._budgets_set", lambda recipe, _budget, _mirror: sets[recipe])
    place = _place("esrgan/rrdb_psnr", "paper", "DF2K", 0, [])
    with pytest.raises(InputError, match=r"on DF2K yet: run `sr train esrgan/rrdb_psnr --budget paper` f"):
        _start("esrgan/esrgan", "esrgan/rrdb_psnr", "paper", None, None)
    place.mkdir(parents=True)
    (place / "run.json").write_text("{}")
    assert _start("esrgan/esrgan", "esrgan/rrdb_psnr", "paper", None, None) == place


def test_sets_of_ones_own_are_packed_and_prepared_by_their_folder(project: Path) -> None:
    folder = str(project.parent / "my photos")
    for command, kind in (("pack", "packed"), ("prepare", "benchmarks")):
        result = CliRunner().invoke(app, [command, folder])
        assert result.exit_code == 0, result.output
        assert "my_photos: 3 images" in result.output
        assert (project / "data" / kind / "my_photos" / "index.json").is_file()


def test_a_set_of_the_catalogue_is_compared_with_all_that_is_prepared(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("skimage")
    monkeypatch.delenv("SR_MIRROR", raising=False)  # of which the demo takes a larger set
    for name in ("embedded", str(project.parent / "my photos")):
        assert CliRunner().invoke(app, ["prepare", name]).exit_code == 0
    packed = _packed("esrgan/rrdb_psnr", "demo", None, None)
    assert packed == project / "data" / "packed" / "embedded_train"
    assert set(PackedSet(packed).index.compared_with) == {"embedded", "my_photos"}
    benchmarks = [str(project / "data" / "benchmarks" / name) for name in ("embedded", "my_photos")]
    assert CliRunner().invoke(app, ["overlap", str(packed), *benchmarks]).exit_code == 0
    # Those that are named, where some are.
    assert CliRunner().invoke(app, ["pack", "embedded_train", "--benchmark", benchmarks[0]]).exit_code == 0
    assert set(PackedSet(packed).index.compared_with) == {"embedded"}
    result = CliRunner().invoke(app, ["overlap", str(packed), *benchmarks])
    assert isinstance(result.exception, InputError)
    assert f"--benchmark {benchmarks[0]} --benchmark {benchmarks[1]}`" in str(result.exception)
    assert CliRunner().invoke(app, ["pack", "embedded_train"]).exit_code == 0
    assert set(PackedSet(packed).index.compared_with) == {"embedded", "my_photos"}


def test_a_recipe_that_is_set_to_begin_from_scratch_needs_no_start(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    def note(run: Any, _assets: Any) -> dict[str, Any]:
        made.append(run)
        raise InputError("far enough")

    monkeypatch.setattr("sr.training.run.train", note)
    folder = str(project.parent / "my photos")
    command = ["train", "esrgan/esrgan", "--budget", "demo", "--data", folder, "--set", "start=null"]
    result = CliRunner().invoke(app, command)
    assert str(result.exception) == "far enough", result.output
    assert made[0].start is None
    # Settings are laid over what the budget makes of a recipe, whose warm-up is longer at full length.
    few = ["--set", "start=null", "--set", "schedule.iterations=1000"]
    result = CliRunner().invoke(app, ["train", "beby/bebygan", "--budget", "demo", "--data", folder, *few])
    assert str(result.exception) == "far enough", result.output
