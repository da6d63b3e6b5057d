"""What becomes of claims: the logic of verdicts, budgets kept apart, a row with a reason for every claim."""

import csv
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sr.claims.judging import judge_measured
from sr.claims.pool import budgets
from sr.claims.rows import ClaimRow, claim_row
from sr.claims.statistics import Evidence
from sr.claims.verdicts import (
    Atom,
    ClaimVerdict,
    Measured,
    combine,
    corrected,
    decide,
    holm,
)
from sr.cli import app
from sr.errors import InputError
from sr.papers.claim_language import PrintedNumbers
from sr.papers.claim_terms import Quantity, Single, singles
from sr.papers.claims import Rule, judge, load_claims
from sr.papers.published import load_published
from sr.project import papers
from sr.recipes.recipe import load_recipe
from sr.results.image_sets import BenchmarkState
from sr.results.measurement import Results, results_of_folder
from tests.replications.totals import of_all
from tests.results.synthetic_scores import READY, make_run, write_score

YES, NO, OPEN, NOT = (
    ClaimVerdict.CONFIRMED,
    ClaimVerdict.CONTRADICTED,
    ClaimVerdict.UNDECIDED,
    ClaimVerdict.NOT_RUN,
)
IMAGES = 12


def trained(budget: str, recipe: str, seed: int = 0, on: str = "ImageNet") -> str:
    return f"trained/{budget}/{on}/srgan/{recipe}/seed{seed}"


def score(folder: Path, source: str, psnr: float, benchmark: str = "BSD100", **head: object) -> None:
    """Twelve images of very different difficulty, each within 0.01 dB of its own plus `psnr`."""
    noise = 0.01 * np.random.default_rng(len(source)).normal(size=IMAGES)
    values = [25 + image + psnr + float(noise[image]) for image in range(IMAGES)]
    write_score(folder, source, benchmark, {"PSNR": values, "SSIM": [0.5 + psnr / 100] * IMAGES}, **head)


def by_id(paper: str, run: Results) -> dict[tuple[str, str], Measured]:
    return {(one.printed.claim.id, one.budget): one for one in judge_measured(paper, run)}


@pytest.mark.parametrize(
    ("relation", "interval", "verdict"),
    [
        (">", (1, 2), YES),
        (">", (0, 2), OPEN),
        (">", (-2, -1), NO),
        (">=", (0, 0), YES),
        ("<=", (-2, 1), OPEN),
        ("=", (0, 0), YES),
        ("=", (1, 2), NO),
        (">", None, OPEN),
    ],
)
def test_a_count_of_methods_is_decided_by_its_interval(
    relation: str, interval: tuple[float, float] | None, verdict: ClaimVerdict
) -> None:
    none = Quantity("0", "number", ())
    single = Single("PSNR", "d", none, relation, none)
    assert decide(single, Evidence(0.0, interval, None, None, None, 1, 1)) is verdict


def test_holm_on_a_printed_example() -> None:
    """The worked example of R's documentation of p.adjust, and a value that is missing."""
    assert holm([0.01, 0.04, None, 0.03]) == pytest.approx([0.03, 0.06, None, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def atom(p_for: float, p_against: float) -> Atom:
    none = Quantity("0", "number", ())
    single = Single("PSNR", "d", none, ">", none)
    evidence = Evidence(0.1, (0.0, 0.2), None, p_for, p_against, 5, 1)
    return Atom(single, evidence, decide(single, evidence), "measured")


def test_one_of_many_comparisons_contradicts_only_beyond_what_many_do_by_chance() -> None:
    alone = atom(1.0, 0.03)
    assert corrected("all", [alone])[0].verdict is NO
    among = corrected("all", [alone, *[atom(0.5, 1.0)] * 9])
    assert among[0].verdict is OPEN
    assert "contradicted if it were the only comparison" in among[0].reason
    assert corrected("all", [atom(1.0, 0.004), *[atom(0.5, 1.0)] * 9])[0].verdict is NO


def test_a_claim_that_needs_all_needs_no_correction_to_be_confirmed() -> None:
    """All below 0.05 by chance is rarer than one (Berger 1982); one of many below 0.05 is not rare."""
    many = [atom(0.03, 1.0)] * 10
    assert {one.verdict for one in corrected("all", many)} == {YES}
    assert {one.verdict for one in corrected("majority", many)} == {OPEN}


def test_a_loss_is_no_gain_per_block(tmp_path: Path) -> None:
    """8 blocks better than both 16 and 24: nothing saturates."""
    for recipe, value in (("depth_8", 5.0), ("srresnet_mse", 1.0), ("depth_24", 1.5)):
        score(tmp_path, trained("cpu", recipe), value)
    run = make_run(tmp_path, *(trained("cpu", name) for name in ("depth_8", "srresnet_mse", "depth_24")))
    assert by_id("srgan", run)["S22", "cpu"].verdict is not YES


@pytest.mark.parametrize("paper", papers())
def test_measured_comparisons_name_recipes_that_exist(paper: str) -> None:
    """A misspelt one would be `not run` for ever."""
    claims = load_claims(paper)
    table = PrintedNumbers(paper, {cell.key: cell for cell in load_published(paper)}, claims.groups)
    measured = [text for claim in claims.claims for text in claim.measured]
    for subject in {one for text in measured for single in singles(text, table) for one in single.subjects}:
        if not subject.item and subject.method not in ("nearest", "bicubic"):
            name = subject.method.removeprefix("recipe:")
            assert load_recipe(name if "/" in name else f"{paper}/{name}").title


def test_a_full_budget_that_deviates_is_marked() -> None:
    assert YES.marked("paper", deviating=False) == "confirmed"
    assert YES.marked("paper", deviating=True) == "confirmed (deviating)"
    assert YES.marked("cpu", deviating=True) == "confirmed (cpu)"
    assert ClaimVerdict.NOT_RUN.marked("cpu", deviating=True) == "not run"


@pytest.mark.parametrize("rule", ["all", "majority", "any"])
@pytest.mark.parametrize("verdicts", list(product((YES, NO, OPEN, NOT), repeat=3)))
def test_a_claim_is_decided_when_no_outcome_of_the_open_ones_changes_it(
    rule: Rule, verdicts: tuple[ClaimVerdict, ...]
) -> None:
    """Every way in which what is open may turn out is tried."""
    ways = product(*[{YES: [True], NO: [False]}.get(one, [True, False]) for one in verdicts])
    said = {"all": all, "any": any, "majority": lambda way: sum(way) * 2 > len(way)}[rule]
    holds = {said(way) for way in ways}
    expected = OPEN if len(holds) == 2 else YES if holds == {True} else NO
    assert combine(rule, [("PSNR", one) for one in verdicts]) is (NOT if set(verdicts) == {NOT} else expected)


@pytest.mark.parametrize("paper", papers())
def test_the_same_single_comparisons_as_the_audit(paper: str) -> None:
    claims, cells = load_claims(paper), load_published(paper)
    table = PrintedNumbers(paper, {cell.key: cell for cell in cells}, claims.groups)
    for one in judge(paper, claims, cells):
        measured = [s for comparison in one.claim.comparisons for s in singles(comparison, table) if s.metric]
        printed = [atom for atom in one.atoms if atom.metric]
        assert len(measured) == len(printed), one.claim.id
        for single, atom in zip(measured, printed, strict=True):
            assert (single.metric, single.dataset, single.relation) == (
                atom.metric,
                atom.dataset,
                atom.relation,
            )


def test_every_claim_of_every_paper_has_a_verdict_and_a_reason(tmp_path: Path) -> None:
    judged = [one for paper in papers() for one in judge_measured(paper, make_run(tmp_path))]
    rows = [claim_row(one) for one in judged]
    assert len({(row.paper, row.claim) for row in rows}) == len(rows) == of_all().claims
    for row in rows:
        assert row.verdict == "not run"
        assert len(row.reason) > 20
        assert row.comparisons == row.not_run
    assert sum(row.printed == "does not hold" for row in rows) == len(of_all().do_not_hold)


def test_skip_connections_are_judged_on_the_same_images(tmp_path: Path) -> None:
    """S21: PSNR on BSD100 with the skip connection is higher, for three depths."""
    psnr = {
        "depth_8": 1.0,
        "srresnet_mse": 2.0,
        "depth_24": 2.4,
        "depth_8_without_skip": 0.5,
        "depth_16_without_skip": 1.5,
        "depth_24_without_skip": 1.9,
    }
    for recipe, seed in product(psnr, range(3)):
        score(tmp_path, trained("paper", recipe, seed), psnr[recipe])
    run = make_run(tmp_path, *(trained("paper", recipe, seed) for recipe, seed in product(psnr, range(3))))
    found = by_id("srgan", run)
    row = claim_row(found["S21", "paper"])
    assert (row.verdict, row.comparisons, row.confirmed) == ("confirmed", 3, 3)
    assert row.difference == pytest.approx(0.5, abs=0.02)
    assert row.p_value is not None
    assert row.p_value < 0.01, "half a dB is four times the stated spread of a training"
    assert (row.images, row.seeds) == (IMAGES, 3)
    assert claim_row(found["S22", "paper"]).verdict == "confirmed", "gains of 1 dB, then 0.4 dB"
    assert claim_row(found["S23", "paper"]).verdict == "confirmed"


def test_budgets_are_never_mixed(tmp_path: Path) -> None:
    """Shallow at the demo budget, deep at the paper's: nothing can be said at either."""
    sources = [trained("demo", "depth_8"), trained("paper", "srresnet_mse"), "baseline/bicubic"]
    for value, source in enumerate(sources):
        score(tmp_path, source, float(value))
    run = make_run(tmp_path, *sources)
    assert budgets(run) == ["demo", "paper"]
    found = by_id("srgan", run)
    for budget, missing in (("demo", "srresnet_mse"), ("paper", "depth_8")):
        row = claim_row(found["S23", budget])
        assert row.verdict == "not run"
        assert f"srgan/{missing} was not trained at the budget '{budget}'" in row.reason
    assert {source for one in found.values() if one.budget == "demo" for source in one.sources} <= {
        trained("demo", "depth_8").rpartition("/")[0],
        "baseline/bicubic",
    }


def test_a_smaller_budget_is_marked_and_is_a_deviation(tmp_path: Path) -> None:
    for recipe, value in (("depth_8", 2.0), ("srresnet_mse", 1.0)):
        score(tmp_path, trained("demo", recipe), value)
    run = make_run(tmp_path, trained("demo", "depth_8"), trained("demo", "srresnet_mse"))
    row = claim_row(by_id("srgan", run)["S23", "demo"])
    assert row.verdict == "contradicted (demo)"
    assert row.difference is not None
    assert row.difference == pytest.approx(-1, abs=0.02)
    assert row.deviations == "trained at the budget 'demo'"


def test_a_set_without_images_keeps_a_claim_open(tmp_path: Path) -> None:
    """S07 speaks of Set5 and Set14; on Set14 alone it can be contradicted, not confirmed."""
    sources = [trained("paper", name) for name in ("srgan_mse", "srgan_vgg22", "srgan_vgg54")]
    for source, value in zip(sources, (2.0, 1.0, 1.5), strict=True):
        score(tmp_path, source, value, "Set14")
    missing = BenchmarkState(status="unavailable", reason="Set5 is not at hand.")
    row = claim_row(by_id("srgan", make_run(tmp_path, *sources, Set5=missing))["S07", "paper"])
    assert (row.verdict, row.confirmed, row.not_run) == ("undecided", 2, 2)
    assert "2 x Set5 is not at hand" in row.reason
    score(tmp_path, sources[0], 0.0, "Set14")
    row = claim_row(by_id("srgan", make_run(tmp_path, *sources, Set5=missing))["S07", "paper"])
    assert (row.verdict, row.contradicted) == ("contradicted", 2)


def test_released_weights_and_supplied_images_stand_by_themselves(tmp_path: Path) -> None:
    """S04: SRResNet's PSNR is the highest; here from released weights, against one supplied method."""
    sources = [
        "released/basicsr_msrresnet",
        "images/srcnn",
        trained("paper", "srgan_vgg54"),
        "baseline/bicubic",
    ]
    for source, value in zip(sources, (3.0, 1.0, 9.0, 0.0), strict=True):
        score(tmp_path, source, value, "Set14")
    found = by_id("srgan", make_run(tmp_path, *sources))
    released = claim_row(found["S04", "released"])
    assert released.confirmed == 2, "against SRCNN and bicubic; the trained SRGAN is of another budget"
    assert "trained" not in released.sources
    assert claim_row(found["S04", "paper"]).verdict == "not run"


def test_reasons_name_the_obstacle(tmp_path: Path) -> None:
    sources = [trained("paper", "depth_8"), trained("paper", "srresnet_mse")]
    score(tmp_path, sources[0], 0.0)
    score(tmp_path, sources[1], 1.0, stale="made by other code")
    found = by_id("srgan", make_run(tmp_path, *sources))
    assert "is stale: made by other code" in claim_row(found["S23", "paper"]).reason
    assert "human raters" in claim_row(found["S01", "paper"]).reason
    assert "the audit" in claim_row(found["S15", "paper"]).reason
    blocked = Results(tmp_path, [], {"BSD100": READY}, {"srgan/depth_8": "ImageNet is not at hand."})
    assert "ImageNet is not at hand" in claim_row(by_id("srgan", blocked)["S23", ""]).reason


def test_fid_is_judged_by_trainings(tmp_path: Path) -> None:
    """A set has one number, and each training gives one."""
    trainings = product(("swinir_gan", "swinir_ldl"), (0, 1))
    sources = [f"trained/paper/DF2K/ldl/{name}/seed{seed}" for name, seed in trainings]
    for source, fid in zip(sources, (60.0, 62.0, 30.0, 31.0), strict=True):
        values = {"PSNR": [1.0, 2.0], "SSIM": [0.1, 0.2], "LPIPS": [0.1, 0.2], "DISTS": [0.1, 0.2]}
        write_score(tmp_path, source, "Set5", values, protocol="ldl", set_values={"FID": fid})
    atoms = by_id("ldl", make_run(tmp_path, *sources))["L10", "paper"].atoms
    (found,) = [one for one in atoms if (one.single.metric, one.single.dataset) == ("FID", "Set5")]
    assert found.evidence is not None
    assert found.evidence.difference == pytest.approx(30.5)
    assert found.evidence.interval is not None


def test_a_claim_about_training_sets_needs_these_sets(tmp_path: Path) -> None:
    sources = [f"trained/demo/embedded_train/gmgan/{name}/seed0" for name in ("gmgan_df2k", "gmgan_imagenet")]
    for source in sources:
        deviations = ["training_set: embedded_train instead of DF2K"]
        write_score(tmp_path, source, "Set5", {"PI": [1.0, 2.0]}, protocol="gmgan", deviations=deviations)
    row = claim_row(by_id("gmgan", make_run(tmp_path, *sources))["G05", "demo"])
    assert row.verdict == "not run"
    assert "embedded_train instead of DF2K" in row.reason


def test_other_images_on_either_side_are_refused(tmp_path: Path) -> None:
    sources = [trained("paper", "depth_8"), trained("paper", "srresnet_mse")]
    score(tmp_path, sources[0], 0.0)
    write_score(tmp_path, sources[1], "BSD100", {"PSNR": [1.0, 2.0]})
    with pytest.raises(InputError, match="other images of BSD100"):
        by_id("srgan", make_run(tmp_path, *sources))


def test_a_folder_of_scores_is_enough(tmp_path: Path) -> None:
    """Rows and page from nothing but scores, twice the same; every claim stands on the page."""
    scores = tmp_path / "kept" / "scores"
    for seed, (recipe, value) in product((0, 1), (("depth_8", 1.0), ("srresnet_mse", 2.0))):
        score(scores, trained("cpu", recipe, seed), value)
    assert [group.seeds for group in results_of_folder(scores).groups] == [(0, 1), (0, 1)]
    texts = []
    for name in ("first", "second"):
        output = tmp_path / name / "claims.csv"
        told = CliRunner().invoke(app, ["claims", "--scores", str(scores), "--output", str(output)])
        assert told.exit_code == 0, told.output
        texts.append([output.with_suffix(end).read_text() for end in (".csv", ".html", ".md")])
    assert texts[0] == texts[1]
    rows = {row["claim"]: row for row in csv.DictReader(texts[0][0].splitlines())}
    assert len(rows) == of_all().claims
    assert list(rows["S23"]) == list(ClaimRow.__annotations__)
    assert (rows["S23"]["verdict"], rows["S23"]["seeds"]) == ("confirmed (cpu)", "2")
    assert all(f'id="{claim}"' in texts[0][1] and f"| {claim} |" in texts[0][2] for claim in rows)
    comparisons = (tmp_path / "first" / "claims_comparisons.csv").read_text().splitlines()
    assert sum(line.startswith("srgan,S23,") for line in comparisons) == 1


@pytest.mark.parametrize(
    ("psnr", "ssim", "expected"),
    [
        ((YES, YES, NO), (YES, YES, NOT), YES),
        ((YES, YES, YES), (NO, NO, YES), NO),
        ((YES, YES, OPEN), (YES, OPEN, NO), OPEN),
        ((YES, YES, YES), (NOT, NOT, NOT), OPEN),
    ],
)
def test_most_of_each_metric_is_a_majority_of_every_one(psnr, ssim, expected) -> None:  # type: ignore[no-untyped-def]
    """Pooled, the second would hold: four of six."""
    outcomes = [("PSNR", one) for one in psnr] + [("SSIM", one) for one in ssim]
    assert combine("most of each metric", outcomes) is expected


def test_a_set_that_was_never_released_leaves_the_rest_to_be_measured(tmp_path: Path) -> None:
    """B14 on Set14, BSD100, DIV2K and UH4K, whose images nobody can have."""
    for recipe, lpips, index in (("bebygan", 0.1, 3.0), ("bebygan_pi", 0.3, 2.0)):
        for seed, benchmark in product(range(3), ("Set14", "BSD100", "DIV2K")):
            shift = 1e-4 * seed
            values = {
                "LPIPS": [lpips + shift] * IMAGES,
                "PI": [index + shift] * IMAGES,
                "NIQE": [index + shift] * IMAGES,
            }
            source = f"trained/paper/DIV2K_train/beby/{recipe}/seed{seed}"
            write_score(tmp_path, source, benchmark, values, protocol="beby")
    found = by_id("beby", results_of_folder(tmp_path))["B14", "paper"]
    assert found.word == "confirmed on 9 of 12 measurable"
    assert found.counts[NOT] == 3
