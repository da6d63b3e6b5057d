"""What authors list outside their paper stands in a table, is judged, and is counted as no printed number."""

import pytest
from typer.testing import CliRunner

from sr.cli.tables import app
from sr.config import load_yaml, validate
from sr.errors import InputError
from sr.pages.table import write_table
from sr.papers.published import load_published
from sr.papers.tables import Layouts, load_layouts
from sr.papers.third_party import CONVENTIONS, listed_cells, load_reported
from sr.project import paper_folder, papers
from sr.report.findings import checked
from sr.scoring.protocol import load_protocol
from sr.verdicts.check import check_rows
from sr.verdicts.rows import Verdict, read_rows
from tests.replications.totals import of_all
from tests.results.synthetic_scores import make_run, write_bicubic, write_score

WEIGHTS = "released/rrdb_psnr"
TRAINED = "trained/paper/DF2K_OST/esrgan/rrdb_psnr/seed0"
SET5 = {"PSNR": [31.7, 33.7], "SSIM": [0.89, 0.91], "PI": [5.0, 6.0]}


@pytest.fixture
def tables(tmp_path):
    """rrdb_esrgan.csv of the authors' weights and a full training, both at 32.70 dB on Set5."""
    for source in (WEIGHTS, TRAINED):
        write_score(tmp_path / "scores", source, "Set5", SET5, protocol="esrgan")
    run = make_run(tmp_path / "scores", WEIGHTS, TRAINED)
    write_table("esrgan", "rrdb", run, tmp_path / "tables" / "rrdb_esrgan.csv")
    return tmp_path / "tables"


@pytest.fixture
def rows(tables):
    return read_rows(tables / "rrdb_esrgan.csv")


def test_the_numbers_are_the_authors_own() -> None:
    cells = listed_cells("esrgan", "rrdb", load_layouts("esrgan").tables["rrdb"])
    assert {(cell.dataset, cell.metric): cell.printed for cell in cells} == {
        ("Set5", "PSNR"): "32.73",
        ("Set5", "SSIM"): "0.9011",
        ("Set14", "PSNR"): "28.99",
        ("Set14", "SSIM"): "0.7917",
        ("BSD100", "PSNR"): "27.85",
        ("BSD100", "SSIM"): "0.7455",
        ("Urban100", "PSNR"): "27.03",
        ("Urban100", "SSIM"): "0.8153",
        ("Manga109", "PSNR"): "31.66",
        ("Manga109", "SSIM"): "0.9196",
    }


def test_tables_that_a_paper_prints_hold_no_listed_numbers() -> None:
    for paper in papers():
        for item, table in load_layouts(paper).tables.items():
            assert not listed_cells(paper, item, table) or (paper, item) == ("esrgan", "rrdb")


def test_listed_numbers_were_measured_by_the_papers_protocol() -> None:
    protocol = load_protocol("esrgan")
    for entry in load_reported():
        if (entry.source, entry.model) == ("ESRGAN", "RRDB_PSNR_x4"):
            assert CONVENTIONS[entry.convention] == (protocol.channel, protocol.border)
            assert protocol.ssim == "wang"


def test_they_are_held_against_the_released_weights_alone(rows) -> None:
    found = {
        row.source: row for row in rows if (row.dataset, row.metric, row.method) == ("Set5", "PSNR", "RRDB")
    }
    assert (found[WEIGHTS].published, found[WEIGHTS].listed) == ("", "32.73")
    assert found[WEIGHTS].verdict is Verdict.MATCH
    assert found[WEIGHTS].difference == pytest.approx(-0.03)
    trained = found[TRAINED.removesuffix("/seed0")]
    assert trained.verdict is Verdict.NOT_COMPARABLE
    assert "released weights" in trained.note


def test_what_nobody_lists_is_measured_beside_them(rows) -> None:
    measured = [row for row in rows if row.metric == "PI" and row.measured is not None]
    assert {row.source for row in measured} == {WEIGHTS, TRAINED.removesuffix("/seed0")}
    assert all(row.published == "" and row.verdict is Verdict.NOT_COMPARABLE for row in measured)


def test_the_caption_says_whose_numbers_they_are(tables) -> None:
    assert "the number that ESRGAN lists outside the paper" in (tables / "rrdb_esrgan.md").read_text()


def test_the_check_knows_them_and_notices_a_changed_one(rows) -> None:
    assert not check_rows(rows).contradictions
    changed = [row for row in rows if row.listed == "32.73"]
    forged = [type(row)(**{**row.__dict__, "listed": "32.70"}) for row in changed]
    assert len(check_rows(forged).contradictions) == len(forged) > 0


def test_the_check_counts_them_apart(tables, rows, tmp_path) -> None:
    """PSNR and SSIM of the authors' weights on Set5, beside six printed numbers of bicubic in SRGAN's table.

    Those of SRGAN and GMGAN, of which CI requires 62, are all printed: only ESRGAN's table has listed ones.
    """
    alone = check_rows(rows)
    assert (alone.cells, alone.listed, alone.compared) == (0, 2, 2)
    write_bicubic(tmp_path / "scores")
    run = make_run(tmp_path / "scores", "baseline/bicubic")
    write_table("srgan", "table2", run, tables / "table2_srgan.csv")
    passed = CliRunner().invoke(app, ["check", "--tables", str(tables), "--require", "6"])
    assert "passed: 8 measured numbers held against 6 printed ones and 2 listed ones" in passed.output
    assert CliRunner().invoke(app, ["check", "--tables", str(tables), "--require", "7"]).exit_code == 1


def test_no_number_that_came_out_is_a_printed_one(rows) -> None:
    printed = len(load_published("esrgan"))
    assert checked(rows, printed).text.startswith(f"0 of {printed} printed numbers were measured exactly")


def test_they_are_in_the_list_of_verdicts_but_not_among_the_printed_numbers(tables, tmp_path) -> None:
    write_bicubic(tmp_path / "scores")
    run = make_run(tmp_path / "scores", "baseline/bicubic")
    write_table("srgan", "table2", run, tables / "table2_srgan.csv")
    output = tmp_path / "verdicts.csv"
    result = CliRunner().invoke(app, ["verdicts", "--tables", str(tables), "--output", str(output)])
    assert f"{of_all().printed_numbers} printed numbers" in result.output
    assert any(row.item == "rrdb" for row in read_rows(output))


@pytest.mark.parametrize("key", ["table", "method"])
def test_source_and_model_need_each_other(key: str) -> None:
    content = load_yaml(paper_folder("esrgan") / "tables.yaml")
    table = content["tables"]["rrdb"]
    del (table if key == "table" else table["methods"]["RRDB"])["listed"]
    with pytest.raises(InputError, match="listed"):
        validate(content, Layouts, "tables.yaml")
