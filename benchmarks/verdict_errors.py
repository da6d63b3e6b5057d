"""How often a trained cell is called a match, rightly and wrongly: simulated trainings of every such cell.

`python -m benchmarks.verdict_errors [--repetitions N] [--output docs/verdict_errors.md]`

Every printed number that a recipe here could fill is one training of its method. The true spread of trainings
is drawn from what replications/spread.yaml states, the true mean of the method from that spread around the
printed number. Trainings of the method itself should match; trainings of every other method in the same row
of the table (same dataset, same metric) should not, and are judged as if they were the method's.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.report import repeated_page
from sr.papers.published import Cell, load_published
from sr.papers.spread import Spread, spread_of
from sr.papers.tables import Table, load_layouts
from sr.papers.third_party import listed_cells
from sr.project import papers
from sr.results.intervals import Unit, estimate
from sr.verdicts.equivalence import held_to
from sr.verdicts.rows import Verdict

SEEDS = (1, 2, 3, 5, 10)
# Of the benchmarks that are printed, by how many images each has; a figure prints single ones.
IMAGES = {"Set5": 5, "Set14": 14, "Manga109": 109, "UH4K": 100}
USUAL = 100
# What an earlier version called a match, whatever its neighbours.
BANDS = {"PSNR": 0.25, "SSIM": 0.008, "LPIPS": 0.01, "DISTS": 0.01, "PI": 0.15, "NIQE": 0.3, "FID": 2.0}


@dataclass(frozen=True)
class Place:
    """A trainable cell, what is printed beside it, and the spread of its trainings."""

    cell: Cell
    others: tuple[Cell, ...]
    spread: Spread
    images: int


@dataclass
class Tally:
    """Counts of simulated verdicts. before: what the earlier version called a match."""

    cases: int = 0
    match: int = 0
    plain: int = 0
    differs: int = 0
    before: int = 0

    def shares(self) -> str:
        """Per cent of the cases: plain match, match, differs, match before."""
        counts = (self.plain, self.match, self.differs, self.before)
        return " | ".join(f"{100 * count / self.cases:.1f}" for count in counts)


def main() -> None:
    """Print the page, or write it."""
    repeated_page(str(__doc__), text, repetitions=10)


def text(repetitions: int) -> str:
    """The page: one table of the method's own trainings, one of other methods'."""
    places = list(trainable())
    pairs = sum(len(place.others) for place in places)
    crowded = sum(
        any(abs(place.cell.value - other.value) <= BANDS[place.cell.metric] for other in place.others)
        for place in places
    )
    head = "| seeds | plain match | match | differs | match before |\n| ---: | ---: | ---: | ---: | ---: |"
    right, wrong = [head], [head]
    for seeds in SEEDS:
        own, others = simulate(places, seeds, repetitions)
        right.append(f"| {seeds} | {own.shares()} |")
        wrong.append(f"| {seeds} | {others.shares()} |")
    return PAGE.format(
        repetitions=repetitions,
        cells=len(places),
        crowded=crowded,
        pairs=pairs,
        right="\n".join(right),
        wrong="\n".join(wrong),
    )


def trainable() -> Iterator[Place]:
    """Every printed number that a recipe could fill and a metric gives."""
    for paper in papers():
        by_row: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
        for cell in load_published(paper):
            by_row[cell.item, cell.dataset, cell.metric].append(cell)
        for item, table in load_layouts(paper).tables.items():
            if table.listed or listed_cells(paper, item, table):
                continue
            for (where, dataset, metric), row in by_row.items():
                if where == item and metric in table.metrics and not table.metrics[metric].rated:
                    yield from _places(row, table, dataset)


def _places(row: list[Cell], table: Table, dataset: str) -> Iterator[Place]:
    benchmark = table.dataset(dataset)
    images = 1 if benchmark.image else IMAGES.get(benchmark.benchmark or dataset, USUAL)
    spread = spread_of(row[0].metric)
    assert spread is not None, row[0]
    for cell in row:
        method = table.methods.get(cell.method)
        if method and method.full_recipe(cell.paper) and np.isfinite(cell.value):
            others = tuple(one for one in row if one.method != cell.method and np.isfinite(one.value))
            yield Place(cell, others, spread.alone, images)


def simulate(places: list[Place], seeds: int, repetitions: int) -> tuple[Tally, Tally]:
    """Verdicts on the method's own trainings, and on those of each other method of the row."""
    random, own, others = np.random.default_rng(seeds), Tally(), Tally()
    for place in places:
        stated, worth = place.spread.variance(place.images), place.spread.worth
        for _ in range(repetitions):
            for trained in (place.cell, *place.others):
                sigma = np.sqrt(stated * worth / random.chisquare(worth))
                truth = random.normal(trained.value, sigma)
                values = random.normal(truth, sigma, seeds)
                _count(own if trained is place.cell else others, place, values, Unit(values, stated, worth))
    return own, others


def _count(tally: Tally, place: Place, values: np.ndarray, unit: Unit) -> None:
    mean = estimate([unit])
    assert mean is not None
    held = held_to(mean, len(values))
    verdict = held.verdict(place.cell)
    tally.cases += 1
    tally.match += verdict is Verdict.MATCH
    tally.plain += verdict is Verdict.MATCH and not any(
        held.could_be_another(other) for other in place.others
    )
    tally.differs += verdict is Verdict.DIFFERS
    tally.before += abs(values.mean() - place.cell.value) <= BANDS[place.cell.metric]


PAGE = """# How often a verdict errs

This page is written by `python -m benchmarks.verdict_errors --repetitions {repetitions} --output
docs/verdict_errors.md`; do not edit it. It says what becomes of the {cells} printed numbers that a recipe
here could fill, with simulated trainings whose spread is drawn as `replications/spread.yaml` states it,
judged by the suite's own code, {repetitions} times each. {crowded} of them have another method's printed
number within the band by which an earlier version judged.

A *plain match* is shown equal to the printed number and is none of the others in its row; a *match* may be
some of the others, which it then names. What is neither `match` nor `differs` is `undecided`. All figures are
shares in per cent; `match before` is what the earlier version called a match.

## Trainings of the method itself

{right}

## Trainings of another method of the row

Every one of the {pairs} pairs of a cell and another method of its row, judged as if it were the cell's own
method: a plain match is wrong, and at most 5 % are meant to be. A match that names the others is not.

{wrong}

Many of these other methods are far away; the nearest ones are ruled out no more often than that, whatever the
number of seeds, because the printed number is that of one training. What tells them apart is training both:
the verdicts and `sr plan` say with how many seeds.
"""


if __name__ == "__main__":
    main()
