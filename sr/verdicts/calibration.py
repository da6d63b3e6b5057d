"""Calibration: nearest and bicubic need no training, so they prove a protocol before anything is trained."""

from pathlib import Path

from sr.papers.tables import layouts_path, load_layouts
from sr.results.image_sets import BenchmarkState
from sr.results.source import group_sources, load_scores
from sr.verdicts.judge import Run, table_rows
from sr.verdicts.rows import Row, Verdict

BASELINES = ("baseline/nearest", "baseline/bicubic")


def calibration_rows(paper: str, scores: Path, benchmarks: dict[str, BenchmarkState]) -> list[Row]:
    """The paper's printed nearest and bicubic cells beside what came out under its protocol.

    Baselines that were measured and are printed nowhere in the paper follow, without a verdict on them.
    """
    run = Run(scores, group_sources(list(BASELINES)), benchmarks)
    printed = [row for row in _table_rows(paper, run) if row.source in BASELINES and row.published]
    known = {(row.source, row.dataset, row.metric) for row in printed}
    return printed + [
        row for row in _measured_only(paper, run) if (row.source, row.dataset, row.metric) not in known
    ]


def _table_rows(paper: str, run: Run) -> list[Row]:
    if not layouts_path(paper).is_file():
        return []
    tables = load_layouts(paper).tables
    return [row for item, table in tables.items() for row in table_rows(paper, item, table, run)]


def _measured_only(paper: str, run: Run) -> list[Row]:
    ready = [name for name, state in run.benchmarks.items() if state.status == "ready"]
    return [
        Row(
            paper=paper,
            item="calibration",
            dataset=benchmark,
            method=group.name.removeprefix("baseline/"),
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
        for group in run.groups
        for benchmark in ready
        for score in load_scores(run.scores, paper, group, benchmark)
        for metric, value in score.header.set_values.items()
    ]
