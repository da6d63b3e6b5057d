"""What it would take to decide a claim, against the papers' own texts."""

import pytest

from sr.claims.needed import what_it_takes
from sr.papers.claims import Claim, load_claims
from sr.project import papers


def claim(paper: str, name: str) -> Claim:
    return next(one for one in load_claims(paper).claims if one.id == name)


def test_recipes_benchmarks_and_what_nobody_can_have() -> None:
    text = what_it_takes("beby", claim("beby", "B14"))
    assert text.startswith("LPIPS, PI and NIQE on Set14, BSD100 and DIV2K of trained beby/bebygan")
    assert text.endswith("UH4K can not be had by anybody")


def test_ratings_need_people() -> None:
    assert "people who rate" in what_it_takes("srgan", claim("srgan", "S08"))


def test_images_that_a_paper_does_not_name_are_no_source() -> None:
    assert "trained" not in what_it_takes("beby", claim("beby", "B01"))


@pytest.mark.parametrize("paper", papers())
def test_every_claim_says_something(paper: str) -> None:
    for one in load_claims(paper).claims:
        assert len(what_it_takes(paper, one)) > 10
