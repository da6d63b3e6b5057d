"""Studies name recipes that exist, and their rows are means over seeds."""

import csv
from pathlib import Path

import pytest

from sr.errors import InputError
from sr.files import write_json
from sr.papers.studies import load_studies, load_study
from sr.project import papers
from sr.recipes.recipe import load_recipe
from sr.results.measurement import Results
from sr.results.source import group_sources, parse_sources
from sr.verdicts.studies import write_study
from tests.recipes.synthetic_record import make_record
from tests.results.synthetic_scores import READY, write_score

ALL = [(paper, name) for paper in papers() for name in load_studies(paper)]


@pytest.mark.parametrize(("paper", "name"), ALL)
def test_every_recipe_of_a_study_exists(paper: str, name: str) -> None:
    for recipe in load_study(paper, name).full_recipes(paper):
        assert load_recipe(recipe).title


def test_an_unknown_study_is_refused() -> None:
    with pytest.raises(InputError, match="'fig9' is not a study of srgan; did you mean 'fig"):
        load_study("srgan", "fig9")


def test_rows_are_means_over_seeds(tmp_path: Path) -> None:
    sources = [f"trained/demo/photos/srgan/srresnet_mse/seed{seed}" for seed in (0, 1)]
    for source, psnr in zip(sources, (20.0, 23.0), strict=True):
        write_score(tmp_path / "scores", source, "Set5", {"PSNR": [psnr, psnr + 2]})
        parameters = {"generator": 7, "discriminator": None}
        record = make_record("srgan/srresnet_mse", parameters=parameters, seconds=psnr)
        write_json(tmp_path / "runs" / source.removeprefix("trained/") / "run.json", record)
    output = tmp_path / "fig7.csv"
    obstacles = {"srgan/srresnet_vgg22": "VGG19 is not at hand"}
    states = {"Set5": READY, "Set14": READY}
    results = Results(tmp_path / "scores", group_sources(parse_sources(sources)), states, obstacles)
    assert write_study("srgan", "fig7", results, tmp_path, output) == 1
    comment, missing, *table = output.read_text().splitlines()
    assert missing == "# srgan/srresnet_vgg22: not trained, VGG19 is not at hand"
    assert comment.startswith("# depth and skip connection (Fig. 7, A.1).")
    (row,) = csv.DictReader(table)
    assert (row["recipe"], row["metric"], float(row["value"])) == ("srgan/srresnet_mse", "PSNR", 22.5)
    assert (row["seeds"], row["parameters"], float(row["seconds"])) == ("0 1", "7", 21.5)
