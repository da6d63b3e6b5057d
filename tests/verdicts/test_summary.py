"""Printed numbers outside the tables, measured by a figure where one does; and how a run ends."""

import json
from pathlib import Path

import pytest

from sr.pages.table import write_table
from sr.papers.published import load_published
from sr.report.findings import checked
from sr.verdicts.check import check_rows
from sr.verdicts.judge import blank_row
from sr.verdicts.rows import Row, Verdict, write_rows
from sr.verdicts.summary import all_verdicts, ending
from tests.results.synthetic_scores import make_run, write_bicubic


def active_features(folder: Path, share: float | None) -> Row:
    """The row of ESRGAN's 11.17 %, with a figure that tells the share, or none."""
    write_bicubic(folder / "scores")
    run = make_run(folder / "scores", "baseline/bicubic")
    write_table("srgan", "table2", run, folder / "tables" / "table2_srgan.csv")
    if share is not None:
        path = folder / "figures" / "esrgan" / "active_features.json"
        path.parent.mkdir(parents=True)
        facts = {"active share, conv5_4": {"values": [share], "trained": False}}
        path.write_text(json.dumps({"budgets": [], "facts": facts}))
    (row,) = [row for row in all_verdicts(folder / "tables") if row.metric == "activated_neurons_percent"]
    return row


@pytest.mark.parametrize(("share", "verdict"), [(0.1119, Verdict.MATCH), (0.1130, Verdict.DIFFERS)])
def test_a_figures_fact_is_held_against_the_printed_number(
    tmp_path: Path, share: float, verdict: Verdict
) -> None:
    row = active_features(tmp_path, share)
    assert (row.published, row.verdict) == ("11.17", verdict)
    assert row.difference == pytest.approx(100 * share - 11.17)
    # It stands in no table and has no source, and is checked all the same.
    report = check_rows([row])
    assert report.differing == ([row] if verdict is Verdict.DIFFERS else [])
    assert not report.contradictions
    assert "1 of 848" in checked([row], 848).text


def test_without_the_figure_it_is_not_run_and_says_why(tmp_path: Path) -> None:
    row = active_features(tmp_path, None)
    assert row.verdict is Verdict.NOT_RUN
    assert "active_features was not drawn" in row.note


def test_a_finished_run_says_the_verdicts_of_the_tables_it_was_asked_for(tmp_path: Path) -> None:
    cells = load_published("srgan")[:3]
    verdicts = (Verdict.NOT_RUN, Verdict.NOT_RUN, Verdict.UNAVAILABLE)
    rows = [blank_row(cell, verdict, "why") for cell, verdict in zip(cells, verdicts, strict=True)]
    write_rows(tmp_path / "table2_srgan.csv", rows)
    for target in ("table2_srgan", "results/tables/table2_srgan.csv", "results/tables/table2_srgan.html"):
        said = ending([target], tmp_path)
        assert "table2_srgan: 1 unavailable, 2 not run" in said
    assert "results/report/index.html" in ending([], tmp_path)
    assert "results/report/index.html" in ending(["all", "../x", "table9_srgan"], tmp_path)
