"""The command line as people meet it: groups, names, and the commands that list and compare."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sr import __version__
from sr.cli import app
from sr.errors import InputError
from sr.project import papers
from sr.recipes.recipe import load_recipes
from tests.recipes.synthetic_record import make_record


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def test_help_says_first_what_people_do() -> None:
    found = run("--help")
    places = [
        found.index(f"─ {panel} ─")
        for panel in ("Use", "Measure", "Train", "Replicate", "The workflow's own")
    ]
    assert places == sorted(places)
    assert "─ Commands ─" not in found  # every command has a group
    use, own = found[: places[1]], found[places[4] :]
    assert "upscale" in use
    assert all(name in own for name in ("reconstruct", "image-figures", "verdicts"))


def test_the_version_is_shown() -> None:
    assert f"sr {__version__}" in run("--version")


def test_every_recipe_is_listed() -> None:
    found = run("recipes")
    for paper in papers():
        assert all(f"{paper}/{name}"[:20] in found for name in load_recipes(paper))
    alone = run("recipes", "gmgan")
    assert "gmgan/gmgan" in alone
    assert "srgan/" not in alone
    with pytest.raises(InputError, match="did you mean 'srgan'"):
        CliRunner().invoke(app, ["recipes", "srgam"], catch_exceptions=False)


def test_two_runs_are_compared_by_what_differs(tmp_path: Path) -> None:
    for name, seed, psnr in (("a", 0, 28.0), ("b", 1, 29.5)):
        (tmp_path / name).mkdir()
        record = make_record(seed=seed)
        record["validation"]["psnr"] = psnr
        (tmp_path / name / "run.json").write_text(json.dumps(record))
    found = run("compare", tmp_path / "a", tmp_path / "b")
    rows = [[cell.strip() for cell in line.split("│")] for line in found.splitlines() if "│" in line]
    cells = {row[1]: row[2:4] for row in rows if row[1]}
    assert cells["seed"] == ["0", "1"]
    assert cells["validation.psnr"] == ["28", "29.5"]
    assert "recipe_name" not in cells


def test_status_names_what_waits(tmp_path: Path) -> None:
    found = run("status", "--results", tmp_path, "--budget", "demo")
    assert "0 finished, 0 running" in found
    assert "of the budget demo wait" in found
    assert "srgan/srresnet_mse/seed0" in found
