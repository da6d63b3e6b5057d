"""Rows arranged as the paper prints its table: what every rendering shows, without any markup."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby, product

from sr.pages.notes import Notes
from sr.papers.published import LOWER_IS_BETTER, OPINION
from sr.papers.tables import Axis, Table
from sr.results.source import PAPER_BUDGET, Kind, Source
from sr.verdicts.rows import Row, Verdict

Place = tuple[str, str, str]  # dataset, method, metric

SIGNS = {  # a sign for screens and a letter for print: a verdict is never told by colour alone
    Verdict.MATCH: ("✓", "m"),
    Verdict.UNDECIDED: ("≈", "i"),
    Verdict.DIFFERS: ("✗", "d"),
    Verdict.NOT_COMPARABLE: ("◇", "c"),
    Verdict.UNAVAILABLE: ("∅", "u"),
    Verdict.NOT_RUN: ("–", "n"),
    Verdict.STALE: ("⟳", "s"),
    Verdict.NOT_A_RESULT: ("□", "k"),
    Verdict.OWN: ("☆", "o"),
}
MEANINGS = {
    Verdict.MATCH: "measured the paper's way, shown equal within the tolerance",
    Verdict.UNDECIDED: "measured the paper's way, neither shown equal nor different by so few seeds",
    Verdict.DIFFERS: "measured the paper's way, further away than chance or rounding explains",
    Verdict.NOT_COMPARABLE: "measured in another way than the paper's, or not printed there",
    Verdict.UNAVAILABLE: "images, weights or parameters cannot be had",
    Verdict.NOT_RUN: "not measured in this run",
    Verdict.STALE: "made by other code or another recipe than today's",
    Verdict.NOT_A_RESULT: "printed, but no outcome of a method",
    Verdict.OWN: "a method of your own: the paper prints nothing of it, and nothing is judged",
}

_TOLD = 3  # of a list in a note
_PARTING = {"stage": " of this stage alone, from one start", "start": ", each from a start of its own"}


@dataclass(frozen=True)
class Line:
    """What one source has to say in a cell: a number (or nothing), a verdict, a tag and a note.

    shrunk: whether the number comes from a smaller budget than the paper's, which italics say.
    """

    text: str
    verdict: Verdict
    tag: str
    note: int | None
    chance: str
    shrunk: bool

    @property
    def sign(self) -> str:
        """The verdict's sign."""
        return SIGNS[self.verdict][0]

    @property
    def letter(self) -> str:
        """The verdict's letter."""
        return SIGNS[self.verdict][1]


@dataclass(frozen=True)
class GridCell:
    """A printed number, whether the paper sets it in bold, and a line for each source."""

    printed: str
    best: bool
    lines: list[Line]


@dataclass(frozen=True)
class GridRow:
    """One row of cells under its heading."""

    label: str
    cells: list[GridCell]


@dataclass(frozen=True)
class Section:
    """Rows under a common heading, such as all metrics of one dataset."""

    label: str
    in_paper: bool
    rows: list[GridRow]


@dataclass(frozen=True)
class Key:
    """One entry of the legend."""

    verdict: Verdict
    sign: str
    letter: str
    meaning: str
    count: int


@dataclass(frozen=True)
class Grid:
    """A whole table, ready to be set: headings as (label, columns spanned), columns, sections, notes."""

    title: str
    caption: str
    remarks: list[str]
    headings: list[tuple[str, int]]
    columns: list[str]
    sections: list[Section]
    notes: list[str]
    legend: list[Key]


def build_grid(table: Table, rows: list[Row]) -> Grid:
    """Arrange the rows of one table in the paper's layout; unprinted benchmarks follow the printed ones."""
    by_place: dict[Place, list[Row]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row)
    names: dict[Axis, list[str]] = {
        "dataset": list(dict.fromkeys([*table.datasets, *(row.dataset for row in rows)])),
        "method": [*table.methods, *table.own],
        "metric": list(table.metrics),
    }
    columns = _combinations(table.columns, names)
    lines = _combinations(table.rows, names)
    notes = Notes()
    sections = []
    for heading, members in groupby(
        lines, key=lambda line: line[table.rows[0]] if len(table.rows) == 2 else ""
    ):
        grid_rows = [_grid_row(table, by_place, line, columns, notes) for line in members]
        kept = [row for row in grid_rows if any(cell.printed or cell.lines for cell in row.cells)]
        label = _label(table, table.rows[0], heading) if heading else ""
        in_paper = table.rows[0] != "dataset" or not heading or heading in table.datasets
        sections += [Section(label, in_paper, kept)] if kept else []
    counts = Counter(row.verdict for row in rows)
    return Grid(
        title=table.title,
        caption=table.caption,
        remarks=_remarks(table, rows),
        headings=_headings(table, columns),
        columns=[_label(table, table.columns[-1], column[table.columns[-1]]) for column in columns],
        sections=sections,
        notes=notes.texts,
        legend=[Key(v, *SIGNS[v], MEANINGS[v], counts[v]) for v in Verdict if counts[v]],
    )


def _combinations(axes: list[Axis], names: dict[Axis, list[str]]) -> list[dict[Axis, str]]:
    """Every combination of names along one or two axes, the last axis running fastest."""
    return [dict(zip(axes, values, strict=True)) for values in product(*(names[axis] for axis in axes))]


def shown(value: float, decimals: int) -> str:
    """A measured number with as many decimals as the paper prints for its metric."""
    return f"{value:.{decimals}f}".replace("inf", "∞")


def _grid_row(
    table: Table,
    by_place: dict[Place, list[Row]],
    fixed: dict[Axis, str],
    columns: list[dict[Axis, str]],
    notes: Notes,
) -> GridRow:
    places = [{**fixed, **column} for column in columns]
    keys = [(place["dataset"], place["method"], place["metric"]) for place in places]
    cells = [_cell(table, key, by_place, notes) for key in keys]
    return GridRow(_label(table, table.rows[-1], fixed[table.rows[-1]]), cells)


def _cell(table: Table, place: Place, by_place: dict[Place, list[Row]], notes: Notes) -> GridCell:
    rows = by_place.get(place, [])
    printed = rows[0].stated.replace("inf", "∞") if rows else ""
    decimals = table.metrics[place[2]].decimals
    return GridCell(
        printed=printed + table.marks.get("/".join(place), ""),
        best=bool(printed) and _is_best(table, rows[0], by_place),
        lines=[_line(row, decimals, notes) for row in rows],
    )


def _line(row: Row, decimals: int, notes: Notes) -> Line:
    return Line(
        text="" if row.measured is None else shown(row.measured, decimals),
        verdict=row.verdict,
        tag=_tag(row) if row.measured is not None else "",
        note=notes.number(_told(row)),
        chance=_chance(row, decimals),
        shrunk=_is_shrunk(row),
    )


def _is_shrunk(row: Row) -> bool:
    return row.measured is not None and row.budget not in ("", PAPER_BUDGET)


def _chance(row: Row, decimals: int) -> str:
    """How sure a number is, in words: of trainings by their seeds, of opinions by the images."""
    if not row.interval:
        return ""
    ends = " to ".join(shown(end, decimals) for end in row.interval)
    if Source.parse(row.source).kind != Kind.TRAINED or row.metric == OPINION:
        return f"95 % interval over images {ends}"
    seeds = f"; spread over {len(row.seeds)} seeds {row.spread:.2g}" if row.spread is not None else ""
    return f"another training is expected from {ends}{seeds}"


def _told(row: Row) -> str:
    """What a note says of a row: its deviations or, where there are none, why it is as it is and what that
    takes for granted.
    """
    if row.verdict is Verdict.STALE:
        return f"{_trained_name(row)}: {row.note}"
    if row.deviations:
        return f"{_trained_name(row)}: {_summed(row.deviations)}"
    if not row.verdict.compares or not (row.assumptions or row.could_be):
        return row.note
    why = f"; {row.note}" if row.note else ""
    taken = f": {_summed(row.assumptions)}" if row.assumptions else ""
    return f"{_trained_name(row)}: {row.judged}{taken}{why}"


def _summed(parts: tuple[str, ...]) -> str:
    """A list that a reader can take in; the CSV beside the page has it whole."""
    more = len(parts) - _TOLD
    return "; ".join(parts[:_TOLD]) + (
        f"; and {more} more, all of them in the table's CSV" if more > 0 else ""
    )


def _is_best(table: Table, row: Row, by_place: dict[Place, list[Row]]) -> bool:
    """Whether the paper's own value leads its dataset and metric; measured values take no part."""
    if not table.bold or row.method in table.own or not table.methods[row.method].ranked:
        return False
    ranked = [name for name, method in table.methods.items() if method.ranked]
    rivals = [by_place[place] for name in ranked if (place := (row.dataset, name, row.metric)) in by_place]
    values = [float(rows[0].stated) for rows in rivals if rows[0].stated]
    return float(row.stated) == (min(values) if row.metric in LOWER_IS_BETTER else max(values))


def _tag(row: Row) -> str:
    """A word beside a number that keeps it from being taken for the paper's own method at full length."""
    source = Source.parse(row.source)
    if source.kind == Kind.TRAINED:
        seeds = f", mean of {len(row.seeds)} seeds" if len(row.seeds) > 1 else ""
        return ("full training" if row.budget == PAPER_BUDGET else row.budget) + seeds
    return {Kind.RELEASED: f"weights {source.name}", Kind.IMAGES: "supplied images"}.get(source.kind, "")


def _trained_name(row: Row) -> str:
    seeds = f", seed{'s' if len(row.seeds) > 1 else ''} {', '.join(map(str, row.seeds))}" if row.seeds else ""
    return f"{row.source}{seeds}{_PARTING.get(row.seeds_from, '')}"


def _label(table: Table, axis: Axis, name: str) -> str:
    if axis == "metric":
        return table.metrics[name].label or name
    if axis == "method":
        return f"{name} (your own)" if name in table.own else table.methods[name].label or name
    return (table.dataset(name).label or name) + ("" if name in table.datasets else " (not in the paper)")


def _headings(table: Table, columns: list[dict[Axis, str]]) -> list[tuple[str, int]]:
    """Headings above the columns: the first of two axes, or the groups of methods; empty without either."""
    if len(table.columns) == 2:
        labels = [_label(table, table.columns[0], column[table.columns[0]]) for column in columns]
    elif table.columns == ["method"] and any(method.group for method in table.methods.values()):
        labels = [table.fillers(column["method"]).group or "" for column in columns]
    else:
        return []
    return [(label, len(list(same))) for label, same in groupby(labels)]


def _remarks(table: Table, rows: list[Row]) -> list[str]:
    """Sentences for the caption: how to read a cell, the bold face, and what was measured at which budget."""
    above = (
        f"the number that {table.listed} lists outside the paper" if table.listed else "the printed number"
    )
    remarks = [f"Above: {above}. Below: what came out here, with its verdict."]
    if table.bold:
        remarks.append(f"Bold, as in the paper and for printed numbers only: {table.bold}.")
    trained = sorted({_trained_name(row) for row in rows if row.budget and row.measured is not None})
    shrunk = sorted({row.budget for row in rows if _is_shrunk(row)})
    if trained:
        remarks.append(f"Trained here: {'; '.join(trained)}.")
    if shrunk:
        budgets = ", ".join(f"'{budget}'" for budget in shrunk)
        remarks.append(f"Numbers in italics come from the shrunk budget {budgets} and replicate nothing.")
    return remarks
