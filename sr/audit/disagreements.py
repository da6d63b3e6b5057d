"""Printed numbers that do not go together, found from published.csv alone, without judging who is right."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from sr.config import Strict
from sr.papers.published import HIGHER_IS_BETTER, LOWER_IS_BETTER, Cell

Kind = Literal[
    "between papers",
    "within a paper",
    "repeated number",
    "another method's number",
    "missing digits",
    "PSNR against SSIM",
    "order changes",
    "lone gap",
]

MEANING: dict[Kind, str] = {
    "between papers": "the same method, dataset and metric, printed differently by different papers",
    "within a paper": "the same method, dataset and metric, printed differently inside one paper",
    "repeated number": "in one table, one number for two methods of a dataset or two datasets of a method",
    "another method's number": "a number that stands elsewhere, to the digit, for another method",
    "missing digits": "fewer decimals than the rest of its metric in the same table",
    "PSNR against SSIM": "two methods at least 0.4 dB apart that SSIM orders the other way round",
    "order changes": "two methods whose PSNR order differs between datasets by at least 0.3 dB each way",
    "lone gap": "PSNR of two methods at least 1 dB apart on one dataset, five times their gap on any other",
}

# Thresholds in dB, chosen so that ordinary scatter between methods and datasets stays below them.
CLEAR_ORDER = 0.4
CLEAR_CHANGE = 0.3
LARGE_GAP = 1.0
LONE_FACTOR = 5.0


class Alias(Strict):
    """A printed method name that means another one; of one item only when it is named."""

    item: str | None = None
    method: str
    means: str


@dataclass(frozen=True)
class Disagreement:
    """One group of printed cells that do not go together, and in words what is odd about them."""

    kind: Kind
    cells: tuple[Cell, ...]
    observation: str
    method: str = ""  # the common name, where all cells are about one method

    @property
    def subject(self) -> str:
        """Metric, method where there is one, and datasets."""
        metrics = ", ".join(dict.fromkeys(cell.metric for cell in self.cells))
        datasets = ", ".join(dict.fromkeys(cell.dataset for cell in self.cells))
        return f"{metrics} of {self.method} on {datasets}" if self.method else f"{metrics} on {datasets}"

    @property
    def papers(self) -> list[str]:
        """The papers that print the cells."""
        return list(dict.fromkeys(cell.paper for cell in self.cells))


class CommonNames:
    """Which method a cell is about, whatever its paper calls it there."""

    def __init__(self, aliases: Mapping[str, Iterable[Alias]]) -> None:
        self._means = {
            (paper, alias.item, alias.method): alias.means
            for paper, known in aliases.items()
            for alias in known
        }

    def __call__(self, cell: Cell) -> str:
        """The common name of the cell's method."""
        everywhere = self._means.get((cell.paper, None, cell.method), cell.method)
        return self._means.get((cell.paper, cell.item, cell.method), everywhere)


def find(cells: Iterable[Cell], names: CommonNames) -> list[Disagreement]:
    """Every disagreement among the printed results; `names` says which method a cell is about.

    Only metrics with a direction are looked at: constants of a study can not contradict each other this way.
    """
    results = [cell for cell in cells if cell.metric in HIGHER_IS_BETTER | LOWER_IS_BETTER]
    inexact = [cell for cell in results if not _is_exact(cell)]
    return [
        *_differing(inexact, names),
        *_repeated(inexact),
        *_another_methods(inexact, names),
        *_missing_digits(inexact),
        *_psnr_against_ssim(inexact),
        *_over_datasets(inexact),
    ]


def _is_exact(cell: Cell) -> bool:
    """An image compared with itself: infinite PSNR, SSIM 1 by definition."""
    return cell.value == float("inf") or (cell.metric == "SSIM" and cell.value == 1.0)


def _grouped(cells: Iterable[Cell], key: Callable[[Cell], object]) -> Iterator[list[Cell]]:
    groups: dict[object, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[key(cell)].append(cell)
    return iter(groups.values())


def _differing(cells: list[Cell], names: CommonNames) -> Iterator[Disagreement]:
    for group in _grouped(cells, lambda cell: (cell.dataset, names(cell), cell.metric)):
        for own in _grouped(group, lambda cell: cell.paper):
            if len({cell.value for cell in own}) > 1:
                yield Disagreement("within a paper", tuple(own), _spread(own), names(own[0]))
        values = [{cell.value for cell in own} for own in _grouped(group, lambda cell: cell.paper)]
        if any(first != second for first, second in combinations(values, 2)):
            yield Disagreement("between papers", tuple(group), _spread(group), names(group[0]))


def _spread(cells: list[Cell]) -> str:
    values = [cell.value for cell in cells]
    difference = f"{max(values) - min(values):.{max(cell.decimals for cell in cells)}f}"
    ratio = f", ratio {max(values) / min(values):.2f}" if cells[0].metric in LOWER_IS_BETTER else ""
    unit = " dB" if cells[0].metric == "PSNR" else ""
    return f"{difference}{unit} apart{ratio}"


def _repeated(cells: list[Cell]) -> Iterator[Disagreement]:
    for column in _grouped(cells, lambda cell: (cell.paper, cell.item, cell.metric, cell.dataset)):
        for same in _grouped(column, lambda cell: cell.printed):
            if len(same) > 1:
                methods = " and ".join(cell.method for cell in same)
                yield Disagreement(
                    "repeated number", tuple(same), f"{methods} have the same {same[0].metric}"
                )
    for row in _grouped(cells, lambda cell: (cell.paper, cell.item, cell.metric, cell.method)):
        for same in _grouped(row, lambda cell: cell.printed):
            if len(same) > 1:
                datasets = " and ".join(cell.dataset for cell in same)
                yield Disagreement(
                    "repeated number", tuple(same), f"{datasets} have the same {same[0].metric}"
                )


def _another_methods(cells: list[Cell], names: CommonNames) -> Iterator[Disagreement]:
    for same in _grouped(cells, lambda cell: (cell.metric, cell.dataset, cell.printed)):
        places, methods = {cell.key[:2] for cell in same}, list(dict.fromkeys(map(names, same)))
        if len(places) > 1 and len(methods) > 1:
            yield Disagreement(
                "another method's number", tuple(same), f"printed for {' and for '.join(methods)}"
            )


def _missing_digits(cells: list[Cell]) -> Iterator[Disagreement]:
    for column in _grouped(cells, lambda cell: (cell.paper, cell.item, cell.metric)):
        usual = max(cell.decimals for cell in column)
        for cell in column:
            if cell.decimals < usual:
                observation = f"{cell.decimals} decimals where the others have {usual}"
                yield Disagreement("missing digits", (cell,), observation)


def _psnr_against_ssim(cells: list[Cell]) -> Iterator[Disagreement]:
    for column in _grouped(cells, lambda cell: (cell.paper, cell.item, cell.dataset)):
        ssim = {cell.method: cell for cell in column if cell.metric == "SSIM"}
        psnr = [cell for cell in column if cell.metric == "PSNR" and cell.method in ssim]
        for first, second in combinations(psnr, 2):
            decibels = first.value - second.value
            similarity = ssim[first.method].value - ssim[second.method].value
            if abs(decibels) >= CLEAR_ORDER and decibels * similarity < 0:
                pair = (first, second, ssim[first.method], ssim[second.method])
                observation = (
                    f"{first.method} {decibels:+.2f} dB, {similarity:+.4f} SSIM over {second.method}"
                )
                yield Disagreement("PSNR against SSIM", pair, observation)


def _over_datasets(cells: list[Cell]) -> Iterator[Disagreement]:
    for table in _grouped((c for c in cells if c.metric == "PSNR"), lambda cell: (cell.paper, cell.item)):
        by_method = {own[0].method: own for own in _grouped(table, lambda cell: cell.method)}
        for first, second in combinations(by_method.values(), 2):
            other = {cell.dataset: cell for cell in second}
            pairs = [(cell, other[cell.dataset]) for cell in first if cell.dataset in other]
            kind = _gap_kind([one.value - two.value for one, two in pairs])
            if kind:
                gaps = ", ".join(f"{one.dataset} {one.value - two.value:+.2f}" for one, two in pairs)
                both = tuple(cell for pair in pairs for cell in pair)
                yield Disagreement(kind, both, f"{first[0].method} minus {second[0].method} in dB: {gaps}")


def _gap_kind(gaps: list[float]) -> Kind | None:
    # A billionth of slack: printed gaps such as 0.30 are not exact in binary.
    slack = 1e-9
    if gaps and max(gaps) >= CLEAR_CHANGE - slack and min(gaps) <= -CLEAR_CHANGE + slack:
        return "order changes"
    sizes = sorted(map(abs, gaps))
    if len(sizes) > 2 and sizes[-1] >= max(LARGE_GAP, LONE_FACTOR * sizes[-2]) - slack:
        return "lone gap"
    return None
