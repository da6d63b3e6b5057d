"""From printed cells and scores to verdicts: one row for each pair of printed cell and source."""

import math
from dataclasses import replace
from itertools import product

from sr.papers.published import Cell, load_published
from sr.papers.tables import Table
from sr.papers.third_party import listed_cells
from sr.papers.tolerances import load_tolerances
from sr.results.filling import Filling, fillings, rated_groups
from sr.results.image_sets import state_of
from sr.results.intervals import next_training, over_images
from sr.results.measurement import Measurement, NotMeasured, Results
from sr.results.pairing import are_paired
from sr.results.source import PAPER_BUDGET, Group, Kind
from sr.verdicts.assumed import assumptions
from sr.verdicts.equivalence import Held, by_trainings, in_words, seeds_apart
from sr.verdicts.rows import Row, Verdict


def table_rows(paper: str, item: str, table: Table, results: Results) -> list[Row]:
    """Rows of one table: every printed or listed cell at least once, then what was measured beyond them, then
    methods of the user's own.
    """
    known = [cell for cell in load_published(paper) if cell.item == item] + listed_cells(paper, item, table)
    printed = {(cell.dataset, cell.method, cell.metric): cell for cell in known}
    cells = [printed[place] for place in table.places() if place in printed]
    rows = [row for cell in cells for row in _cell_rows(cell, table, results)]
    for dataset in _measured(table, results):
        rows += _unprinted_rows(paper, item, dataset, table, results, set(printed))
    rows += _own_rows(paper, item, table, results)
    return [replace(row, published="", listed=row.published) for row in rows] if table.listed else rows


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


def _cell_rows(cell: Cell, table: Table, results: Results) -> list[Row]:
    method, metric = table.methods[cell.method], table.metrics[cell.metric]
    if metric.rated:
        return _rated_rows(cell, table, results) or [blank_row(cell, Verdict.NOT_RUN, metric.rated)]
    if method.constant:
        return [blank_row(cell, Verdict.NOT_A_RESULT, method.constant)]
    rows = []
    for filling in fillings(cell.paper, cell.method, method, results):
        found = [_group_row(cell, table, results, group) for group in filling.groups]
        rows += found or [_missing_row(cell, table, results, filling)]
    return rows


def _rated_rows(cell: Cell, table: Table, results: Results) -> list[Row]:
    """Rows of a metric that people give: one for each source that was shown to them."""
    rated = results.rated(cell.paper)
    return [
        _group_row(cell, table, rated, group)
        for group in rated_groups(cell.paper, table.methods[cell.method], rated)
        if rated.scored(cell.paper, group, table.benchmark(cell.dataset))
    ]


def _missing_row(cell: Cell, table: Table, results: Results, filling: Filling) -> Row:
    state = state_of(results.benchmarks, table.benchmark(cell.dataset))
    if state.reason:
        return blank_row(cell, Verdict(state.status), state.reason, str(filling.way))
    verdict = Verdict.UNAVAILABLE if filling.unavailable else Verdict.NOT_RUN
    return blank_row(cell, verdict, filling.reason, str(filling.way))


def _group_row(cell: Cell, table: Table, results: Results, group: Group) -> Row:
    where = table.dataset(cell.dataset)
    found = results.measure(cell.paper, group, table.benchmark(cell.dataset), cell.metric, where.image)
    if isinstance(found, NotMeasured):
        verdict = Verdict.UNAVAILABLE if found.obstacle.unavailable else Verdict.NOT_RUN
        return blank_row(cell, verdict, found.reason, group.name, group)
    return _judged(cell, table, found)


def _judged(cell: Cell, table: Table, found: Measurement) -> Row:
    deviations = _deviations(found)
    obstacle = _obstacle(cell, table, found, deviations)
    rated = bool(table.metrics[cell.metric].rated)
    row = Row(
        *cell.key,
        published=cell.printed,
        measured=found.mean,
        difference=None,
        source=found.group.name,
        budget=found.group.budget,
        images=len(found.images),
        seeds=found.seeds,
        interval=over_images(found) if rated else next_training(found),
        tolerance=None,
        verdict=Verdict.NOT_COMPARABLE,
        deviations=deviations,
        note="",
        assumptions=assumptions(cell, found),
        seeds_from=found.seeds_from,
        spread=found.spread if found.group.kind == Kind.TRAINED else None,
    )
    if obstacle is None:
        row = _compared(row, cell, table, found, held(cell, found, rated))
    else:
        row = replace(row, verdict=obstacle[0], note=obstacle[1])
    return replace(row, note="; ".join(filter(None, [row.note, _unscored(found)])))


def held(cell: Cell, found: Measurement, rated: bool) -> Held | None:
    """What is held against a printed number; None where nothing is known of the chance of its training.

    rated: people gave it, who are others than the paper's whatever they looked at.
    """
    if found.group.kind == Kind.TRAINED and not rated:
        return by_trainings(found)
    return Held(found.mean, load_tolerances(cell.paper).for_verdict(found.group.kind, cell.metric).band, None)


def _compared(row: Row, cell: Cell, table: Table, found: Measurement, ours: Held | None) -> Row:
    """The row with its verdict, where nothing stands in the way of a comparison."""
    if ours is None:
        return replace(row, note=f"one training, and no spread of trainings is stated for {cell.metric}")
    verdict, off = ours.verdict(cell), found.mean - cell.value
    others = [other for other in _same_row(cell, table) if ours.could_be_another(other)]
    return replace(
        row,
        verdict=verdict,
        difference=off if math.isfinite(off) else None,
        tolerance=ours.tolerance,
        could_be=() if verdict is Verdict.DIFFERS else tuple(other.method for other in others),
        note=_why(verdict, cell, table, found, ours, others),
    )


def _why(
    verdict: Verdict, cell: Cell, table: Table, found: Measurement, ours: Held, others: list[Cell]
) -> str:
    """The reason of a verdict, in words."""
    off = f"off by {found.mean - cell.value:+.4f}"
    if verdict is not Verdict.MATCH:
        finding = table.finding((cell.dataset, cell.method, cell.metric), found.group.kind)
        # One without a value that comes out stands in the way of any comparison, and of this.
        if finding is not None and ours.could_be(replace(cell, printed=str(finding.comes_out))):
            return f"known finding: {finding.reason}"
    if verdict is Verdict.DIFFERS:
        if ours.expected is None:
            return f"{off}, the tolerance is {ours.tolerance:g}"
        return f"{off}, another training is expected from {ours.expected[0]:.4f} to {ours.expected[1]:.4f}"
    # No number of seeds is due for what nobody trained.
    rivals = others if ours.expected is not None else []
    apart = in_words([seeds_apart(cell, other, found, _paired(other, table, found)) for other in rivals])
    if verdict is Verdict.MATCH:
        return apart
    return "; ".join(
        filter(None, [f"{off}, shown equal within {ours.tolerance:.2g}: more seeds tell", apart])
    )


def _same_row(cell: Cell, table: Table) -> list[Cell]:
    """What is printed of other methods in the same table for the same dataset and metric."""
    known = load_published(cell.paper) + listed_cells(cell.paper, cell.item, table)
    place = (cell.item, cell.dataset, cell.metric)
    return [
        other
        for other in known
        if (other.item, other.dataset, other.metric) == place and other.method != cell.method
    ]


def _paired(other: Cell, table: Table, found: Measurement) -> bool | None:
    """Whether another method's trainings could be paired with these; None where it can not be trained."""
    method = table.methods.get(other.method)
    recipe = method.full_recipe(other.paper) if method else None
    if recipe is None or found.group.kind != Kind.TRAINED:
        return None
    return are_paired(found.group.source, replace(found.group.source, name=recipe))


def _obstacle(
    cell: Cell, table: Table, found: Measurement, deviations: tuple[str, ...]
) -> tuple[Verdict, str] | None:
    """What stands in the way of a comparison: a verdict and its reason; the first one decides."""
    kind = found.group.kind
    if found.stale:
        return Verdict.STALE, found.stale
    if not cell.printed:
        return Verdict.NOT_COMPARABLE, _nothing_printed(cell)
    if table.listed and kind == Kind.TRAINED:
        return Verdict.NOT_COMPARABLE, f"{table.listed} lists it for released weights, not for a recipe"
    if deviations:
        more = f" (and {len(deviations) - 1} more)" if len(deviations) > 1 else ""
        return Verdict.NOT_COMPARABLE, f"deviates from the paper: {deviations[0]}{more}"
    finding = table.finding((cell.dataset, cell.method, cell.metric), kind)
    if finding is not None and finding.comes_out is None:
        return Verdict.NOT_COMPARABLE, f"known finding: {finding.reason}"
    return None


def _deviations(found: Measurement) -> tuple[str, ...]:
    """All deviations of the seeds; a shrunk budget is one by itself, whatever the scores say."""
    budget = found.group.budget
    shrunk = [f"trained at the budget '{budget}'"] if budget not in ("", PAPER_BUDGET) else []
    return tuple(dict.fromkeys([*shrunk, *found.deviations]))


def _unscored(found: Measurement) -> str:
    names = sorted(str(source) for source in found.unscored)
    return f"not scored: {', '.join(names)}" if names else ""


def _nothing_printed(cell: Cell) -> str:
    printed = {other.dataset for other in load_published(cell.paper)}
    place = f"{cell.item} of the paper" if cell.dataset in printed else "the paper"
    return f"{place} prints no value for {cell.dataset}"


def _measured(table: Table, results: Results) -> list[str]:
    """The table's datasets that this run measured, then other benchmarks that it measured."""
    own = {table.benchmark(dataset) for dataset in table.datasets}
    return [dataset for dataset in table.datasets if table.benchmark(dataset) in results.ready] + [
        name for name in results.ready if name not in own
    ]


def _unprinted_rows(
    paper: str, item: str, dataset: str, table: Table, results: Results, printed: set[tuple[str, str, str]]
) -> list[Row]:
    """Rows of what was measured of a dataset and is printed nowhere."""
    return [
        _group_row(Cell(paper, item, dataset, name, metric, printed=""), table, results, group)
        for metric, spec in table.metrics.items()
        if not spec.rated
        for name, method in table.methods.items()
        if (dataset, name, metric) not in printed
        for filling in fillings(paper, name, method, results)
        for group in filling.groups
        if results.scored(paper, group, table.benchmark(dataset))
    ]


def _own_rows(paper: str, item: str, table: Table, results: Results) -> list[Row]:
    """Rows of methods of the user's own, on all that the table prints or was measured; nothing is judged."""
    datasets = dict.fromkeys([*table.datasets, *_measured(table, results)])
    found = []
    for name, method in table.own.items():
        for dataset, metric in product(datasets, table.metrics):
            if table.metrics[metric].rated:
                continue
            cell = Cell(paper, item, dataset, name, metric, printed="")
            for filling in fillings(paper, name, method, results):
                measured = [_group_row(cell, table, results, group) for group in filling.groups]
                missing = [_missing_row(cell, table, results, filling)] if dataset in table.datasets else []
                found += measured or missing
    return [replace(row, verdict=Verdict.OWN, note=_own_note(row), assumptions=()) for row in found]


def _own_note(row: Row) -> str:
    """What is to be said of a row of the user's own: why it is empty or stale, if it is."""
    why = row.note if row.measured is None or row.verdict is Verdict.STALE else ""
    return "; ".join(filter(None, ["a method of your own (my/tables.yaml), which is not judged", why]))
