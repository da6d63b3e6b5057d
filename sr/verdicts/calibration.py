"""Calibration: nearest and bicubic need no training, so they prove a protocol before anything is trained."""

from pathlib import Path

from sr.papers.tables import layouts_path, load_layouts
from sr.results.image_sets import BenchmarkState
from sr.results.measurement import Results
from sr.results.source import BASELINES, group_sources
from sr.verdicts.judge import table_rows
from sr.verdicts.rows import Row, Verdict


def calibration_rows(paper: str, scores: Path, benchmarks: dict[str, BenchmarkState]) -> list[Row]:
    """The paper's printed nearest and bicubic cells beside what came out under its protocol.

    Baselines that were measured and are printed nowhere in the paper follow, without a verdict on them.
    """
    results = Results(scores, group_sources(BASELINES), benchmarks)
    names = {str(source) for source in BASELINES}
    printed = [row for row in _table_rows(paper, results) if row.source in names and row.stated]
    known = {(row.source, row.dataset, row.metric) for row in printed}
    return printed + [
        row for row in _measured_only(paper, results) if (row.source, row.dataset, row.metric) not in known
    ]


def _table_rows(paper: str, results: Results) -> list[Row]:
    if not layouts_path(paper).is_file():
        return []
    tables = load_layouts(paper).tables
    rows = [row for item, table in tables.items() for row in table_rows(paper, item, table, results)]
    rated = {name for table in tables.values() for name, metric in table.metrics.items() if metric.rated}
    # What people give proves no protocol.
    return [row for row in rows if row.metric not in rated]


def _measured_only(paper: str, results: Results) -> list[Row]:
    return [
        Row(
            paper=paper,
            item="calibration",
            dataset=benchmark,
            method=group.source.name,
            metric=metric,
            published="",
            measured=value,
            difference=None,
            source=group.name,
            budget="",
            images=score.header.images,
            seeds=(),
            interval=None,
            tolerance=None,
            verdict=Verdict.NOT_COMPARABLE,
            deviations=(),
            note=f"{paper} prints no such value",
        )
        for group in results.groups
        for benchmark in results.ready
        for score in results.scored(paper, group, benchmark)
        for metric, value in score.header.set_values.items()
    ]
