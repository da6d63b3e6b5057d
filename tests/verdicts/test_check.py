"""The check fails on planted numbers, forged verdicts and too few comparisons; references notice drift."""

import csv
import json

import pytest
from typer.testing import CliRunner

from sr.cli.tables import app
from sr.errors import InputError
from sr.pages.table import write_table
from sr.papers.tables import Layouts, load_layouts
from sr.verdicts import check as check_module
from tests.recipes.synthetic_record import make_record
from tests.replications.totals import of_all
from tests.results.synthetic_scores import make_run, write_bicubic, write_score

DEMO = "trained/demo/embedded_train/srgan/srresnet_mse/seed0"


def make_tables(folder, psnr=None, demo=28.0):
    write_bicubic(folder / "scores", **({"Set5": psnr} if psnr else {}))
    write_score(folder / "scores", DEMO, "Set5", {"PSNR": [demo]}, deviations=["2 blocks instead of 16"])
    run = make_run(folder / "scores", "baseline/bicubic", DEMO)
    write_table("srgan", "table2", run, folder / "tables" / "table2_srgan.csv")
    return folder / "tables"


def sr(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_passes_when_six_calibration_cells_match(tmp_path):
    result = sr("check", "--tables", make_tables(tmp_path), "--require", 6)
    assert result.exit_code == 0, result.output
    assert "6 match" in result.output
    assert "0 differs" in result.output


def test_a_planted_wrong_score_fails(tmp_path):
    result = sr("check", "--tables", make_tables(tmp_path, psnr=28.5))
    assert result.exit_code == 1
    assert "measured 28.5000, printed 28.43, off by +0.0700" in result.output


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("28.43,28.416000", "28.43,29.416000"),  # another measured number under the verdict match
        ("28.43,28.416000", "28.42,28.416000"),  # another printed number
        ("not comparable,trained at", "match,trained at"),  # a demo number declared a match
    ],
)
def test_a_table_that_was_edited_fails(tmp_path, old, new):
    tables = make_tables(tmp_path)
    path = tables / "table2_srgan.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert sr("check", "--tables", tables).exit_code == 1


def test_require_cannot_be_met_by_comparing_little(tmp_path):
    result = sr("check", "--tables", make_tables(tmp_path), "--require", 7)
    assert result.exit_code == 1
    assert "6 cells were comparable, at least 7 are required" in result.output


def test_no_tables_is_an_error(tmp_path):
    result = sr("check", "--tables", tmp_path)
    assert isinstance(result.exception, InputError)


def declare_finding(monkeypatch, comes_out):
    content = load_layouts("srgan").model_dump()
    finding = {
        "dataset": "Set5",
        "method": "bicubic",
        "metric": "PSNR",
        "comes_out": comes_out,
        "reason": "misprint",
    }
    content["tables"]["table2"]["known_findings"] = [finding]
    monkeypatch.setattr(check_module, "load_layouts", lambda _: Layouts.model_validate(content))


def test_a_known_finding_is_reported_and_does_not_fail(tmp_path, monkeypatch):
    declare_finding(monkeypatch, comes_out=28.5)
    result = sr("check", "--tables", make_tables(tmp_path, psnr=28.5))
    assert result.exit_code == 0
    assert "known finding: srgan table2, Set5, bicubic, PSNR" in result.output


def test_a_finding_excuses_no_other_number(tmp_path, monkeypatch):
    declare_finding(monkeypatch, comes_out=28.5)
    assert sr("check", "--tables", make_tables(tmp_path, psnr=29.0)).exit_code == 1


def store(tmp_path):
    return sr(
        "reference", "update", "--tables", make_tables(tmp_path), "--output", tmp_path / "reference" / "demo"
    )


def test_a_reference_is_never_overwritten_silently(tmp_path):
    assert store(tmp_path).exit_code == 0
    assert isinstance(store(tmp_path).exception, InputError)
    arguments = ("--tables", tmp_path / "tables", "--output", tmp_path / "reference" / "demo", "--force")
    assert sr("reference", "update", *arguments).exit_code == 0
    provenance = json.loads((tmp_path / "reference" / "demo" / "provenance.json").read_text())
    assert {"date", "code", "environment", "tables"} <= provenance.keys()
    assert "torch" in provenance["environment"]


def test_a_reference_can_hold_what_trainings_reached(tmp_path):
    run = tmp_path / "runs" / "demo" / "noise" / "srgan" / "srgan_mse" / "seed0"
    run.mkdir(parents=True)
    record = make_record("srgan/srgan_mse", training_set="noise")
    record["validation"] |= {"psnr": 28.1, "start_psnr": 28.9, "lpips": 0.25, "start_lpips": 0.3}
    record["recipe"]["start"] = "srgan/srresnet_mse"
    (run / "run.json").write_text(json.dumps(record))
    (run / "curve.csv").write_text("step,seconds\n")
    output = tmp_path / "reference" / "demo"
    more = ("--runs", tmp_path / "runs", "--scores", tmp_path / "scores")
    tables = make_tables(tmp_path)
    (tmp_path / "scores").mkdir(exist_ok=True)
    (tables / "claims.csv").write_text("paper,claim\n")
    assert sr("reference", "update", "--tables", tables, "--output", output, *more).exit_code == 0
    head, line = (output / "trainings.csv").read_text().splitlines()
    told = dict(zip(head.split(","), line.split(","), strict=True))
    assert (told["recipe"], told["start"]) == ("srgan/srgan_mse", "srgan/srresnet_mse")
    for metric, values in {"psnr": "28.9000 28.1000 28.5000", "lpips": "0.3000 0.2500 0.3500"}.items():
        assert [told[f"{metric}_{when}"] for when in ("before", "after", "bicubic")] == values.split()
    curve = output / "curves" / run.relative_to(tmp_path / "runs").with_suffix(".csv")
    assert curve.read_text() == "step,seconds\n"
    assert (output / "scores").is_dir()
    assert (output / "claims.csv").read_text() == "paper,claim\n"


def check_against_reference(tmp_path):
    return sr("check", "--tables", tmp_path / "tables", "--reference", tmp_path / "reference")


def test_drift_of_a_baseline_within_the_papers_tolerance_still_fails(tmp_path):
    store(tmp_path)
    assert "references: 7 numbers compared" in check_against_reference(tmp_path).output
    make_tables(tmp_path, psnr=28.418)
    result = check_against_reference(tmp_path)
    assert result.exit_code == 1
    assert "drift of srgan table2, Set5, bicubic, PSNR" in result.output


def test_drift_of_a_training_is_reported_only(tmp_path):
    store(tmp_path)
    make_tables(tmp_path, demo=27.0)
    result = check_against_reference(tmp_path)
    assert result.exit_code == 0
    assert "drift (reported only)" in result.output


def test_a_reference_of_another_budget_is_skipped_in_one_line(tmp_path):
    store(tmp_path)
    table = tmp_path / "reference" / "demo" / "table2_srgan.csv"
    with table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["budget"] = row["budget"] and "cpu"
    trained = sum(bool(row["measured"] and row["budget"]) for row in rows)
    assert trained
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    result = check_against_reference(tmp_path)
    assert (
        f"skipped {trained}: demo: the same table of this run has nothing of the budget 'cpu'"
        in result.output
    )


def test_a_reference_on_other_images_is_skipped_with_the_reason(tmp_path):
    store(tmp_path)
    path = tmp_path / "reference" / "demo" / "provenance.json"
    path.write_text(path.read_text().replace("pixels of Set5", "other pixels"))
    result = check_against_reference(tmp_path)
    assert result.exit_code == 0
    assert "skipped 3: demo: the images of Set5 are others than the reference's" in result.output


def test_verdicts_lists_every_printed_number(tmp_path):
    result = sr("verdicts", "--tables", make_tables(tmp_path), "--output", tmp_path / "verdicts.csv")
    assert result.exit_code == 0
    assert f"{of_all().printed_numbers} printed numbers" in result.output


def test_table_command_writes_five_files(tmp_path):
    write_bicubic(tmp_path / "scores")
    states = {"Set5": {"status": "ready"}, "Set14": {"status": "not run", "reason": "not selected"}}
    (tmp_path / "benchmarks.json").write_text(json.dumps(states))
    output = tmp_path / "tables" / "table2_srgan.csv"
    arguments = (
        "--scores",
        tmp_path / "scores",
        "--benchmarks",
        tmp_path / "benchmarks.json",
        "--output",
        output,
    )
    result = sr("table", "srgan", "table2", *arguments, "--source", "baseline/bicubic")
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in output.parent.iterdir()} == {".csv", ".json", ".md", ".html", ".tex"}
    assert "2 match" in result.output


def test_a_reference_that_is_not_there_is_an_error_and_one_alone_is_compared(tmp_path):
    tables = make_tables(tmp_path)
    missing = sr("check", "--tables", tables, "--reference", tmp_path / "typo")
    assert isinstance(missing.exception, InputError)
    assert store(tmp_path).exit_code == 0
    alone = sr("check", "--tables", tables, "--reference", tmp_path / "reference" / "demo")
    below = sr("check", "--tables", tables, "--reference", tmp_path / "reference")
    assert alone.exit_code == below.exit_code == 0
    assert alone.output == below.output
