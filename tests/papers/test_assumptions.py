"""What papers leave open is printed where people look: READMEs, and `sr show`."""

import importlib.util
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sr.cli import app
from sr.papers.assumptions import open_questions
from sr.project import paper_folder, papers, root
from sr.recipes.recipe import load_recipe, load_recipes


def test_a_question_is_asked_once_and_names_its_recipes() -> None:
    found = {question.name: question for question in open_questions("ldl")}
    assert found["sampling"].whose == "all recipes"
    assert found["grey_images"].whose == "protocol"
    assert found["tested"].recipes == ("srresnet_ldl", "swinir_gan", "swinir_ldl")
    carrying = {name for name, recipe in load_recipes("ldl").items() if "residual" in recipe.assumptions}
    assert set(found["residual"].recipes) == carrying
    assert "rrdb_ldl_signed" not in carrying  # it follows the other reading


@pytest.mark.parametrize("paper", papers())
def test_a_readme_prints_todays_assumptions(paper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root() / "docs"))
    path = root() / "docs" / "make_assumptions.py"
    spec = importlib.util.spec_from_file_location("make_assumptions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme: Path = paper_folder(paper) / "README.md"
    assert module.BEGIN in readme.read_text()
    assert module.with_assumptions(readme, paper) == readme.read_text(), "run python docs/make_assumptions.py"
    sys.modules.pop("markdown_table", None)


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_show_prints_settings_sources_parent_deviations_and_assumptions() -> None:
    text = shown("show", "ldl/rrdb_ldl_df2k", "--budget", "demo")
    assert "│ losses.artifact.window │ 7 │ Eq. 3 │" in text  # inherited, as is its source
    assert "Table 2, #5" in text
    assert "ldl/rrdb_refined_map" in text
    assert "schedule.iterations: 60 instead of 300000" in text
    for name, assumption in load_recipe("ldl/rrdb_ldl_df2k").assumptions.items():
        assert f"{name}: {' '.join(assumption.chosen.split())}" in text


def test_protocols_print_their_assumptions_and_variants() -> None:
    text = shown("protocols")
    assert "luma is rounded to whole numbers" in text
    assert "srgan-unrounded: y_rounded no" in text
