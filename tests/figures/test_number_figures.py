"""The list of a paper's figures: what was made, what is missing, and that nothing old stays."""

import json
from pathlib import Path

import pytest

from sr.figures.material import Missing
from sr.figures.number_figures import draw_figures, left_to_studies, study_figures
from sr.figures.number_settings import interpolation_under, load_number_figures
from sr.project import papers
from sr.replication.layout import load_layouts
from sr.replication.studies import load_study
from sr.training.recipe import load_recipe


def make(output: Path) -> None:
    output.write_text("drawn")


def refuse(_output: Path) -> None:
    raise Missing("no runs.")


def test_the_index_says_what_is_missing_and_an_old_figure_goes(tmp_path: Path) -> None:
    for suffix in ("png", "svg", "csv", "json"):
        (tmp_path / f"old.{suffix}").write_text("of an earlier run")
    index = tmp_path / "numbers.json"
    draw_figures({"new": make, "old": refuse}, {"later": "on demand."}, index)
    said = {"made": ["new"], "missing": {"old": "no runs.", "later": "on demand."}}
    assert json.loads(index.read_text()) == said
    assert {path.name for path in tmp_path.iterdir()} == {"new.png", "numbers.json"}


@pytest.mark.parametrize("paper", papers())
def test_settings_name_tables_studies_and_recipes_that_exist(paper: str) -> None:
    settings = load_number_figures(paper)
    for item in (*settings.ablations, *([settings.plane] if settings.plane else [])):
        assert load_layouts(paper).table(paper, item).methods
    for name in settings.studies:
        assert load_study(paper, name).recipes
    if settings.interpolation:
        for recipe in (settings.interpolation.psnr, settings.interpolation.gan):
            assert load_recipe(recipe).title


def test_a_study_that_can_not_be_trained_says_why(tmp_path: Path) -> None:
    obstacles = {"srgan/depth_8": "its training set is not at hand."}
    figures = study_figures("srgan", tmp_path, [], ["BSD100"], obstacles)
    outcome = draw_figures(figures, {}, tmp_path / "studies.json")
    assert outcome == {"fig7": "its recipes can not be trained here: its training set is not at hand."}
    assert left_to_studies("srgan").keys() == outcome.keys()


def test_ldl_has_esrgans_interpolation() -> None:
    found = interpolation_under("ldl")
    assert found is not None
    assert (found.psnr, found.gan) == ("esrgan/rrdb_psnr", "esrgan/esrgan")
    assert interpolation_under("srgan") is None
