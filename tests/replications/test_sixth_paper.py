"""The promise: a further paper is one folder and its name in the configuration, and everything works.

In a temporary copy of the project, so that nothing here can lean on a file that was touched beside it.
"""

import csv
import filecmp
import json
import shutil
from pathlib import Path

import pytest

from sr.project import root
from tests.project_copy import copied_project, inside
from tests.replications.sixth_paper import NAME, add_sixth_paper, write_scores

SOURCES = ("baseline/bicubic", f"trained/demo/embedded_train/{NAME}/small/seed0")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = copied_project(tmp_path_factory.mktemp("with_a_sixth"))
    add_sixth_paper(copy)
    write_scores(copy / "results" / "scores")
    states = {"Set5": {"status": "ready"}}
    (copy / "results" / "benchmarks.json").write_text(json.dumps(states))
    return copy


def sr(project: Path, *arguments: str) -> str:
    return inside(project, "-m", "sr", *arguments)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_nothing_but_its_folder_and_the_configuration_is_touched(project: Path) -> None:
    for part in ("sr", "replications", "workflow", "tests", "docs", "Snakefile"):
        ours = sorted(path for path in (root() / part).rglob("*") if path.is_file()) or [root() / part]
        for path in ours:
            if "__pycache__" not in path.parts and path.name != "config.yaml":
                assert filecmp.cmp(path, project / path.relative_to(root()), shallow=False), path


def test_its_table_has_every_cell_with_a_verdict(project: Path) -> None:
    output = project / "results" / "tables" / f"table1_{NAME}.csv"
    told = [text for source in SOURCES for text in ("--source", source)]
    files = ("--scores", "results/scores", "--benchmarks", "results/benchmarks.json", "--output", str(output))
    sr(project, "table", NAME, "table1", *files, *told)
    verdicts = {(row["method"], row["metric"]): row["verdict"] for row in rows(output)}
    assert verdicts == {
        ("Bicubic", "PSNR"): "match",
        ("Bicubic", "NIQE"): "match",
        ("Small", "PSNR"): "not comparable",
        ("Small", "NIQE"): "not comparable",
        ("Small and sharp", "PSNR"): "not run",
        ("Small and sharp", "NIQE"): "not run",
    }
    page = output.with_suffix(".html").read_text(encoding="utf-8")
    assert "Sixth, Table 1" in page
    assert "28.43" in page


def test_its_protocol_is_calibrated_with_its_own_tolerance(project: Path) -> None:
    output = project / "results" / "calibration" / f"{NAME}.csv"
    files = ("--scores", "results/scores", "--benchmarks", "results/benchmarks.json", "--output", str(output))
    sr(project, "calibrate", NAME, *files)
    found = {row["metric"]: (row["verdict"], float(row["tolerance"])) for row in rows(output)}
    assert found == {"PSNR": ("match", 0.02), "NIQE": ("match", 0.05)}


def test_its_claims_are_judged_and_its_numbers_audited(project: Path) -> None:
    output = project / "results" / "claims.csv"
    sr(project, "claims", "--scores", "results/scores", "--output", str(output))
    judged = {row["claim"]: row for row in rows(output) if row["paper"] == NAME}
    assert judged["Z01"]["verdict"] == "confirmed (demo)"
    assert (judged["Z02"]["verdict"], judged["Z02"]["printed"]) == ("not run", "does not hold")
    sr(project, "audit", "--output", "results/tables")
    audited = rows(project / "results" / "tables" / f"audit_{NAME}.csv")
    claims = {row["ids"]: row["verdict"] for row in audited if row["section"] == "claim"}
    assert claims == {"Z01": "holds", "Z02": "does not hold"}
    assert "exchanged in the text" in (project / "results" / "tables" / "audit.html").read_text()


def test_its_own_figure_is_drawn(project: Path) -> None:
    pytest.importorskip("matplotlib")
    assert "squares" in sr(project, "figure", NAME)
    sr(project, "figure", NAME, "squares", "--results", "results")
    assert (project / "results" / "figures" / NAME / "squares.png").stat().st_size > 0


@pytest.mark.skipif(shutil.which("snakemake") is None, reason="snakemake is not installed")
def test_the_workflow_sees_it(project: Path) -> None:
    # With downloads, what is planned waits for them.
    planned = inside(project, "-m", "snakemake", "-n", "--quiet", "host", "--config", "download=none")
    for target in (f"results/tables/table1_{NAME}.csv", f"results/calibration/{NAME}.csv"):
        assert target in planned
    assert f"{NAME}/small/seed0" in planned


def test_a_printed_number_without_a_tolerance_is_refused(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project, copy)
    (copy / "replications" / NAME / "tolerances.yaml").unlink()
    check = (
        "from tests.replications.test_contract import bands_missing;"
        f"print(bands_missing('{NAME}'), bands_missing('gmgan'))"
    )
    assert inside(copy, "-c", check).strip() == "{('baseline', 'NIQE')} set()"


def test_the_contract_holds_for_it(project: Path) -> None:
    """Its recipes take their steps, and every list of the project has it by itself."""
    options = ("-q", "-p", "no:cacheprovider")
    contract = ("tests/replications/test_contract.py", "-k", f"{NAME} or read_by_nothing")
    assert "passed" in inside(project, "-m", "pytest", *options, *contract)


@pytest.mark.slow
def test_no_other_test_fails(project: Path) -> None:
    """Every fast test of a room that could know which papers there are, or how much they print."""
    folders = ("replications", "papers", "recipes", "scoring", "results", "verdicts", "claims", "audit")
    shown = ("pages", "figures", "report", "planning", "cli", "test_workflow.py")
    paths = [f"tests/{name}" for name in (*folders, *shown)]
    left_out = ("--deselect", "tests/replications/test_sixth_paper.py", "-m", "not slow")
    assert "passed" in inside(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths, *left_out)
