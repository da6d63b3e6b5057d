"""Which convention gives a printed number: a number that one convention was made to give must be found."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sr.data.assets import Assets
from sr.explain.multiverse import Folders, Outcome, multiverse, summaries, write_nearest
from sr.images import as_rgb, luma, read_image
from sr.papers.published import Cell
from sr.report.specification_curve import curve_table
from sr.verdicts.judge import blank_row
from sr.verdicts.nearest import with_nearest
from sr.verdicts.rows import Row, Verdict
from tests.explain.photographs import enlarged, originals, write


def psnr_of_luma(folder: Path, border: int) -> float:
    """Mean PSNR of BT.601 luma without a border, by its definition."""
    values = []
    for path in sorted((folder / "hr").glob("*.png")):
        sr, hr = (luma(as_rgb(read_image(folder / name / path.name)), rounded=False) for name in ("sr", "hr"))
        rows, columns = (slice(border, side - border) for side in hr.shape)
        values.append(10 * np.log10(255**2 / np.mean((sr - hr)[rows, columns] ** 2)))
    return float(np.mean(values))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Bicubic's images of three photographs as those of Set5."""
    found = Folders(tmp_path / "results", tmp_path / "benchmarks", tmp_path / "images")
    hr = originals()
    write(found.benchmarks / "Set5" / "HR", hr)
    made = {name: enlarged(one) for name, one in hr.items()}
    write(found.results / "reconstructions" / "baseline" / "bicubic" / "Set5", made)
    write(tmp_path / "hr", hr)
    write(tmp_path / "sr", made)
    return found


def row(printed: str) -> Row:
    cell = Cell("srgan", "table2", "Set5", "bicubic", "PSNR", printed)
    return replace(blank_row(cell, Verdict.DIFFERS, "", "baseline/bicubic"), measured=1.0)


def tried(folders: Folders, printed: str) -> list[Outcome]:
    return multiverse([row(printed)], folders, Assets(Path("none"), None))


def test_the_convention_that_a_number_was_made_with_is_found(folders: Folders, tmp_path: Path) -> None:
    printed = f"{psnr_of_luma(tmp_path, 0):.6f}"
    (text,) = summaries(tried(folders, printed)).values()
    assert text.startswith("Y, border 0, grey as RGB")
    assert ": 1 of " not in text
    assert "; 1 of " in text
    own = f"{psnr_of_luma(tmp_path, 4):.6f}"
    found = tried(folders, own)
    assert {one.channel for one in found if one.own} == {"Y, rounded"}, "SRGAN's protocol rounds luma"
    table = curve_table(found)
    best = table.iloc[0]
    assert (best["channel"], best["border"], best["given"], best["cells"]) == ("Y", 4, 1, 1)


def test_a_number_that_no_convention_gives_says_so(folders: Folders) -> None:
    (text,) = summaries(tried(folders, "99.12")).values()
    assert text.endswith("none gives it")


def test_the_list_of_verdicts_takes_it_up(folders: Folders, tmp_path: Path) -> None:
    write_nearest(tmp_path / "srgan_nearest.csv", tried(folders, "99.12"))
    (judged,) = with_nearest([row("99.12")], [tmp_path / "srgan_nearest.csv"])
    assert judged.nearest.endswith("none gives it")
