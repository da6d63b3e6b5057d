"""From printed cells and scores to verdicts: one row for each pair of printed cell and source."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sr.papers.listed import listed_cells
from sr.papers.published import Cell, load_published
from sr.papers.tables import Table
from sr.papers.tolerances import load_tolerances
from sr.results.filling import Origin, origins
from sr.results.image_sets import BenchmarkState, state_of
from sr.results.source import PAPER_BUDGET, Group, Score, load_scores, pooled_values
from sr.verdicts.intervals import bootstrap_interval
from sr.verdicts.rows import Row, Verdict

_ROUNDING = 1e-9  # a difference of exactly the tolerance is within it, whatever its binary digits


@dataclass(frozen=True)
class Run:
    """What a run left behind: its scores, the sources that count and the state of the benchmarks.

    obstacles: recipe (paper/recipe) -> why it can not be trained here.
    """

    scores: Path
    groups: list[Group]
    benchmarks: dict[str, BenchmarkState]
    obstacles: Mapping[str, str] = field(default_factory=dict)


def table_rows(paper: str, item: str, table: Table, run: Run) -> list[Row]:
    """Rows of one table: every printed or listed cell at least once, then what was measured beyond them."""
    known = [cell for cell in load_published(paper) if cell.item == item] + listed_cells(paper, item, table)
    printed = {(cell.dataset, cell.method, cell.metric): cell for cell in known}
    cells = [printed[place] for place in table.places() if place in printed]
    rows = [row for cell in cells for row in _cell_rows(cell, table, run)]
    for dataset in _measured(table, run):
        rows += _unprinted_rows(paper, item, dataset, table, run, set(printed))
    return rows


def blank_row(cell: Cell, verdict: Verdict, note: str, source: str = "", group: Group | None = None) -> Row:
    """A row without a measurement, and the reason."""
    return Row(
        *cell.key,
        published=cell.printed,
        measured=None,
        difference=None,
        source=source,
        budget=group.budget if group else "",
        images=None,
        seeds=group.seeds if group else (),
        interval=None,
        tolerance=None,
        verdict=verdict,
        deviations=(),
        note=note,
    )


def _cell_rows(cell: Cell, table: Table, run: Run) -> list[Row]:
    method, metric = table.methods[cell.method], table.metrics[cell.metric]
    if metric.not_run:
        return [blank_row(cell, Verdict.NOT_RUN, metric.not_run)]
    if method.constant:
        return [blank_row(cell, Verdict.NOT_A_RESULT, method.constant)]
    rows = []
    for origin in origins(cell.paper, cell.method, method, run.groups, run.obstacles):
        found = [_group_row(cell, table, run, group) for group in origin.groups]
        rows += found or [_missing_row(cell, table, run, origin)]
    return rows


def _missing_row(cell: Cell, table: Table, run: Run, origin: Origin) -> Row:
    state = state_of(run.benchmarks, table.benchmark(cell.dataset))
    if state.reason:
        return blank_row(cell, Verdict(state.status), state.reason, origin.name)
    return blank_row(cell, origin.missing, origin.reason, origin.name)


def _group_row(cell: Cell, table: Table, run: Run, group: Group) -> Row:
    benchmark = table.benchmark(cell.dataset)
    state = state_of(run.benchmarks, benchmark)
    if state.reason:
        return blank_row(cell, Verdict(state.status), state.reason, group.name, group)
    scores = load_scores(run.scores, cell.paper, group, benchmark)
    if not scores:
        reason = f"{group.name} was not scored on {benchmark}"
        return blank_row(cell, Verdict.NOT_RUN, reason, group.name, group)
    return _judged(cell, table, group, scores)


def _judged(cell: Cell, table: Table, group: Group, scores: list[Score]) -> Row:
    for score in scores:
        if cell.metric in score.header.unavailable:
            reason = score.header.unavailable[cell.metric]
            return blank_row(cell, Verdict.UNAVAILABLE, reason, group.name, group)
    measured = _measure(cell, table, scores)
    if measured is None:
        reason = f"the scores of {group.name} on {scores[0].header.benchmark} hold no such {cell.metric}"
        return blank_row(cell, Verdict.NOT_RUN, reason, group.name, group)
    value, interval, images = measured
    deviations = _deviations(group, scores)
    verdict, tolerance, note = _verdict(cell, table, group, scores, value, deviations)
    return Row(
        *cell.key,
        published=cell.printed,
        measured=value,
        difference=value - cell.value if verdict.compares and math.isfinite(cell.value) else None,
        source=group.name,
        budget=group.budget,
        images=images,
        seeds=tuple(sorted(score.header.seed for score in scores if score.header.seed is not None)),
        interval=interval,
        tolerance=tolerance,
        verdict=verdict,
        deviations=deviations,
        note="; ".join(filter(None, [note, _unscored(group, scores)])),
    )


def _verdict(
    cell: Cell, table: Table, group: Group, scores: list[Score], value: float, deviations: tuple[str, ...]
) -> tuple[Verdict, float | None, str]:
    """Verdict, the tolerance it used and its reason; the first obstacle to a comparison decides."""
    stale = [score.header.stale for score in scores if score.header.stale]
    if stale:
        return Verdict.STALE, None, stale[0]
    if not cell.printed:
        return Verdict.NOT_COMPARABLE, None, _nothing_printed(cell)
    if table.listed and group.kind == "trained":
        return Verdict.NOT_COMPARABLE, None, f"{table.listed} lists it for released weights, not for a recipe"
    if deviations:
        more = f" (and {len(deviations) - 1} more)" if len(deviations) > 1 else ""
        return Verdict.NOT_COMPARABLE, None, f"deviates from the paper: {deviations[0]}{more}"
    band = load_tolerances().for_verdict(group.kind, cell.metric).band
    if value == cell.value or abs(value - cell.value) <= band + _ROUNDING:
        return Verdict.MATCH, band, ""
    finding = table.finding((cell.dataset, cell.method, cell.metric))
    explained = finding is not None and abs(value - finding.comes_out) <= band + _ROUNDING
    if finding and explained:
        return Verdict.DIFFERS, band, f"known finding: {finding.reason}"
    return Verdict.DIFFERS, band, f"off by {value - cell.value:+.4f}, the tolerance is {band:g}"


def _measure(
    cell: Cell, table: Table, scores: list[Score]
) -> tuple[float, tuple[float, float] | None, int] | None:
    """Mean over seeds, interval and number of images; None where the scores lack the metric."""
    per_image = pooled_values(scores, cell.metric)
    image = table.dataset(cell.dataset).image
    if image is not None:
        if per_image is None or image not in scores[0].images:
            return None
        per_image = per_image[:, [scores[0].images.index(image)]]
        return float(per_image.mean()), bootstrap_interval(per_image), 1
    if any(cell.metric not in score.header.set_values for score in scores):
        return None
    value = float(np.mean([score.header.set_values[cell.metric] for score in scores]))
    interval = None if per_image is None else bootstrap_interval(per_image)
    return value, interval, scores[0].header.images


def _deviations(group: Group, scores: list[Score]) -> tuple[str, ...]:
    """All deviations of the seeds; a shrunk budget is one by itself, whatever the scores say."""
    shrunk = [f"trained at the budget '{group.budget}'"] if group.budget not in ("", PAPER_BUDGET) else []
    return tuple(dict.fromkeys(shrunk + [text for score in scores for text in score.header.deviations]))


def _unscored(group: Group, scores: list[Score]) -> str:
    missing = set(group.members) - {score.header.source for score in scores}
    return f"not scored: {', '.join(sorted(missing))}" if missing else ""


def _nothing_printed(cell: Cell) -> str:
    printed = {other.dataset for other in load_published(cell.paper)}
    place = f"{cell.item} of the paper" if cell.dataset in printed else "the paper"
    return f"{place} prints no value for {cell.dataset}"


def _measured(table: Table, run: Run) -> list[str]:
    """The table's datasets that this run measured, then other benchmarks that it measured."""
    ready = [name for name, state in run.benchmarks.items() if state.status == "ready"]
    own = {table.benchmark(dataset) for dataset in table.datasets}
    return [dataset for dataset in table.datasets if table.benchmark(dataset) in ready] + [
        name for name in ready if name not in own
    ]


def _unprinted_rows(
    paper: str, item: str, dataset: str, table: Table, run: Run, printed: set[tuple[str, str, str]]
) -> list[Row]:
    rows = []
    for metric in (name for name, spec in table.metrics.items() if not spec.not_run):
        for name, method in table.methods.items():
            if (dataset, name, metric) in printed:
                continue
            cell = Cell(paper, item, dataset, name, metric, printed="")
            for origin in origins(paper, name, method, run.groups, run.obstacles):
                for group in origin.groups:
                    scores = load_scores(run.scores, paper, group, table.benchmark(dataset))
                    rows += [_judged(cell, table, group, scores)] if scores else []
    return rows
