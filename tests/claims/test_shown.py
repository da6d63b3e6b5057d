"""Claims on figures: compared as they are, or as a sample of trainings, and never on what is not there."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sr.claims.judging import judge_measured
from sr.claims.rows import claim_row, comparison_rows
from sr.claims.shown import decide, judge_shown
from sr.claims.verdicts import ClaimVerdict, Measured
from sr.figure_facts import Fact, NoFacts, load_facts
from sr.papers.claim_language import ShownComparison
from sr.papers.claims import Rule, judge_printed, load_claims
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
    assert decide(comparison(relation), left, right).verdict is verdict


def test_the_tolerance_is_part_of_the_claim() -> None:
    printed = Fact((0.1117,))
    assert decide(comparison("~", 0.0005), Fact((0.1121,)), printed).verdict is YES
    assert decide(comparison("~", 0.0005), Fact((0.1123,)), printed).verdict is NO


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


def changes(p_value: float, *, grows: bool = False) -> list[float]:
    """Five differences of which a two-sided t-test has this p-value."""
    spread = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    mean = stats.t.isf(p_value / 2, 4) * spread.std(ddof=1) / np.sqrt(5)
    differences = spread + (mean if grows else -mean)
    assert stats.ttest_1samp(differences, 0).pvalue == pytest.approx(p_value)
    return [float(one) for one in differences]


def judged_on(folder: Path, rule: Rule, differences: list[list[float]]) -> Measured:
    """LDL's claim that four quantities of a training are lower than ESRGAN's, with these differences."""
    claim = next(one for one in judge_printed("ldl") if one.claim.id == "L16")
    facts: dict[str, dict[str, Any]] = {}
    for one, values in zip(claim.claim.shown, differences, strict=True):
        facts[one.left] = {"values": [10 + value for value in values], "trained": True}
        facts[str(one.right)] = {"values": [10.0] * len(values), "trained": True}
    (folder / "ldl").mkdir(parents=True)
    (folder / "ldl" / "stability.json").write_text(json.dumps({"budgets": ["demo"], "facts": facts}))
    with_rule = claim.claim.model_copy(update={"rule": rule})
    return judge_shown(replace(claim, claim=with_rule), folder)


@pytest.mark.parametrize(
    ("rule", "p_values", "grows", "verdict"),
    [
        # One of four is held against 0.05 / 4 where it would contradict the claim ...
        ("all", (0.03, 0.8, 0.8, 0.8), True, OPEN),
        ("all", (0.012, 0.8, 0.8, 0.8), True, NO),
        # ... or confirm it; but all four by chance are no likelier than one.
        ("any", (0.03, 0.8, 0.8, 0.8), False, OPEN),
        ("any", (0.012, 0.8, 0.8, 0.8), False, YES),
        ("all", (0.03, 0.04, 0.03, 0.04), False, YES),
        # Holm in steps: 4 x 0.012, 3 x 0.016, 2 x 0.024; the fourth does not count.
        ("majority", (0.024, 0.016, 0.012, 0.8), False, YES),
        ("majority", (0.026, 0.016, 0.012, 0.8), False, OPEN),
    ],
)
def test_several_facts_of_a_claim_share_one_chance_of_error(
    rule: Rule, p_values: tuple[float, ...], grows: bool, verdict: ClaimVerdict, tmp_path: Path
) -> None:
    judged = judged_on(tmp_path, rule, [changes(one, grows=grows) for one in p_values])
    assert judged.verdict is verdict
    found = [row.p_value for row in comparison_rows(judged)]
    assert found == pytest.approx(list(p_values)), "the p-values that are written are those of single facts"


def test_what_is_one_fact_alone_but_not_among_many_is_said(tmp_path: Path) -> None:
    facts = [changes(0.03, grows=True), *[changes(0.8)] * 3]
    assert "contradicted if it were the only comparison" in judged_on(tmp_path, "all", facts).reason


def test_a_row_names_the_test_that_was_used(tmp_path: Path) -> None:
    judged = judged_on(tmp_path, "all", [changes(0.03)] * 4)
    assert "moderated" not in claim_row(judged).test, "no spread of facts is stated"
    assert "Holm" in claim_row(judged).test
    row = comparison_rows(judged)[0]
    expected = stats.ttest_1samp(changes(0.03), 0).confidence_interval()
    assert (row.low, row.high) == pytest.approx((-expected.high, -expected.low)), "lower is claimed"
    assert (row.seeds, row.images) == (5, None)


@pytest.mark.parametrize("paper", papers())
def test_a_figure_that_was_not_drawn_names_what_draws_it(paper: str, tmp_path: Path) -> None:
    """The list of each kind is what the workflow makes together with its figures."""
    targets = " ".join(f"results/figures/{paper}/{kind}.json" for kind in ("images", "numbers"))
    for figure in {one.figure for claim in load_claims(paper).claims for one in claim.shown}:
        said = re.escape(f"{figure} was not drawn in this run (`snakemake {targets}`)")
        with pytest.raises(NoFacts, match=said):
            load_facts(tmp_path, paper, figure)


@pytest.mark.parametrize("paper", papers())
def test_every_figure_that_decides_a_claim_exists(paper: str) -> None:
    from sr.figures.own import own_figures

    names = {one.figure for claim in load_claims(paper).claims for one in claim.shown}
    assert all(name.startswith("interpolation_curve_") or name in own_figures(paper) for name in names)
