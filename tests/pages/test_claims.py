"""The page of claims: what a reader must know beside a verdict stands on it, as HTML and as Markdown."""

from dataclasses import replace

import pytest

from sr.claims.statistics import measure
from sr.claims.verdicts import ClaimVerdict, Measured
from sr.pages.claims import render
from sr.papers.claim_terms import Quantity, Single, Subject
from sr.papers.claims import Claim, Judgement
from tests.results.synthetic_scores import make_measurement

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


def test_the_lead_says_what_an_interval_covers() -> None:
    """With one training a side, and with weights that nobody trained here."""
    lead = render([measured(CLAIM)], "html").partition("</p>")[0]
    assert "covers the chance of a training" in lead
    assert "that of the images only where nothing was trained" in lead
    trained = "trained/demo/set/srgan/srgan_vgg54", "trained/demo/set/srgan/srresnet_mse"
    assert width(*trained, scatter=5.0) == pytest.approx(width(*trained, scatter=0.1))
    released = "released/esrgan", "released/rrdb_psnr"
    assert width(*released, scatter=5.0) > 10 * width(*released, scatter=0.1)


def width(left: str, right: str, scatter: float) -> float:
    """Of the interval of a difference of 1 dB over four images, by which the left one's values scatter."""
    subjects = Subject("t", "d", "left"), Subject("t", "d", "right")
    values = ([[30 + scatter, 30 - scatter, 30 + scatter, 30 - scatter]], [[29.0] * 4])
    samples = [make_measurement(*one) for one in zip((left, right), values, strict=True)]
    sides = [Quantity(subject.method, "method", (subject,)) for subject in subjects]
    single = Single("PSNR", "d", sides[0], ">", sides[1])
    interval = measure(single, dict(zip(subjects, samples, strict=True))).interval
    assert interval is not None
    return interval[1] - interval[0]


def test_a_row_of_markdown_keeps_its_cells() -> None:
    text = render([measured(CLAIM, *DEVIATIONS)], "md")
    row = next(line for line in text.splitlines() if line.startswith("| X01"))
    assert row.replace("\\|", "").count("|") == 8
    assert "batch: 8 instead of 16<br>crop: 32 \\| instead of 128" in row
