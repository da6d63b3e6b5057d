"""All tables of a run read back, and all printed cells of all papers with what became of each."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sr.errors import InputError
from sr.figure_facts import NoFacts, load_facts
from sr.papers.published import Cell, load_published
from sr.papers.tables import OfFigure, layouts_path, load_layouts, name_in_files
from sr.project import papers
from sr.verdicts.judge import blank_row
from sr.verdicts.rows import Row, Verdict, count_verdicts, distinct, read_rows


def table_files(folder: Path) -> list[Path]:
    """The result tables in a folder, {item}_{paper}.csv. Raises InputError when there is none."""
    described = [paper for paper in papers() if layouts_path(paper).is_file()]
    names = {
        f"{name_in_files(item)}_{paper}.csv" for paper in described for item in load_layouts(paper).tables
    }
    files = sorted(path for path in folder.glob("*.csv") if path.name in names)
    if not files:
        raise InputError(
            f"{folder}: holds no result tables such as table2_srgan.csv; make one with `sr table`."
        )
    return files


def load_tables(folder: Path) -> list[Row]:
    """The distinct rows of all tables in a folder. Raises InputError when there is no table."""
    return distinct(row for path in table_files(folder) for row in read_rows(path))


def all_verdicts(folder: Path) -> list[Row]:
    """Rows of all tables in a folder, and a row with a reason for every printed cell that is in none.

    Figures lie beside the folder.
    """
    rows = load_tables(folder)
    figures = folder.with_name("figures")
    judged = {row.key[:5] for row in rows}
    return rows + [
        _unjudged(cell, figures)
        for paper in papers()
        for cell in load_published(paper)
        if cell.key not in judged
    ]


def ending(targets: Iterable[str], tables: Path = Path("results/tables")) -> str:
    """What a finished run of Snakemake says: the verdicts of the tables that were asked for, or else where
    everything lies.

    targets: as they were named, table2_srgan or results/tables/table2_srgan.csv.
    """
    asked = dict.fromkeys(Path(target).name.partition(".")[0] for target in targets)
    lines = []
    for name in asked:
        path = tables / f"{name}.csv"
        if path in (table_files(tables) if path.is_file() else ()):
            counts = count_verdicts(distinct(read_rows(path)))
            said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
            lines.append(f"{name}: {said}; see {path.with_suffix('.html')}")
    return "\n".join(lines) or (
        "After `all`, open results/report/index.html; tables lie in results/tables."
        " `sr check --reference results/reference` sums up the verdicts."
    )


def _unjudged(cell: Cell, figures: Path) -> Row:
    if not layouts_path(cell.paper).is_file():
        reason = "replication of this paper has not been carried out yet in this version"
        return blank_row(cell, Verdict.NOT_RUN, reason)
    elsewhere = load_layouts(cell.paper).elsewhere.get(cell.item)
    if elsewhere and (measured := elsewhere.of_figure(cell)):
        return _of_figure(cell, measured, figures)
    if elsewhere:
        return blank_row(cell, Verdict(elsewhere.verdict), elsewhere.reason)
    return blank_row(cell, Verdict.NOT_RUN, f"{cell.item} of {cell.paper} was not made in this run")


def _of_figure(cell: Cell, measured: OfFigure, figures: Path) -> Row:
    """A printed number beside what a figure tells, which no training decides."""
    try:
        fact = load_facts(figures, cell.paper, measured.figure)[measured.fact]
    except NoFacts as reason:
        return blank_row(cell, Verdict.NOT_RUN, str(reason))
    value = measured.times * fact.values[0]
    within = abs(value - cell.value) <= measured.band
    return replace(
        blank_row(cell, Verdict.MATCH if within else Verdict.DIFFERS, ""),
        measured=value,
        difference=value - cell.value,
        tolerance=measured.band,
        note=f"by the figure {measured.figure}; tolerance: {measured.reason}",
    )
