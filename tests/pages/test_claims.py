"""The page of claims: what a reader must know beside a verdict stands on it, as HTML and as Markdown."""

from dataclasses import replace

import pytest

from sr.claims.verdicts import ClaimVerdict, Measured
from sr.pages.claims import render
from sr.papers.claims import Claim, Judgement

CLAIM = Claim(
    id="X01",
    place="Sec. 1",
    left="A",
    relation=">",
    right="B",
    kind="undecidable",
    reason="nobody can",
    proxy="a proxy in words",
    note="A note for the reader.",
)
BARE = CLAIM.model_copy(update={"id": "X02", "proxy": None, "note": None})
DEVIATIONS = ("batch: 8 instead of 16", "crop: 32 | instead of 128")


def measured(claim: Claim, *deviations: str) -> Measured:
    printed = Judgement("srgan", claim, ())
    return Measured(printed, "paper", (), ClaimVerdict.CONFIRMED, None, "because", deviations)


@pytest.mark.parametrize("suffix", ["html", "md"])
def test_proxy_note_and_deviations_are_said(suffix: str) -> None:
    text = render([measured(CLAIM, *DEVIATIONS), measured(BARE)], suffix)
    assert text.count("Measured: a proxy in words.") == 1
    assert text.count("Note: ") == text.count("Note: A note for the reader.") == 1
    assert text.count("batch: 8 instead of 16") == 1
    assert "confirmed (deviating)" in text


def test_deviations_are_folded_with_their_count_in_html() -> None:
    text = render([measured(CLAIM, *DEVIATIONS)], "html")
    assert "<summary>2 deviations from the paper</summary>" in text
    assert "<li>crop: 32 | instead of 128</li>" in text
    assert "1 deviation from the paper" in render(
        [replace(measured(CLAIM), deviations=DEVIATIONS[:1])], "html"
    )


def test_a_row_of_markdown_keeps_its_cells() -> None:
    text = render([measured(CLAIM, *DEVIATIONS)], "md")
    row = next(line for line in text.splitlines() if line.startswith("| X01"))
    assert row.replace("\\|", "").count("|") == 8
    assert "batch: 8 instead of 16<br>crop: 32 \\| instead of 128" in row
