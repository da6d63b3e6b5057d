"""my/: a user's own recipes, images and weights, laid over what ships and kept out of git."""

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from sr.cli import app
from sr.config import load_yaml
from sr.data.catalogue import catalogue
from sr.errors import InputError
from sr.papers.comparison import comparison_files, load_comparison_layout
from sr.planning.plan import Plan
from sr.project import root
from sr.recipes.recipe import load_recipe, load_recipes
from sr.recipes.sources import parent, sources


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = root()
    for name in ("replications", "workflow"):
        shutil.copytree(here / name, tmp_path / name)
    shutil.copy(here / "Snakefile", tmp_path)
    (tmp_path / "my").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SR_MIRROR", raising=False)
    return tmp_path


def test_a_recipe_of_ones_own_extends_one_that_ships(project: Path) -> None:
    text = "esrgan:\n  mine:\n    extends: esrgan\n    title: Mine\n    losses:\n"
    text += "      relativistic_gan: {weight: 0.02}  # a guess\n"
    (project / "my" / "recipes.yaml").write_text(text)
    mine, shipped = load_recipe("esrgan/mine"), load_recipe("esrgan/esrgan")
    assert mine.losses.relativistic_gan.weight == 0.02
    assert mine.losses.perceptual == shipped.losses.perceptual
    assert "mine" not in load_recipes("srgan")
    assert parent("esrgan/mine") == "esrgan/esrgan"
    told = sources("esrgan/mine")
    assert told["losses.relativistic_gan.weight"] == "a guess"
    assert told["batch"] == sources("esrgan/esrgan")["batch"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("esrgan: {esrgan: {title: x}}", r"my/recipes\.yaml: esrgan has a recipe 'esrgan' already"),
        ("esrgam: {mine: {extends: esrgan}}", "did you mean 'esrgan'"),
        ("esrgan: {mine: {extends: esrgna}}", r"my/recipes\.yaml.*did you mean 'esrgan'"),
        ("esrgan: {mine: {extends: esrgan, bacth: 4}}", r"my/recipes\.yaml: mine: unknown key 'bacth'"),
        ("- mine", "expected a mapping"),
    ],
)
def test_a_fault_is_said_with_the_users_own_file(project: Path, text: str, reason: str) -> None:
    (project / "my" / "recipes.yaml").write_text(text)
    with pytest.raises(InputError, match=reason):
        load_recipes("esrgan")


def test_methods_of_ones_own_are_rows_of_the_comparison_by_one_line(
    project: Path, rrdb: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(load_comparison_layout().methods)
    torch.save({"params": rrdb.state_dict()}, project / "my.pth")
    added = CliRunner().invoke(app, ["assets", "add", "mine", "my.pth"])
    assert added.exit_code == 0, added.output
    assert "mine" in catalogue().assets
    lines = "  My weights: {group: Mine, released: [mine]}\n  My images: {group: Mine, images: my_method}\n"
    (project / "my" / "comparison.yaml").write_text("methods:\n" + lines)
    assert list(load_comparison_layout().methods) == [*before, "My weights", "My images"]
    assert comparison_files()[1] == project / "my" / "comparison.yaml"
    plan = Plan(load_yaml(project / "workflow" / "config.yaml"))
    assert "released/mine" in map(str, plan.shown.compared())
    again = CliRunner().invoke(app, ["assets", "add", "mine", "my.pth"])
    assert again.exit_code == 0, again.output
    monkeypatch.chdir(root())


def test_a_misspelt_method_is_refused_with_the_users_own_file(project: Path) -> None:
    (project / "my" / "comparison.yaml").write_text("methods:\n  Mine: {relased: [esrgan]}\n")
    with pytest.raises(
        InputError, match=r"my/comparison\.yaml: unknown key .*relased.*did you mean 'released'"
    ):
        load_comparison_layout()


def test_without_files_of_ones_own_nothing_changes(project: Path) -> None:
    assert "mine" not in catalogue().assets
    assert comparison_files() == [project / "replications" / "comparison.yaml"]
