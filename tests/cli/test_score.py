import json

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from sr.cli import score as commands
from sr.cli import show
from sr.errors import InputError
from sr.images import read_image, write_png
from sr.project import papers

app = typer.Typer()
app.command()(commands.score)
app.command()(show.protocols)


@pytest.fixture
def folders(tmp_path):
    generator = np.random.default_rng(0)
    for name in ("one", "two"):
        hr = generator.integers(0, 200, (40, 44, 3), dtype=np.uint8)
        write_png(tmp_path / "hr" / f"{name}.png", hr)
        write_png(tmp_path / "sr" / f"{name}.png", hr + 10)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def test_scores_are_printed_and_written(folders):
    output = folders / "out" / "scores.csv"
    result = run(
        "score", "--sr", folders / "sr", "--hr", folders / "hr", "--protocol", "srgan", "--output", output
    )
    assert result.exit_code == 0, result.output
    # A step of 10 in R, G and B is 10 x 219/255 = 8.6 in Y, rounded to 8 or 9.
    table = pd.read_csv(output)
    assert table["PSNR"].between(20 * np.log10(255 / 9), 20 * np.log10(255 / 8)).all()
    summary = json.loads(output.with_suffix(".json").read_text())
    assert summary["protocol"] == "srgan"
    assert summary["images"] == 2
    assert f"{summary['set_values']['SSIM']:.4f}" in result.output


def test_an_unavailable_metric_is_printed_with_its_reason(folders, monkeypatch):
    monkeypatch.chdir(folders)
    monkeypatch.delenv("SR_MIRROR", raising=False)
    result = run(
        "score", "--sr", folders / "sr", "--hr", folders / "hr", "--protocol", "ldl", "--metrics", "PSNR,FID",
        "--mirror", folders,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    line = next(line for line in result.output.splitlines() if "FID" in line)
    assert "unavailable" in line
    assert "inception" in line


def test_an_output_that_is_no_table_is_refused(folders):
    result = run(
        "score", "--sr", folders / "sr", "--hr", folders / "hr", "--protocol", "srgan",
        "--output", folders / "x.txt",
    )  # fmt: skip
    assert isinstance(result.exception, InputError)
    assert "must end in .csv" in str(result.exception)


def test_protocols_stand_side_by_side():
    result = run("protocols")
    assert result.exit_code == 0, result.output
    heading = next(line for line in result.output.splitlines() if "srgan" in line)
    assert all(paper in heading for paper in ("beby", "esrgan", "gmgan", "ldl"))
    row = next(line for line in result.output.splitlines() if "ssim" in line)
    assert row.count("daala") == 1
    assert row.count("wang") == len(papers()) - 1
    assert "srgan border: sec. 3.1" in result.output


def test_several_folders_are_scored_side_by_side(folders):
    pixels = {path.name: read_image(path) for path in (folders / "hr").iterdir()}
    for name, image in pixels.items():
        write_png(folders / "worse" / name, image + 40)
    output = folders / "scores.csv"
    places = ("--sr", folders / "sr", "--sr", folders / "worse", "--hr", folders / "hr")
    result = run("score", *places, "--protocol", "srgan", "--output", output)
    assert result.exit_code == 0, result.output
    better, worse = (pd.read_csv(folders / f"scores_{name}.csv")["PSNR"] for name in ("sr", "worse"))
    assert (better > worse + 10).all()


def test_folders_of_one_name_are_refused(folders):
    places = ("--sr", folders / "sr", "--sr", folders / "other" / "sr", "--hr", folders / "hr")
    result = run("score", *places, "--protocol", "srgan")
    assert isinstance(result.exception, InputError)
    assert "same name" in str(result.exception)
