"""The table across methods: every method's scores under one protocol, and what its network costs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sr.csv_text import csv_text
from sr.files import write_json, write_text
from sr.papers.comparison import ComparisonLayout
from sr.papers.published import LOWER_IS_BETTER
from sr.results.complexity import Cost, Costs
from sr.results.filling import Filling, fillings
from sr.results.image_sets import state_of
from sr.results.measurement import Measurement, NotMeasured, Results
from sr.results.source import Group, Kind

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
    absent: tuple[Filling, ...] = ()

    @property
    def rivals(self) -> str:
        """Which other lines it is ranked with: those of its budget, or of its kind.

        Baselines have learned nothing, and stale runs are no longer what they are called: none for them.
        """
        if self.group is None or self.group.kind == Kind.BASELINE or self.stale:
            return ""
        return self.group.budget or self.group.kind


def comparison_lines(layout: ComparisonLayout, results: Results, costs: Costs) -> list[Line]:
    """All methods in the order of comparison.yaml, one line for each of their sources.

    results: their sources are those of this table alone. Raises InputError for scores that contradict
    themselves.
    """
    lines = [
        line
        for method, fillers in layout.methods.items()
        for line in _lines(method, fillings("", method, fillers, results), layout, results, costs)
    ]
    return _ranked(lines)


def _lines(
    method: str, found: list[Filling], layout: ComparisonLayout, results: Results, costs: Costs
) -> Iterator[Line]:
    groups = [group for filling in found for group in filling.groups]
    absent = tuple(filling for filling in found if not filling.groups)
    if not groups:
        reasons = "; ".join(filling.reason for filling in absent)
        yield Line(method, None, {place: Value(missing=reasons) for place in _places(layout)}, absent=absent)
    for number, group in enumerate(groups):
        scores = [
            score for name in layout.benchmarks for score in results.scored(layout.protocol, group, name)
        ]
        yield Line(
            method,
            group,
            {
                (name, metric): _value(results.measure(layout.protocol, group, name, metric))
                for name, metric in _places(layout)
            },
            costs.sources.get(group.name),
            tuple(dict.fromkeys(text for score in scores for text in score.header.deviations)),
            next((score.header.stale for score in scores if score.header.stale), ""),
            () if number else absent,
        )


def _places(layout: ComparisonLayout) -> list[tuple[str, str]]:
    return [(benchmark, metric) for benchmark in layout.benchmarks for metric in layout.metrics]


def _value(found: Measurement | NotMeasured) -> Value:
    if isinstance(found, NotMeasured):
        return Value(missing=found.reason)
    unscored = tuple(str(source) for source in found.unscored)
    return Value(found.mean, found.spread, len(found.images), seeds=found.seeds, unscored=unscored)


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
    rows = ([row.get(name) for name in COLUMNS] for line in lines for row in _rows(line))
    write_text(path, csv_text(COLUMNS, rows))


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
            "value": value.mean,
            "spread": value.spread,
            "images": value.images,
            "best": "yes" if value.best else "",
            "missing": value.missing,
        }
    if line.group:
        yield from (
            {"method": line.method, "source": str(filling.way), "missing": filling.reason}
            for filling in line.absent
        )


def write_provenance(path: Path, layout: ComparisonLayout, results: Results, costs: Costs) -> None:
    """What every number of the table was made from."""
    scores = [
        score.header.model_dump()
        for group in results.groups
        for benchmark in layout.benchmarks
        for score in results.scored(layout.protocol, group, benchmark)
    ]
    states = {name: state_of(results.benchmarks, name).model_dump() for name in layout.benchmarks}
    content = {"protocol": layout.protocol, "benchmarks": states, "scores": scores}
    write_json(path, content | {"complexity": costs.model_dump()})
