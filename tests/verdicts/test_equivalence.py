"""A match says what it distinguishes: the trial with other methods' scores, and the error rates."""

from pathlib import Path

import numpy as np
import pytest

from sr.papers.published import Cell, load_published
from sr.papers.spread import spread_of
from sr.papers.tables import load_layouts
from sr.results.intervals import Unit
from sr.results.power import seeds_against_one, seeds_to_tell
from sr.results.source import Source
from sr.verdicts.equivalence import Apart, Held, by_trainings, in_words, seeds_apart
from sr.verdicts.judge import table_rows
from sr.verdicts.rows import Row, Verdict
from tests.results.synthetic_scores import READY, make_measurement, make_run, write_score

# Paper, table, method, and the method whose scores are fed in.
TRIAL = [
    ("gmgan", "table2", "GMGAN", "GMGAN (lMSE + lP + lGA)"),
    ("gmgan", "table2", "GMGAN", "SRGAN"),
    ("beby", "table1", "Ours", "w/o RA"),
    ("ldl", "table2", "#3", "#2"),
    ("ldl", "table2", "#4", "#2"),
    ("ldl", "table2", "#5", "#2"),
]
# Differences that an earlier version called equal.
BANDS = {"PSNR": 0.25, "SSIM": 0.008, "LPIPS": 0.01, "PI": 0.15}


def trial(folder: Path, seeds: int) -> list[Row]:
    """Rows of cells that hold another method's printed number, seeds a little apart."""
    return [row for number, one in enumerate(TRIAL) for row in fed(folder / str(number), *one, seeds)]


def fed(folder: Path, paper: str, item: str, method: str, other: str, seeds: int) -> list[Row]:
    table = load_layouts(paper).table(paper, item)
    recipe = table.methods[method].full_recipe(paper)
    assert recipe is not None
    cells = {cell.key[2:]: cell.value for cell in load_published(paper) if cell.item == item}
    sources = [str(Source.trained("paper", "DF2K", recipe, seed)) for seed in range(seeds)]
    near = {
        (dataset, metric): value
        for (dataset, name, metric), value in cells.items()
        if name == other and abs(value - cells[dataset, method, metric]) <= BANDS[metric]
    }
    for dataset in table.datasets:
        for number, source in enumerate(sources):
            off = 1 + 0.001 * (number - (seeds - 1) / 2)
            values = {
                metric: [value * off] * 5 for (where, metric), value in near.items() if where == dataset
            }
            if values:
                write_score(folder, source, table.benchmark(dataset), values, protocol=paper)
    ready = {table.benchmark(name): READY for name in table.datasets}
    rows = table_rows(paper, item, table, make_run(folder, *sources, **ready))
    return [row for row in rows if row.method == method and (row.dataset, row.metric) in near]


@pytest.mark.parametrize("seeds", [1, 3, 10])
def test_another_methods_scores_are_no_plain_match(tmp_path: Path, seeds: int) -> None:
    rows = trial(tmp_path, seeds)
    judged = [row for row in rows if row.verdict.compares]
    assert len(judged) >= 14
    assert not [row for row in judged if row.is_plain_match]
    for row in judged:
        assert row.verdict is Verdict.DIFFERS or row.could_be
        assert row.verdict is Verdict.MATCH or "off by" in row.note or "known finding" in row.note
        assert row.verdict is not Verdict.MATCH or "seed" in row.note


def cell(text: str, method: str = "ours") -> Cell:
    return Cell("ldl", "table2", "DIV2K", method, "PSNR", text)


def test_a_coarsely_printed_number_is_neither_equal_nor_different() -> None:
    ours = Held(25.3, 0.2, (24.9, 25.7))
    assert ours.verdict(cell("25.30")) is Verdict.MATCH
    assert ours.verdict(cell("25.60")) is Verdict.UNDECIDED
    assert ours.verdict(cell("26.00")) is Verdict.DIFFERS
    assert ours.verdict(cell("25")) is Verdict.UNDECIDED


def test_without_trainings_a_band_decides() -> None:
    ours = Held(25.3, 0.05, None)
    assert ours.verdict(cell("25.35")) is Verdict.MATCH
    assert ours.verdict(cell("25.36")) is Verdict.DIFFERS
    assert Held(np.inf, 0.05, None).verdict(cell("inf")) is Verdict.MATCH


@pytest.mark.parametrize("seeds", [1, 2, 3, 10])
def test_error_rates_are_as_promised(seeds: int) -> None:
    """Spreads drawn as stated: a printed number at the margin is shown equal in 5 %, the method's own printed
    number is said to differ in 5 %, and taken for that of another method is ruled out on either side in 5 %.
    """
    spread = spread_of("PSNR")
    assert spread is not None
    random, times = np.random.default_rng(seeds), 3000
    alone, equal, ruled_out, above = spread.alone, 0, 0, 0
    for _ in range(times):
        sigma = np.sqrt(alone.variance(5) * alone.worth / random.chisquare(alone.worth))
        values = np.repeat(random.normal(30, sigma, (seeds, 1)), 5, axis=1)
        ours = by_trainings(make_measurement("trained/paper/set/srgan/srgan_vgg54", values))
        assert ours is not None
        at_margin, own = (f"{30 + number:.9f}" for number in (2 * sigma, random.normal(0, sigma)))
        equal += ours.verdict(cell(at_margin)) is Verdict.MATCH
        ruled_out += not ours.could_be(cell(own))
        above += ours.not_ruled_out is not None and ours.not_ruled_out[0] > float(own)
    assert equal / times == pytest.approx(0.05, abs=0.013)
    assert ruled_out / times == pytest.approx(0.05, abs=0.013)
    assert above / times == pytest.approx(0.05, abs=0.013)


def test_it_says_how_many_seeds_it_would_take() -> None:
    found = make_measurement("trained/paper/set/srgan/srgan_vgg54", np.full((1, 5), 30.0))
    spread = spread_of("PSNR")
    assert spread is not None
    far, near = cell("31.00", "far"), cell("30.10", "near")
    needed = seeds_against_one(1.0, spread.alone.variance(5) ** 0.5, spread.alone.worth)
    apart = [
        seeds_apart(cell("30.00"), other, found, paired)
        for other, paired in ((far, None), (near, None), (near, True), (cell("30.00", "twin"), True))
    ]
    both = [Unit([0.0], spread.paired.variance(5), spread.paired.worth)]
    assert apart == [
        Apart("far", needed, None),
        Apart("near", None, None),
        Apart("near", None, seeds_to_tell(0.1, both)),
        Apart("twin", None, None),
    ]
    assert in_words(apart) == (
        f"seeds it takes to tell it from far ({needed}); seeds of each, for one printed training is not "
        f"enough, to tell it from near ({apart[2].both}); no number of seeds tells it from near, twin"
    )
