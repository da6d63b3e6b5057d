"""What disagrees in the printed numbers is found, and every known cause is about something that is there."""

import pytest

from sr.audit.causes import (
    Cause,
    Inconsistencies,
    Inconsistency,
    link,
    load_inconsistencies,
    unexplained,
)
from sr.audit.disagreements import Alias, CommonNames, Disagreement, find
from sr.errors import InputError
from sr.papers.claims import Judgement, judge_printed
from sr.papers.published import Cell, load_all

# The papers whose numbers were held against each other by hand.
READ = ("beby", "esrgan", "gmgan", "ldl", "srgan")

# Counted by hand from the papers: (dataset, method, metric) that two papers print differently.
BETWEEN_PAPERS = {
    *(("Set5", "bicubic", metric) for metric in ("PSNR", "SSIM")),
    *(("Set14", "bicubic", metric) for metric in ("PSNR", "SSIM")),
    *(("BSD100", "bicubic", metric) for metric in ("PSNR", "SSIM")),
    *((dataset, "SRResNet", metric) for dataset in ("Set14", "BSD100") for metric in ("PSNR", "SSIM")),
    *(("Set5", "SRGAN", metric) for metric in ("PSNR", "SSIM")),
    *(("Set14", "SRGAN", metric) for metric in ("PSNR", "SSIM", "LPIPS", "PI")),
    *(("BSD100", "SRGAN", metric) for metric in ("PSNR", "SSIM", "PI")),
    *(("DIV2K", "SRGAN", metric) for metric in ("PSNR", "SSIM", "LPIPS")),
    *((dataset, "ESRGAN", m) for dataset in ("Set14", "DIV2K") for m in ("PSNR", "SSIM", "LPIPS")),
}

# Of the list of inconsistencies made by reading the papers: those about printed results, not about words.
ABOUT_CELLS = {f"X{number:02d}" for number in range(1, 29)} | {
    *("I-S7", "I-S9", "I-B4", "I-B8", "I-B9", "I-L8", "I-L9"),
    *("I-G1", "I-G2", "I-G7", "I-G8", "I-G9", "I-G10", "I-G12", "I-G13", "I-G14"),
}
ABOUT_CLAIMS = {
    *("I-S1", "I-S3", "I-S4", "I-S5", "I-S8", "I-B2", "I-B3", "I-B10"),
    *(f"I-L{number}" for number in range(1, 9)),
    *("I-G1", "I-G2", "I-G3", "I-G4", "I-G5", "I-G6", "I-G14", "I-G17"),
}
COUNTS = {"X": 28, "S": 10, "E": 10, "B": 11, "L": 12, "G": 19}


def known() -> dict[str, Inconsistencies]:
    """What was found by reading those papers, and between them."""
    return {paper: file for paper, file in load_inconsistencies().items() if not paper or paper in READ}


def judged() -> list[Judgement]:
    """Their claims on their printed numbers."""
    return [judgement for paper in READ for judgement in judge_printed(paper)]


@pytest.fixture(scope="module")
def found() -> list[Disagreement]:
    names = CommonNames({paper: file.aliases for paper, file in known().items() if paper})
    return find([cell for cell in load_all() if cell.paper in READ], names)


@pytest.fixture(scope="module")
def causes(found: list[Disagreement]) -> dict[str, Cause]:
    return {cause.known.id: cause for cause in link(known(), found, judged())}


def one(found: list[Disagreement], kind: str, **place: str) -> Disagreement:
    """The only disagreement of a kind that holds a cell at a place."""
    matches = [
        disagreement
        for disagreement in found
        if disagreement.kind == kind
        and any(all(getattr(cell, key) == name for key, name in place.items()) for cell in disagreement.cells)
    ]
    assert len(matches) == 1, matches
    return matches[0]


def test_papers_disagree_at_exactly_the_places_counted_by_hand(found: list[Disagreement]) -> None:
    names = CommonNames({"gmgan": [Alias(method="Bicubic", means="bicubic")]})
    places = [
        (cell.dataset, names(cell), cell.metric)
        for disagreement in found
        if disagreement.kind == "between papers"
        for cell in disagreement.cells[:1]
    ]
    assert sorted(places) == sorted(BETWEEN_PAPERS)


def test_srresnet_psnr_in_the_srgan_row_is_recognised(found: list[Disagreement]) -> None:
    for dataset, printed in {"Set5": "32.05", "Set14": "28.49", "BSD100": "27.58"}.items():
        copied = one(
            found, "another method's number", paper="gmgan", dataset=dataset, method="SRGAN", metric="PSNR"
        )
        assert {cell.printed for cell in copied.cells} == {printed}
        assert {"SRGAN", "SRResNet"} <= {cell.method for cell in copied.cells}


def test_a_row_copied_inside_a_paper_is_recognised(found: list[Disagreement]) -> None:
    place = {"paper": "gmgan", "item": "table1", "method": "GMGAN", "dataset": "Set5", "metric": "SSIM"}
    differs = one(found, "within a paper", **place)
    assert {cell.printed for cell in differs.cells} == {"0.8447", "0.8342"}
    copied = one(found, "another method's number", **place)
    assert ("table3", "DF2K") in {(cell.item, cell.method) for cell in copied.cells}


def test_repeats_of_ldl_and_gmgan_are_recognised(found: list[Disagreement]) -> None:
    repeats = {
        (cell.paper, cell.metric, cell.printed)
        for disagreement in found
        if disagreement.kind == "repeated number"
        for cell in disagreement.cells
    }
    ldl = {
        *(("ldl", "DISTS", printed) for printed in ("0.0930", "0.0835", "0.0471")),
        *(("ldl", "LPIPS", printed) for printed in ("0.0796", "0.1207", "0.1330")),
        ("ldl", "SSIM", "0.8611"),
    }
    assert {repeat for repeat in repeats if repeat[0] == "ldl"} == ldl
    assert {("gmgan", "SSIM", "0.8214"), ("gmgan", "PSNR", "29.18")} <= repeats


def test_an_image_compared_with_itself_disagrees_with_nothing(found: list[Disagreement]) -> None:
    assert all(cell.printed not in ("inf", "1", "1.0000") for one in found for cell in one.cells)


def test_every_inconsistency_read_in_the_papers_is_there(causes: dict[str, Cause]) -> None:
    ids = {"X" + f"{number:02d}" for number in range(1, COUNTS["X"] + 1)}
    ids |= {f"I-{letter}{number}" for letter in "SEBLG" for number in range(1, COUNTS[letter] + 1)}
    assert len(ids) == 90
    assert ids <= set(causes)


def test_those_about_cells_and_claims_are_found_by_the_program(causes: dict[str, Cause]) -> None:
    assert {name for name in ABOUT_CELLS if not causes[name].disagreements} == set()
    assert {name for name in ABOUT_CLAIMS if not causes[name].judgements} == set()


def test_every_claim_that_fails_has_a_cause(causes: dict[str, Cause]) -> None:
    explained = {judgement.claim.id for cause in causes.values() for judgement in cause.judgements}
    failing = {judgement.claim.id for judgement in judged() if judgement.holds is False}
    assert failing <= explained


def test_every_disagreement_has_a_cause_or_is_open(
    found: list[Disagreement], causes: dict[str, Cause]
) -> None:
    """What stays open was looked at and left: chance at few decimals, or nothing known."""
    explained = {one for cause in causes.values() for one in cause.disagreements}
    left = unexplained(found, causes.values())
    assert explained.isdisjoint(left)
    assert explained | set(left) == set(found)
    places = {(one.kind, one.cells[0].paper, one.cells[0].dataset, one.cells[0].metric) for one in left}
    assert places == {
        ("repeated number", "gmgan", "296059", "PI"),
        ("another method's number", "beby", "Set14", "SSIM"),
        ("another method's number", "beby", "BSD100", "PSNR"),
        ("another method's number", "ldl", "Set14", "SSIM"),
        ("PSNR against SSIM", "ldl", "Set5", "PSNR"),
        ("PSNR against SSIM", "ldl", "Manga109", "PSNR"),
    }


def cell(method: str, dataset: str, printed: str, metric: str = "PSNR", paper: str = "p") -> Cell:
    return Cell(paper, "t", dataset, method, metric, printed)


@pytest.mark.parametrize(
    ("gaps", "kind"),
    [
        ([0.3, -0.3], "order changes"),
        ([0.3, -0.29], None),
        ([0.2, 0.1, 1.0], "lone gap"),
        ([0.2, 0.1, 0.99], None),
        ([0.25, 0.1, 1.2], None),
    ],
)
def test_gaps_over_datasets(gaps: list[float], kind: str | None) -> None:
    cells = [
        cell(method, f"d{number}", f"{20 + number + (gap if method == 'a' else 0):.2f}")
        for number, gap in enumerate(gaps)
        for method in "ab"
    ]
    kinds = [one.kind for one in find(cells, CommonNames({}))]
    assert kinds == ([kind] if kind else [])


def test_a_name_may_mean_another_method_in_one_table_only() -> None:
    names = CommonNames({"p": [Alias(item="t", method="a", means="b")]})
    assert names(cell("a", "d", "1.0")) == "b"
    assert names(Cell("p", "u", "d", "a", "PSNR", "1.0")) == "a"
    assert names(cell("a", "d", "1.0", paper="q")) == "a"


ENTRY = {"id": "I-1", "place": "t", "says": "s", "against": "a", "cause": "c", "confidence": "open"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kinds": ["missing digits"], "cells": [{"methods": "z"}]}, "I-1: the cells it speaks of do not"),
        ({"claims": "S99"}, "I-1: no claim 'S99'"),
    ],
)
def test_an_entry_about_nothing_is_refused(more: dict[str, object], words: str) -> None:
    entry = Inconsistency.model_validate({**ENTRY, **more})
    with pytest.raises(InputError, match=words):
        link({None: Inconsistencies(inconsistencies=(entry,))}, [], [])


def test_a_paper_speaks_of_its_own_cells_only() -> None:
    entry = Inconsistency.model_validate(
        {**ENTRY, "kinds": ["missing digits"], "cells": [{"metrics": "PSNR"}]}
    )
    shorter = Disagreement("missing digits", (cell("a", "d", "1.0", paper="q"),), "")
    file = Inconsistencies(inconsistencies=(entry,))
    assert link({"q": file}, [shorter], [])[0].disagreements == (shorter,)
    with pytest.raises(InputError, match="do not disagree"):
        link({"p": file}, [shorter], [])
