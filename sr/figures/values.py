"""Printed and measured values as one tidy table, which figures of numbers are drawn from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sr.papers.published import load_published
from sr.papers.tables import Table, load_layouts
from sr.results.measurement import NotMeasured, Results, metrics_of
from sr.results.source import Group, Kind, Source
from sr.verdicts.rows import Row, Verdict

PRINTED_KIND = "printed"

COLUMNS = ("dataset", "method", "metric", "kind", "source", "budget", "value", "low", "high", "seeds")

_KINDS = {Kind.RELEASED: "of the released weights", Kind.IMAGES: "of the supplied images"}


@dataclass
class Values:
    """table: a row for each value, columns as COLUMNS; `kind` is `printed` or that of the source.

    A measured value is the mean over seeds; low and high are the lowest and the highest seed.
    sources: every source behind it. reasons: (dataset, metric) -> why values are missing there.
    """

    table: pd.DataFrame
    sources: list[Source] = field(default_factory=list)
    reasons: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def of(self, dataset: str) -> pd.DataFrame:
        """The values of one dataset."""
        return self.table[self.table["dataset"] == dataset]

    def why_nothing(self, datasets: Iterable[str], metrics: Iterable[str]) -> str:
        """The first reason for each dataset and metric why nothing was measured, without repetition."""
        metrics = list(metrics)
        places = [(dataset, metric) for dataset in datasets for metric in metrics]
        found = dict.fromkeys(self.reasons[place][0] for place in places if self.reasons.get(place))
        return " ".join(found) or "none of its sources was scored."


def table_values(paper: str, item: str, rows: Iterable[Row], results: Results) -> Values:
    """Values of a table, and all metrics of the protocol that its sources were scored by.

    rows: those of the result table, which say what its sources are; the user's own methods are left out.
    """
    table = load_layouts(paper).table(paper, item)
    rows = [row for row in rows if (row.paper, row.item) == (paper, item) and row.verdict != Verdict.OWN]
    found = Values(_printed(paper, item))
    places = {(row.dataset, row.method, row.source): row for row in rows if _is_source(row)}
    measured = []
    for (dataset, method, _), row in places.items():
        if not _is_image(table, dataset):
            group = _group(row)
            measured += _measured(results, paper, group, table.benchmark(dataset), dataset, method, found)
    for row in rows:
        if row.measured is None and row.note:
            known = found.reasons.setdefault((row.dataset, row.metric), [])
            # What can not be had says more than what was not asked for.
            known.insert(0 if row.verdict == Verdict.UNAVAILABLE else len(known), row.note)
    found.table = pd.concat([found.table, _frame(measured)], ignore_index=True)
    return found


def group_values(
    protocol: str, groups: Sequence[tuple[str, Group]], benchmarks: Iterable[str], results: Results
) -> Values:
    """Values of groups of sources on some benchmarks, each with the name of its method; nothing printed."""
    found = Values(_frame([]))
    measured = [
        row
        for benchmark in benchmarks
        for method, group in groups
        for row in _measured(results, protocol, group, benchmark, benchmark, method, found)
    ]
    found.table = _frame(measured)
    return found


def joined(values: Values, other: Values, metrics: Iterable[str]) -> Values:
    """`values` with the printed values of some metrics that only `other` has."""
    known = set(values.table.loc[values.table["kind"] == PRINTED_KIND, "metric"])
    table = other.table
    more = table[(table["kind"] == PRINTED_KIND) & table["metric"].isin(set(metrics) - known)]
    more = more[more["method"].isin(set(values.table["method"]))]
    return Values(pd.concat([values.table, more], ignore_index=True), values.sources, values.reasons)


def _printed(paper: str, item: str) -> pd.DataFrame:
    return _frame(
        [
            (cell.dataset, cell.method, cell.metric, PRINTED_KIND, "", "", cell.value, None, None, "")
            for cell in load_published(paper)
            if cell.item == item
        ]
    )


def _measured(
    results: Results, paper: str, group: Group, benchmark: str, dataset: str, method: str, found: Values
) -> list[tuple[object, ...]]:
    """Rows of one group on one benchmark; sources and reasons are added to `found`."""
    scores = results.scored(paper, group, benchmark)
    found.sources += [score.source for score in scores]
    rows: list[tuple[object, ...]] = []
    for metric in metrics_of(scores):
        measured = results.measure(paper, group, benchmark, metric)
        if isinstance(measured, NotMeasured):
            found.reasons.setdefault((dataset, metric), []).append(measured.reason)
        elif np.isfinite(measured.of_seeds).all():
            seeds = " ".join(map(str, measured.seeds))
            numbers = (measured.mean, *measured.range)
            rows.append((dataset, method, metric, group.kind, group.name, group.budget, *numbers, seeds))
    return rows


def _is_source(row: Row) -> bool:
    """Whether a row is about a source, and not about a training that was not made."""
    return bool(row.source) and "*" not in row.source


def _group(row: Row) -> Group:
    """The sources that a row pools: one for each seed of a training."""
    source = Source.parse(row.source)
    return Group(source, tuple(source.with_seed(seed) for seed in row.seeds) or (source,))


def _is_image(table: Table, dataset: str) -> bool:
    return table.dataset(dataset).image is not None


def _frame(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"value": float, "low": float, "high": float})


def best_finding(measured: pd.DataFrame, leaders: Callable[[pd.DataFrame], Sequence[str]]) -> str:
    """Of methods that may be ranked with each other, those that lead, for the end of a title."""
    found = [(name, leaders(group)) for name, group in rivals(measured)]
    return "".join(f"; best {name}: {', '.join(first)}" for name, first in found if first)


def rivals(measured: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The groups of measured values that a title may rank, in which several methods meet, each with its name.

    measured: with columns `method` and `source`. As in the table across methods, trainings are ranked with
    those of their budget, released weights and supplied images among themselves, and baselines, which have
    learned nothing, with none. Where all that has learned is of one group, its name is `here`.
    """
    names = measured["source"].map(_group_of)
    alone = names[names != ""].nunique() == 1
    for name, group in measured.groupby(names, sort=False):
        if name and group["method"].nunique() > 1:
            yield "here" if alone else str(name), group


def _group_of(source: str) -> str:
    found = Source.parse(source)
    return f"at budget {found.budget}" if found.budget else _KINDS.get(found.kind, "")
