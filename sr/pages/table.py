"""One result table on disk: rows as CSV, what they were made from as JSON, and its renderings."""

from pathlib import Path
from typing import Any

from sr.files import write_json, write_text
from sr.pages.grid import build_grid
from sr.pages.render import render
from sr.pages.templating import BODY
from sr.papers.tables import load_layouts
from sr.results.measurement import Results
from sr.verdicts.frozen import FIELD, rules
from sr.verdicts.judge import table_rows
from sr.verdicts.rows import Row, write_rows

RENDERINGS = ("md", "html", BODY, "tex")


def write_table(paper: str, item: str, results: Results, output: Path) -> list[Row]:
    """Judge one table and write `output` (CSV), and beside it .json and its renderings of the same stem.

    The CSV is written last, so that a file under its final name has its companions.
    Raises InputError for an unknown paper or item, or for scores that contradict themselves.
    """
    layouts = load_layouts(paper)
    item = layouts.item(paper, item)
    table = layouts.tables[item]
    rows = table_rows(paper, item, table, results)
    grid = build_grid(table, rows)
    for suffix in RENDERINGS:
        write_text(output.with_suffix(f".{suffix}"), render(grid, suffix, output.stem))
    write_json(output.with_suffix(".json"), _provenance(paper, item, results, rows))
    write_rows(output, rows)
    return rows


def _provenance(paper: str, item: str, results: Results, rows: list[Row]) -> dict[str, Any]:
    """What every number of the table was made from: the head of each score file that it used."""
    used = {row.source for row in rows if row.measured is not None}
    scores = [
        score.header.model_dump()
        for group in results.groups
        if group.name in used
        for benchmark in results.ready
        for score in results.scored(paper, group, benchmark)
    ]
    return {
        "paper": paper,
        "item": item,
        FIELD: rules(),
        "benchmarks": {name: state.model_dump() for name, state in results.benchmarks.items()},
        "scores": scores,
    }
