"""The table across methods: every method's scores under one protocol, and what its network costs."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from sr.files import write_json, write_text
from sr.papers.comparison import BenchmarkLayout
from sr.papers.published import LOWER_IS_BETTER
from sr.results.complexity import Cost, Costs
from sr.results.filling import Origin, origins
from sr.results.image_sets import state_of
from sr.results.source import Group, Score, load_scores
from sr.verdicts.judge import Run

COLUMNS = (
    "method",
    "source",
    "budget",
    "seeds",
    "benchmark",
    "metric",
    "value",
    "spread",
    "unscored",
    "images",
    "best",
    "deviations",
    "stale",
    "missing",
)


@dataclass(frozen=True)
class Value:
    """One number: the mean over seeds and the standard deviation of several; or why it is missing.

    best: whether no learned method of the same budget (or no other released weights) comes out better.
    seeds: of the scores in it. unscored: sources of the line that have no scores on the benchmark.
    """

    mean: float | None = None
    spread: float | None = None
    images: int | None = None
    missing: str = ""
    best: bool = False
    seeds: tuple[int, ...] = ()
    unscored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One method by one source. values: (benchmark, metric) -> value.

    group: None where nothing fills the method. deviations: from the paper's own way, each named. stale: why
    the runs are not what today's code would make. absent: sources of the method that there are none of.
    """

    method: str
    group: Group | None
    values: dict[tuple[str, str], Value]
    cost: Cost | None = None
    deviations: tuple[str, ...] = ()
    stale: str = ""
    absent: tuple[Origin, ...] = ()

    @property
    def rivals(self) -> str:
        """Which other lines it is ranked with: those of its budget, or of its kind.

        Baselines have learned nothing, and stale runs are no longer what they are called: none for them.
        """
        if self.group is None or self.group.kind == "baseline" or self.stale:
            return ""
        return self.group.budget or self.group.kind


def benchmark_lines(layout: BenchmarkLayout, run: Run, costs: Costs) -> list[Line]:
    """All methods in the order of benchmark.yaml, one line for each of their sources.

    run: its sources are those of this table alone. Raises InputError for scores that contradict themselves.
    """
    lines = [
        line
        for method, filling in layout.methods.items()
        for line in _lines(
            method, origins("", method, filling, run.groups, run.obstacles), layout, run, costs
        )
    ]
    return _ranked(lines)


def _lines(
    method: str, found: list[Origin], layout: BenchmarkLayout, run: Run, costs: Costs
) -> Iterator[Line]:
    groups = [group for origin in found for group in origin.groups]
    absent = tuple(origin for origin in found if not origin.groups)
    if not groups:
        reasons = "; ".join(origin.reason for origin in absent)
        yield Line(method, None, {place: Value(missing=reasons) for place in _places(layout)}, absent=absent)
    for number, group in enumerate(groups):
        scores = {name: _scores(layout.protocol, run, group, name) for name in layout.benchmarks}
        yield Line(
            method,
            group,
            {
                (name, metric): _value(run, group, name, metric, scores[name])
                for name, metric in _places(layout)
            },
            costs.sources.get(group.name),
            *_reservations(scores),
            () if number else absent,
        )


def _places(layout: BenchmarkLayout) -> list[tuple[str, str]]:
    return [(benchmark, metric) for benchmark in layout.benchmarks for metric in layout.metrics]


def _scores(protocol: str, run: Run, group: Group, benchmark: str) -> list[Score]:
    ready = state_of(run.benchmarks, benchmark).status == "ready"
    return load_scores(run.scores, protocol, group, benchmark) if ready else []


def _value(run: Run, group: Group, benchmark: str, metric: str, scores: list[Score]) -> Value:
    state = state_of(run.benchmarks, benchmark)
    if state.reason:
        return Value(missing=state.reason)
    if not scores:
        return Value(missing=f"{group.name} was not scored on {benchmark}")
    for score in scores:
        if metric not in score.header.set_values:
            reason = score.header.unavailable.get(metric, f"the scores of {group.name} hold no {metric}")
            return Value(missing=reason)
    values = [score.header.set_values[metric] for score in scores]
    spread = stdev(values) if len(values) > 1 else None
    seeds = tuple(sorted(score.header.seed for score in scores if score.header.seed is not None))
    scored = {score.header.source for score in scores}
    unscored = tuple(member for member in group.members if member not in scored)
    return Value(fmean(values), spread, scores[0].header.images, seeds=seeds, unscored=unscored)


def _reservations(scores: Mapping[str, list[Score]]) -> tuple[tuple[str, ...], str]:
    """Deviations of all scores behind a line, and what makes one stale."""
    headers = [score.header for found in scores.values() for score in found]
    deviations = dict.fromkeys(reason for header in headers for reason in header.deviations)
    return tuple(deviations), next((header.stale for header in headers if header.stale), "")


def _ranked(lines: list[Line]) -> list[Line]:
    """The same lines, the best value of each place marked among rivals, where there are at least two."""
    ranked = []
    for line in lines:
        rivals = [other for other in lines if line.rivals and other.rivals == line.rivals]
        marked = {place: _marked(value, place, rivals) for place, value in line.values.items()}
        ranked.append(replace(line, values=marked))
    return ranked


def _marked(value: Value, place: tuple[str, str], rivals: list[Line]) -> Value:
    means = [mean for rival in rivals if (mean := rival.values[place].mean) is not None]
    if value.mean is None or len(means) < 2:
        return value
    best = min(means) if place[1] in LOWER_IS_BETTER else max(means)
    return replace(value, best=value.mean == best)


def write_values(path: Path, lines: list[Line]) -> None:
    """Every number as a row of CSV; costs have no benchmark and no seeds, and what is missing a reason."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for line in lines:
        writer.writerows(_rows(line))
    write_text(path, text.getvalue())


def _rows(line: Line) -> Iterator[dict[str, Any]]:
    head = {
        "method": line.method,
        "source": line.group.name if line.group else "",
        "budget": line.group.budget if line.group else "",
        "deviations": " | ".join(line.deviations),
        "stale": line.stale,
    }
    for metric, number in (line.cost.model_dump() if line.cost else {}).items():
        yield head | {"metric": metric, "value": f"{number:.6g}" if isinstance(number, float) else number}
    for (benchmark, metric), value in line.values.items():
        yield head | {
            "benchmark": benchmark,
            "metric": metric,
            "seeds": " ".join(map(str, value.seeds)),
            "unscored": " ".join(value.unscored),
            "value": "" if value.mean is None else f"{value.mean:.6f}",
            "spread": "" if value.spread is None else f"{value.spread:.6f}",
            "images": "" if value.images is None else value.images,
            "best": "yes" if value.best else "",
            "missing": value.missing,
        }
    if line.group:
        yield from (
            {"method": line.method, "source": origin.name, "missing": origin.reason} for origin in line.absent
        )


def write_provenance(path: Path, layout: BenchmarkLayout, run: Run, costs: Costs) -> None:
    """What every number of the table was made from."""
    scores = [
        score.header.model_dump()
        for group in run.groups
        for benchmark in layout.benchmarks
        for score in _scores(layout.protocol, run, group, benchmark)
    ]
    states = {name: state_of(run.benchmarks, name).model_dump() for name in layout.benchmarks}
    content = {"protocol": layout.protocol, "benchmarks": states, "scores": scores}
    write_json(path, content | {"complexity": costs.model_dump()})
