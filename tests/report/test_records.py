"""Lists that others wrote as CSV: what the page is told of them, and how a damaged one is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from sr.errors import InputError
from sr.report.records import load_records
from sr.verdicts.studies import write_study
from tests.results.synthetic_scores import make_run

SCORED = "trained/demo/photos/srgan/srresnet_mse/seed0"


def test_a_study_names_every_recipe_that_can_not_be_trained(tmp_path: Path) -> None:
    """As `sr study` writes it: a line for what it is, and one for each obstacle."""
    obstacles = {"srgan/blocks8": "no GPU.", "srgan/blocks24": "no time"}
    results = replace(make_run(tmp_path / "scores", SCORED), obstacles=obstacles)
    write_study("srgan", "fig7", results, tmp_path, tmp_path / "fig7.csv")
    found = load_records(tmp_path / "fig7.csv", needed=("recipe", "seconds"))
    assert found.remark.startswith("depth and skip connection (Fig. 7, A.1).")
    assert found.remark.endswith("srgan/blocks8: not trained, no GPU. srgan/blocks24: not trained, no time.")
    assert found.columns[:2] == ("recipe", "title")
    assert found.rows == ()


def test_only_lines_above_the_heading_are_a_remark(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,value\n# one,1\n")
    found = load_records(path)
    assert (found.remark, found.rows) == ("", ({"name": "# one", "value": "1"},))


@pytest.mark.parametrize(
    ("text", "message"), [("# only\n# remarks\n", "no column name"), ("# one\nname,value\na\n", "cells")]
)
def test_a_damaged_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_records(path, needed=("name",))
