import json

import numpy as np
import pandas as pd
import pytest
import torch
import typer
from typer.testing import CliRunner

from sr.cli import score as commands
from sr.cli import show
from sr.degradation import downscale, upscale
from sr.errors import InputError
from sr.images import read_image, write_png
from sr.project import papers
from sr.weights.released import released

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
    line = next(line for line in result.output.splitlines() if "FID is unavailable" in line)
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


def test_folders_of_one_name_are_told_apart(folders):
    """The layout of images that others made: METHOD/BENCHMARK."""
    for path in (folders / "hr").iterdir():
        for place in ("a/Set5", "b/Set5"):
            write_png(folders / place / path.name, read_image(path) + 20)
    places = (folders / "a" / "Set5", folders / "b" / "Set5", folders / "hr")
    result = run("score", *places, "--protocol", "srgan", "--output", folders / "scores.csv")
    assert result.exit_code == 0, result.output
    assert (folders / "scores_a_Set5.csv").is_file()
    assert (folders / "scores_b_Set5.csv").is_file()
    twice = run("score", folders / "a" / "Set5", folders / "a" / "Set5", folders / "hr")
    assert "given twice" in str(twice.exception)


def test_two_files_under_all_protocols(folders):
    """A step of 10 is 10 in RGB, and 219/255 of it on the unrounded Y."""
    result = run("score", folders / "sr" / "one.png", folders / "hr" / "two.png", "--metrics", "PSNR")
    assert result.exit_code == 0, result.output
    assert all(f"as {paper}" in result.output for paper in papers())
    pair = (folders / "sr" / "one.png", folders / "hr" / "one.png")
    for options, expected in (
        (("--protocol", "gmgan"), 20 * np.log10(255 / 10 * 255 / 219)),
        (("--protocol", "gmgan", "--channel", "RGB"), 20 * np.log10(255 / 10)),
    ):
        result = run("score", *pair, "--metrics", "PSNR", *options)
        row = next(line for line in result.output.splitlines() if "PSNR" in line)
        assert f"{expected:.2f}" in row


def test_the_border_by_option_is_cut_and_recorded(folders):
    """A frame of 6 pixels is wrong by 50; inside of it nothing is."""
    whole = read_image(folders / "hr" / "one.png")
    framed = whole + 50
    framed[6:-6, 6:-6] = whole[6:-6, 6:-6]
    write_png(folders / "framed.png", framed)
    pair = (folders / "framed.png", folders / "hr" / "one.png")
    options = ("--protocol", "ldl", "--metrics", "PSNR", "--output", folders / "s.csv")
    for border, infinite in ((6, True), (5, False)):
        result = run("score", *pair, *options, "--border", border)
        assert result.exit_code == 0, result.output
        assert ("inf" in result.output) == infinite
    assert json.loads((folders / "s.json").read_text())["deviations"] == ["border 5, by option"]


def test_a_method_by_name_stands_beside_images(folders):
    """Bicubic by name scores as its images do, which are made here by another way."""
    for path in (folders / "hr").iterdir():
        write_png(folders / "made" / path.name, upscale(downscale(read_image(path), 4), 4))
    options = ("--protocol", "srgan", "--metrics", "PSNR,SSIM", "--output", folders / "s.csv")
    result = run("score", "bicubic", folders / "made", folders / "hr", *options)
    assert result.exit_code == 0, result.output
    found = [json.loads(path.read_text())["set_values"] for path in sorted(folders.glob("s_*.json"))]
    assert len(found) == 2
    assert found[0] == found[1]
    one = run("score", "bicubic", folders / "hr" / "one.png", "--protocol", "srgan", "--metrics", "PSNR")
    assert one.exit_code == 0, one.output
    assert "bicubic: 1 image" in one.output


def test_weights_by_name_are_those_of_the_mirror_that_is_given(folders, monkeypatch):
    """No environment names it; the file there, given by its path, scores the same."""
    monkeypatch.chdir(folders)
    monkeypatch.delenv("SR_MIRROR", raising=False)
    weights = folders / "mirror" / "released" / "MSRGANx4.pth"
    weights.parent.mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(released("mmsr_msrgan").network.build().state_dict(), weights)
    options = ("--protocol", "srgan", "--metrics", "PSNR", "--output", folders / "s.csv")
    result = run("score", "mmsr_msrgan", weights, folders / "hr", *options, "--mirror", folders / "mirror")
    assert result.exit_code == 0, result.exception
    found = [json.loads(path.read_text())["set_values"] for path in sorted(folders.glob("s_*.json"))]
    assert len(found) == 2
    assert found[0] == found[1]


@pytest.mark.parametrize("end", ["_x4", "x4", ""])
def test_what_upscale_writes_is_paired(folders, end):
    for path in (folders / "hr").iterdir():
        write_png(folders / "mine" / f"{path.stem}{end}.png", read_image(path) + 5)
        write_png(folders / "mine" / f"{path.stem}{end}_compare.png", read_image(path))
    (folders / "mine" / "upscale.json").write_text("{}")
    for name in ("._a.png", ".DS_Store", ".part-0123-x.png"):
        (folders / "mine" / name).write_bytes(b"no image")
    result = run("score", folders / "mine", folders / "hr", "--protocol", "srgan", "--metrics", "PSNR")
    assert result.exit_code == 0, result.output
    assert "2 images" in result.output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "give reconstructions and originals"),
        (("hr",), "give reconstructions"),
        (("absent", "hr"), "no such"),
        (("hr/one.png", "hr"), "two files or two folders"),
    ],
)
def test_what_can_not_be_scored_is_said(folders, arguments, reason):
    result = run("score", *(folders / one for one in arguments))
    assert isinstance(result.exception, InputError)
    assert reason in str(result.exception)
