"""Does a run stand? Counts verdicts, and finds what contradicts a paper or contradicts itself."""

from dataclasses import dataclass

from sr.papers.published import Cell, load_published
from sr.papers.tables import Finding, layouts_path, load_layouts
from sr.papers.third_party import listed_cells
from sr.results.source import Kind, Source
from sr.verdicts.equivalence import Held
from sr.verdicts.rows import Row, Verdict, count_verdicts

_ROUNDING = 2e-6  # tables carry six decimals


@dataclass(frozen=True)
class Report:
    """What the tables of a run say.

    cells: how many printed numbers were compared, each once, however many sources it was held against.
    listed: how many numbers that authors list outside their paper. findings: rows that differ as tables.yaml
    foretells.
    """

    counts: dict[Verdict, int]
    cells: int
    listed: int
    differing: list[Row]
    findings: list[tuple[Row, Finding]]
    contradictions: list[str]

    @property
    def compared(self) -> int:
        """How many measured numbers were held against printed or listed ones."""
        return sum(count for verdict, count in self.counts.items() if verdict.compares)


def check_rows(rows: list[Row]) -> Report:
    """Sort out the rows of all tables of a run. Verdicts are not believed but recomputed from the numbers."""
    differing, findings = [], []
    for row in rows:
        if row.verdict is Verdict.DIFFERS:
            finding = known_finding(row)
            if finding is None:
                differing.append(row)
            else:
                findings.append((row, finding))
    printed: dict[tuple[str, ...], str] = {
        cell.key: cell.printed for paper in {row.paper for row in rows} for cell in _known(paper)
    }
    problems = [(row, _contradiction(row, printed.get(row.key[:5], ""))) for row in rows]
    contradictions = [f"{row}: {problem}" for row, problem in problems if problem]
    compared = [row for row in rows if row.verdict.compares]
    cells = len({row.key[:5] for row in compared if row.published})
    listed = len({row.key[:5] for row in compared if row.listed})
    return Report(count_verdicts(rows), cells, listed, differing, findings, contradictions)


def _known(paper: str) -> list[Cell]:
    """The numbers that the paper prints, and those that its authors list outside it."""
    tables = load_layouts(paper).tables.items() if layouts_path(paper).is_file() else ()
    return load_published(paper) + [
        cell for item, table in tables for cell in listed_cells(paper, item, table)
    ]


def known_finding(row: Row) -> Finding | None:
    """The finding of tables.yaml that explains a row; the value it foretells must have come out."""
    if _of_figure(row):
        return None
    table = load_layouts(row.paper).table(row.paper, row.item)
    finding = table.finding(row.place, Source.parse(row.source).kind)
    if finding is None or finding.comes_out is None or row.measured is None or row.tolerance is None:
        return None
    foretold = _cell(row, str(finding.comes_out))
    return finding if _held(row, row.measured, row.tolerance).could_be(foretold) else None


def _cell(row: Row, printed: str) -> Cell:
    return Cell(row.paper, row.item, row.dataset, row.method, row.metric, printed)


def _of_figure(row: Row) -> bool:
    """Whether a figure tells the number, which stands in no table and has no source."""
    return row.item in load_layouts(row.paper).elsewhere


def _held(row: Row, measured: float, tolerance: float) -> Held:
    if _of_figure(row):
        return Held(measured, tolerance, None, rounding=_ROUNDING)
    rated = load_layouts(row.paper).table(row.paper, row.item).metrics[row.metric].rated
    by_spread = Source.parse(row.source).kind == Kind.TRAINED and not rated
    return Held(measured, tolerance, row.interval if by_spread else None, rounding=_ROUNDING)


def _contradiction(row: Row, printed: str) -> str:
    """What is wrong with a row by itself: a changed printed number, or a verdict its numbers do not allow."""
    if row.stated != printed:
        return f"says that {row.stated or 'nothing'} is printed, published.csv says {printed or 'nothing'}"
    if not row.verdict.compares:
        return "" if row.note else f"the verdict '{row.verdict}' has no reason"
    if row.deviations:
        return f"the verdict '{row.verdict}' needs a measurement without deviations"
    if row.measured is None or row.tolerance is None or not printed:
        return f"the verdict '{row.verdict}' needs a printed number, a measured one and a tolerance"
    allowed = _held(row, row.measured, row.tolerance).verdict(_cell(row, printed))
    if allowed is not row.verdict:
        return f"{row.measured} against {printed} (tolerance {row.tolerance}) is '{allowed}'"
    return ""
