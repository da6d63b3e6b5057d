"""Layouts that other papers print: methods as rows, datasets over metrics as columns, lower is better."""

from sr.config import validate
from sr.pages.grid import build_grid
from sr.pages.render import render
from sr.papers.published import Cell
from sr.papers.tables import Table
from sr.verdicts.judge import blank_row
from sr.verdicts.rows import Verdict

TABLE = validate(
    {
        "title": "T",
        "caption": "C",
        "rows": ["method"],
        "columns": ["dataset", "metric"],
        "datasets": {"Set14": None, "BSD100": {"label": "BSDS100"}},
        "metrics": {"PSNR": {"decimals": 2}, "LPIPS": {"label": "LPIPS (VGG)", "decimals": 4}},
        "methods": {"RRDB": {"released": ["rrdb_psnr"]}, "Ours": {"recipe": "ours"}},
        "bold": "best of each column",
    },
    Table,
    "test",
)
PRINTED = {
    ("Set14", "RRDB", "PSNR"): "28.99",
    ("Set14", "Ours", "PSNR"): "26.96",
    ("Set14", "RRDB", "LPIPS"): "0.2934",
    ("Set14", "Ours", "LPIPS"): "0.2202",
    ("BSD100", "RRDB", "PSNR"): "27.84",
    ("BSD100", "Ours", "PSNR"): "27.84",
}


def grid():
    cells = [Cell("p", "t", *place, printed=printed) for place, printed in PRINTED.items()]
    return build_grid(TABLE, [blank_row(cell, Verdict.NOT_RUN, "no time") for cell in cells])


def test_rows_and_columns_follow_the_paper():
    made = grid()
    assert made.headings == [("Set14", 2), ("BSDS100", 2)]
    assert made.columns == ["PSNR", "LPIPS (VGG)"] * 2
    assert [row.label for section in made.sections for row in section.rows] == ["RRDB", "Ours"]
    assert [cell.printed for cell in made.sections[0].rows[1].cells] == ["26.96", "0.2202", "27.84", ""]


def test_best_is_lowest_for_distances_and_ties_are_both_best():
    rrdb, ours = grid().sections[0].rows
    assert [cell.best for cell in rrdb.cells] == [True, False, True, False]
    assert [cell.best for cell in ours.cells] == [False, True, True, False]


def test_equal_reasons_share_one_note():
    assert grid().notes == ["no time"]


def test_every_format_shows_every_printed_number():
    for suffix in ("md", "html", "tex"):
        text = render(grid(), suffix)
        assert all(printed in text for printed in PRINTED.values())
