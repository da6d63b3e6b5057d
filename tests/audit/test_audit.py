"""The audit as people and programs read it, and bicubic computed again against known numbers."""

import csv
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from sr import project
from sr.audit.audit import Audit, audit
from sr.audit.disagreements import Alias, CommonNames
from sr.audit.recompute import Check, Convention, Trial, check, habits, recompute
from sr.audit.table import rows
from sr.cli.claims import audit as audit_command
from sr.images import image_files, write_png
from sr.pages.audit import render
from sr.papers.published import Cell, load_all
from sr.project import papers
from tests.replications.totals import of_all, totals

PAPERS = ("beby", "esrgan", "gmgan", "ldl", "srgan")
NAMES = CommonNames({"gmgan": [Alias(method="Bicubic", means="bicubic")]})


@pytest.fixture
def no_images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SR_MIRROR", raising=False)
    monkeypatch.setattr(project, "data_folder", lambda: tmp_path / "data")


@pytest.fixture
def without_images(request: pytest.FixtureRequest) -> Audit:
    request.getfixturevalue("no_images")
    return audit(None)


class Balance(HTMLParser):
    """Collects what would make a page depend on others, and tags that are not closed in order."""

    VOID = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.external: list[str] = []
        self.anchors: set[str] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        named = dict(attributes)
        if tag in ("script", "link", "img", "iframe") or "src" in named:
            self.external.append(tag)
        if (target := named.get("href")) is not None:
            self.targets.add(target)
        if (anchor := named.get("id")) is not None:
            assert anchor not in self.anchors, f"id {anchor} stands there twice"
            self.anchors.add(anchor)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_its_links_lead_somewhere(without_images: Audit) -> None:
    page = Balance()
    page.feed(render(without_images, "html"))
    page.close()
    assert page.open == []
    assert page.external == []
    assert page.targets <= {f"#{anchor}" for anchor in page.anchors}


def test_without_images_the_pages_say_why_bicubic_is_missing(without_images: Audit) -> None:
    assert len(without_images.recomputation.skipped) == 3
    assert without_images.recomputation.checks == ()
    for suffix in ("html", "md"):
        text = render(without_images, suffix)
        assert text.count("Skipped:") == 3
        assert "BSD100 (" in text


@pytest.mark.parametrize("suffix", ["html", "md"])
def test_the_pages_tell_what_fails_and_why(without_images: Audit, suffix: str) -> None:
    text = render(without_images, suffix)
    assert "SRGAN 32.05 is not" in text
    assert "PSNR of SRGAN on Set5" in text
    assert "copied into the SRGAN row" in text
    assert "HR 4.32 is not within 0.3 of 5" in text


def test_rows_of_each_paper_are_complete(without_images: Audit) -> None:
    tables = {paper: rows(without_images, paper) for paper in PAPERS}
    claims = [row for table in tables.values() for row in table if row.section == "claim"]
    counted = [totals(paper) for paper in PAPERS]
    verdicts = Counter(row.verdict for row in claims)
    assert verdicts["does not hold"] == sum(len(one.do_not_hold) for one in counted)
    assert verdicts["holds"] == 55
    assert len(claims) == sum(one.claims for one in counted)
    for table in tables.values():
        for row in table:
            explained = row.cause or row.section in ("claim", "bicubic")
            assert explained, row
            assert row.confidence in ("shown", "likely", "open", "")
            assert row.section == "claim" or row.confidence, row
    repeated = [row for row in tables["ldl"] if "0.0930" in row.numbers and row.section == "disagreement"]
    assert [(row.ids, row.confidence) for row in repeated] == [("I-L9", "open")]


@pytest.mark.usefixtures("no_images")
def test_the_command_writes_a_table_for_each_paper_and_the_pages(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(audit_command)
    result = CliRunner().invoke(app, ["--output", str(tmp_path / "tables")])
    assert result.exit_code == 0, result.output
    counted = of_all()
    assert f"{counted.claims} claims, {len(counted.do_not_hold)} do not hold" in result.output
    assert "bicubic not computed again: Set5" in result.output
    written = {path.name for path in (tmp_path / "tables").iterdir()}
    assert written == {
        *(f"audit_{paper}.csv" for paper in papers()),
        "audit.html",
        "audit.body.html",
        "audit.md",
    }
    with (tmp_path / "tables" / "audit_esrgan.csv").open(newline="") as stream:
        claims = [row["ids"] for row in csv.DictReader(stream) if row["section"] == "claim"]
    assert claims == [f"E{number:02d}" for number in range(1, 22)]


def convention(**changes: object) -> Convention:
    usual = {"window": "Wang", "channel": "Y", "grey": "as_stored", "border": 4, "multiple": 4}
    return Convention(**{**usual, **changes})  # type: ignore[arg-type]


def printed(dataset: str, psnr: str, ssim: str) -> list[Cell]:
    numbers = {"PSNR": psnr, "SSIM": ssim}
    return [Cell("srgan", "t", dataset, "bicubic", metric, number) for metric, number in numbers.items()]


def test_a_row_needs_both_numbers_under_one_convention() -> None:
    rounded = convention(channel="Y rounded")
    trials = {
        "a": [Trial(convention(), 20.0, 0.5), Trial(rounded, 21.0, 0.6)],
        "b": [Trial(convention(), 22.0, 0.7), Trial(rounded, 22.5, 0.8)],
    }
    checks = check(trials, [*printed("a", "20.01", "0.6"), *printed("b", "22.51", "0.8001")], NAMES)
    assert [[trial.convention for trial in one.agreeing] for one in checks] == [[], [rounded]]
    assert checks[1].trials[0].convention == rounded
    (habit,) = habits(checks)
    assert habit.convention == rounded
    assert [one.psnr.dataset for one in habit.missed] == ["a"]


def test_images_without_colour_can_be_left_out_or_read_as_rgb(tmp_path: Path) -> None:
    """A grey image and a colour one: leaving out grey leaves the colour image's score."""
    generator = np.random.default_rng(1)
    grey = generator.integers(0, 256, (48, 48), dtype=np.uint8)
    colour = generator.integers(0, 256, (48, 48, 3), dtype=np.uint8)
    write_png(tmp_path / "both" / "grey.png", grey)
    write_png(tmp_path / "both" / "colour.png", colour)
    write_png(tmp_path / "one" / "colour.png", colour)
    write_png(tmp_path / "three" / "grey.png", np.repeat(grey[:, :, None], 3, axis=2))
    images = {name: image_files(tmp_path / name) for name in ("both", "one", "three")}
    trials = {
        place: {trial.convention: trial for trial in own} for place, own in recompute(images, []).items()
    }
    stored, as_rgb, left_out = (convention(grey=own) for own in ("as_stored", "as_rgb", "left out"))
    assert trials["both"][left_out] == Trial(left_out, trials["one"][stored].psnr, trials["one"][stored].ssim)
    assert trials["both"][stored].psnr != trials["both"][as_rgb].psnr
    assert left_out not in trials["three"]
    mean = (trials["one"][as_rgb].psnr + trials["three"][as_rgb].psnr) / 2
    assert trials["both"][as_rgb].psnr == pytest.approx(mean, abs=1e-9)


@pytest.fixture(scope="module")
def small_sets(mirror: Path) -> list[Check]:
    images = {name: image_files(mirror / "benchmark" / name / "HR") for name in ("Set5", "Set14")}
    return check(recompute(images, load_all()), load_all(), NAMES)


def trial(checks: list[Check], paper: str, dataset: str, wanted: Convention) -> Trial:
    (one,) = (own for own in checks if (own.psnr.paper, own.psnr.dataset) == (paper, dataset))
    return next(own for own in one.trials if own.convention == wanted)


def test_bicubic_on_the_small_sets_comes_out_as_measured_before(small_sets: list[Check]) -> None:
    """Values of an independent MATLAB-style computation."""
    set5 = trial(small_sets, "gmgan", "Set5", convention())
    assert (round(set5.psnr, 2), round(set5.ssim, 4)) == (28.43, 0.8111)
    as_rgb = trial(small_sets, "gmgan", "Set14", convention(grey="as_rgb"))
    assert (round(as_rgb.psnr, 2), round(as_rgb.ssim, 4)) == (26.09, 0.7048)
    daala = convention(window="daala", channel="Y rounded")
    assert trial(small_sets, "srgan", "Set5", daala).psnr == pytest.approx(28.416, abs=0.001)
    assert trial(small_sets, "srgan", "Set14", daala).psnr == pytest.approx(25.990, abs=0.001)


def test_srgan_comes_out_by_daala_and_gmgans_set14_by_nothing(small_sets: list[Check]) -> None:
    by_paper = {habit.paper: habit for habit in habits(small_sets)}
    assert by_paper["srgan"].convention == convention(window="daala", channel="Y rounded")
    assert by_paper["srgan"].missed == ()
    assert by_paper["gmgan"].convention.window == "Wang"
    assert [one.ssim.printed for one in by_paper["gmgan"].missed] == ["0.7163"]


@pytest.mark.slow
def test_every_other_bicubic_row_of_gmgan_comes_out_under_one_convention(mirror: Path) -> None:
    found = audit(mirror)
    by_paper = {habit.paper: habit for habit in found.recomputation.habits}
    assert found.recomputation.skipped == ()
    assert (by_paper["srgan"].rows, len(by_paper["srgan"].missed)) == (3, 0)
    assert (by_paper["gmgan"].rows, len(by_paper["gmgan"].missed)) == (7, 1)
    assert by_paper["gmgan"].convention == convention(grey="as_rgb")
    assert "no convention gives both" in render(found, "html")
