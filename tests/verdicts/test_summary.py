"""What is said of all tables together."""

from pathlib import Path

from sr.papers.published import load_published
from sr.verdicts.judge import blank_row
from sr.verdicts.rows import Verdict, write_rows
from sr.verdicts.summary import ending


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
