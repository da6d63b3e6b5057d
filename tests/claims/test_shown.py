"""Claims on figures: compared as they are, or as a sample of trainings, and never on what is not there."""

import json
from pathlib import Path

import pytest

from sr.claims.judging import judge_measured
from sr.claims.shown import decide
from sr.claims.verdicts import ClaimVerdict, Measured
from sr.figure_facts import Fact
from sr.papers.claim_language import ShownComparison
from sr.papers.claims import load_claims
from sr.project import papers
from tests.results.synthetic_scores import make_run

YES, NO, OPEN = ClaimVerdict.CONFIRMED, ClaimVerdict.CONTRADICTED, ClaimVerdict.UNDECIDED


def comparison(relation: str, tolerance: float | None = None) -> ShownComparison:
    content = {"figure": "f", "left": "a", "relation": relation, "right": "b", "tolerance": tolerance}
    return ShownComparison.model_validate(content)


@pytest.mark.parametrize(
    ("left", "relation", "right", "verdict"),
    [
        (Fact((0.11,)), "<", Fact((0.4,)), YES),
        (Fact((0.5,)), "<", Fact((0.4,)), NO),
        (Fact((1.0,), trained=True), "<", Fact((2.0,), trained=True), OPEN),
        # Paired differences -1.0, -1.1, -0.9: mean 1, t-interval 0.25 wide at each side.
        (Fact((1.0, 2.0, 3.0), trained=True), "<", Fact((2.0, 3.1, 3.9), trained=True), YES),
        (Fact((1.0, 2.0, 3.0), trained=True), ">", Fact((2.0, 3.1, 3.9), trained=True), NO),
        # -1 and 0.8: the interval covers zero.
        (Fact((1.0, 2.8), trained=True), "<", Fact((2.0, 2.0), trained=True), OPEN),
        (Fact((0.0, 0.0), trained=True), "=", Fact((0.0,)), YES),
        (Fact((0.0, 1.0), trained=True), "=", Fact((0.0,)), OPEN),
        (Fact((2.0, 1.0), trained=True), "=", Fact((0.0,)), NO),
    ],
)
def test_a_sample_of_trainings_or_a_plain_number(
    left: Fact, relation: str, right: Fact, verdict: ClaimVerdict
) -> None:
    assert decide(comparison(relation), left, right)[0] is verdict


def test_the_tolerance_is_part_of_the_claim() -> None:
    printed = Fact((0.1117,))
    assert decide(comparison("~", 0.0005), Fact((0.1121,)), printed)[0] is YES
    assert decide(comparison("~", 0.0005), Fact((0.1123,)), printed)[0] is NO


def write_figure(folder: Path, facts: dict[str, list[float]], without: str = "") -> None:
    path = folder / "figures" / "esrgan" / "active_features.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {name: {"values": values, "trained": False} for name, values in facts.items()}
    path.write_text(json.dumps({"budgets": [], "facts": told, "without": without}))


def found(folder: Path, claim: str) -> Measured:
    judged = judge_measured("esrgan", make_run(folder / "scores"))
    return next(one for one in judged if one.printed.claim.id == claim)


def test_esrgans_share_of_active_features(tmp_path: Path) -> None:
    write_figure(tmp_path, {"active share, conv5_4": [0.1119], "active share, conv2_2": [0.5]})
    assert (found(tmp_path, "E03").word, found(tmp_path, "E04").word) == ("confirmed", "confirmed")
    assert "0.1119 against 0.1117" in found(tmp_path, "E03").reason


def test_without_the_papers_image_or_figure_the_reason_is_said(tmp_path: Path) -> None:
    write_figure(tmp_path, {}, "The paper's image is baboon, which is not at hand.")
    assert (found(tmp_path, "E03").word, "baboon" in found(tmp_path, "E03").reason) == ("not run", True)
    listed = tmp_path / "figures" / "esrgan" / "images.json"
    listed.write_text(json.dumps({"made": [], "missing": {"brightness": "one of the two was not trained."}}))
    assert found(tmp_path, "E05").reason == "the figure brightness is missing: one of the two was not trained"


@pytest.mark.parametrize("paper", papers())
def test_every_figure_that_decides_a_claim_exists(paper: str) -> None:
    from sr.figures.own import own_figures

    names = {one.figure for claim in load_claims(paper).claims for one in claim.shown}
    assert all(name.startswith("interpolation_curve_") or name in own_figures(paper) for name in names)
