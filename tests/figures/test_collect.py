"""The list of a paper's figures: what was made, what is missing, and that nothing old stays."""

import json
from pathlib import Path

import pandas as pd
import pytest

from sr.figures.collect import comparison_figures
from sr.figures.figure import Missing, draw_figures
from sr.figures.own import own_figures
from sr.figures.paper_results import PaperResults
from sr.papers.figures import interpolation_under, load_number_figures
from sr.papers.studies import load_study
from sr.papers.tables import load_layouts
from sr.project import papers
from sr.recipes.recipe import load_recipe
from sr.results.source import parse_sources
from tests.figures.synthetic_results import write_seeds


def make(output: Path) -> None:
    output.write_text("drawn")


def refuse(_output: Path) -> None:
    raise Missing("no runs.")


def test_the_index_says_what_is_missing_and_an_old_figure_goes(tmp_path: Path) -> None:
    for suffix in ("png", "svg", "csv", "json"):
        (tmp_path / f"old.{suffix}").write_text("of an earlier run")
    index = tmp_path / "numbers.json"
    draw_figures({"new": make, "old": refuse}, index)
    said = {"made": ["new"], "missing": {"old": "no runs."}}
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


@pytest.mark.parametrize("paper", papers())
def test_a_study_is_drawn_as_its_kind_says(paper: str) -> None:
    own = own_figures(paper, "numbers")
    for name, study in load_number_figures(paper).studies.items():
        assert (study.kind == "own") == (name in own)


def test_a_study_that_was_not_trained_says_why(tmp_path: Path) -> None:
    obstacles = {"ldl/rrdb_gan": "no training set"}
    results = PaperResults("ldl", (), ("DIV2K",), obstacles, tmp_path)
    figures = {"stability": own_figures("ldl")["stability"].of(results)}
    reason = str(draw_figures(figures, tmp_path / "numbers.json")["stability"])
    assert "not trained and scored: ldl/rrdb_refined_map; `snakemake studies`" in reason
    assert "ldl/rrdb_gan: no training set" in reason


def test_the_plane_across_methods_has_every_scored_one(tmp_path: Path) -> None:
    sources = ["trained/short/DF2K/esrgan/esrgan", "trained/short/DF2K/gmgan/gmgan"]
    states = {"Set5": {"status": "ready"}, "Set14": {"status": "unavailable", "reason": "Set14 is lost."}}
    (tmp_path / "benchmarks.json").write_text(json.dumps(states))
    for number, source in enumerate(sources):
        write_seeds(tmp_path, "ldl", source, "Set5", [{"PSNR": 25.0 + number, "LPIPS": 0.1}])
    figures = comparison_figures(tmp_path, parse_sources(f"{source}/seed0" for source in sources), [])
    outcome = draw_figures(figures, tmp_path / "figures" / "numbers.json")
    assert outcome["perception_distortion_Set5"] is None
    assert outcome["perception_distortion_Set14"] == "Set14 is lost."
    table = pd.read_csv(tmp_path / "figures" / "perception_distortion_Set5.csv")
    assert table[["method", "x", "y"]].to_numpy().tolist() == [["ESRGAN", 25.0, 0.1], ["GMGAN", 26.0, 0.1]]


def test_ldl_has_esrgans_interpolation() -> None:
    found = interpolation_under("ldl")
    assert found is not None
    paper, recipes = found
    assert (paper, recipes.psnr, recipes.gan) == ("esrgan", "esrgan/rrdb_psnr", "esrgan/esrgan")
    assert interpolation_under("srgan") is None
