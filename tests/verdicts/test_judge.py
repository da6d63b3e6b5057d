"""Verdicts: comparable only without deviations, and a specific reason for everything else."""

import json
from dataclasses import replace

import pytest

from sr.errors import InputError
from sr.papers.tables import load_layouts
from sr.verdicts.check import check_rows
from sr.verdicts.judge import table_rows
from sr.verdicts.rows import Verdict
from tests.results.synthetic_scores import READY, BenchmarkState, make_run, write_bicubic, write_score

DEMO = "trained/demo/embedded_train/srgan/srresnet_mse/seed"
FULL = "trained/paper/DIV2K_train/srgan/srresnet_mse/seed"


def judge(run, item="table2"):
    rows = table_rows("srgan", item, load_layouts("srgan").table("srgan", item), run)
    return {(*row.place, row.source): row for row in rows}


def test_a_measurement_without_deviations_matches_within_the_calibration_tolerance(tmp_path):
    write_bicubic(tmp_path)
    row = judge(make_run(tmp_path, "baseline/bicubic"))["Set5", "bicubic", "PSNR", "baseline/bicubic"]
    assert (row.verdict, row.published, row.tolerance, row.deviations) == (Verdict.MATCH, "28.43", 0.02, ())
    assert row.difference == pytest.approx(28.416 - 28.43)
    assert row.images == 5


@pytest.mark.parametrize(("psnr", "verdict"), [(28.45, "match"), (28.41, "match"), (28.4505, "differs")])
def test_the_tolerance_itself_is_still_a_match(tmp_path, psnr, verdict):
    write_bicubic(tmp_path, Set5=psnr)
    row = judge(make_run(tmp_path, "baseline/bicubic"))["Set5", "bicubic", "PSNR", "baseline/bicubic"]
    assert row.verdict == verdict


def test_deviations_forbid_a_match_even_for_the_printed_number(tmp_path):
    write_score(
        tmp_path, "baseline/bicubic", "Set5", {"PSNR": [28.43]}, deviations=["LR made without rounding"]
    )
    row = judge(make_run(tmp_path, "baseline/bicubic"))["Set5", "bicubic", "PSNR", "baseline/bicubic"]
    assert row.verdict == Verdict.NOT_COMPARABLE
    assert "LR made without rounding" in row.note
    assert row.measured == 28.43
    assert row.difference is None


def test_a_shrunk_budget_is_never_comparable_even_if_its_scores_forget_to_say_so(tmp_path):
    write_score(tmp_path, DEMO + "0", "Set5", {"PSNR": [32.05]})
    row = judge(make_run(tmp_path, DEMO + "0"))["Set5", "SRResNet", "PSNR", DEMO.removesuffix("/seed")]
    assert row.verdict == Verdict.NOT_COMPARABLE
    assert row.deviations == ("trained at the budget 'demo'",)


def test_seeds_are_pooled_and_budgets_are_not(tmp_path):
    for seed, psnr in ((0, [31.0, 33.0]), (1, [31.2, 33.2])):
        write_score(tmp_path, f"{FULL}{seed}", "Set5", {"PSNR": psnr})
    write_score(tmp_path, DEMO + "0", "Set5", {"PSNR": [28.0, 29.0]}, deviations=["2 blocks instead of 16"])
    found = judge(make_run(tmp_path, FULL + "0", FULL + "1", DEMO + "0"))
    full = found["Set5", "SRResNet", "PSNR", "trained/paper/DIV2K_train/srgan/srresnet_mse"]
    demo = found["Set5", "SRResNet", "PSNR", "trained/demo/embedded_train/srgan/srresnet_mse"]
    assert full.measured == pytest.approx(32.1)
    assert (full.seeds, full.verdict) == ((0, 1), Verdict.MATCH)
    assert full.spread == pytest.approx(0.2 / 2**0.5)
    assert (demo.seeds, demo.budget, demo.verdict) == ((0,), "demo", Verdict.NOT_COMPARABLE)
    low, high = full.interval
    assert (low + high) / 2 == pytest.approx(32.1)
    assert low < 32.05 < high, "where another training is expected, such as the paper's"


def test_stale_comes_before_any_comparison(tmp_path):
    write_score(tmp_path, FULL + "0", "Set5", {"PSNR": [32.05]}, stale="the training code changed since")
    row = judge(make_run(tmp_path, FULL + "0"))[
        "Set5", "SRResNet", "PSNR", "trained/paper/DIV2K_train/srgan/srresnet_mse"
    ]
    assert (row.verdict, row.note) == (Verdict.STALE, "the training code changed since")


def test_everything_missing_says_why(tmp_path):
    write_bicubic(tmp_path)
    missing = BenchmarkState(status="unavailable", reason="Set14 has no host any more")
    found = judge(make_run(tmp_path, "baseline/bicubic", "baseline/nearest", Set14=missing))
    by_note = {
        ("Set14", "bicubic", "PSNR", "baseline/bicubic"): ("unavailable", "Set14 has no host any more"),
        ("Set5", "nearest", "PSNR", "baseline/nearest"): (
            "not run",
            "baseline/nearest was not scored on Set5",
        ),
        ("Set5", "SRCNN", "PSNR", "images/srcnn"): ("unavailable", "put its x4 results into images/srcnn/"),
        ("Set5", "SRGAN", "SSIM", "trained/*/srgan/srgan_vgg54"): ("not run", "srgan_vgg54 was not trained"),
        ("Set5", "SRGAN", "MOS", ""): ("not run", "needs human raters"),
        ("Set5", "HR", "PSNR", ""): ("not a result", "compared with itself"),
    }
    for place, (verdict, note) in by_note.items():
        assert found[place].verdict == verdict
        assert note in found[place].note
    assert all(row.note for row in found.values() if row.verdict is not Verdict.MATCH)


def test_an_unavailable_metric_keeps_its_reason(tmp_path):
    reason = "the weights of the metric could not be fetched"
    write_score(tmp_path, "baseline/bicubic", "Set5", {"PSNR": [28.43]}, unavailable={"SSIM": reason})
    row = judge(make_run(tmp_path, "baseline/bicubic"))["Set5", "bicubic", "SSIM", "baseline/bicubic"]
    assert (row.verdict, row.note, row.measured) == (Verdict.UNAVAILABLE, reason, None)


def test_a_benchmark_that_the_paper_does_not_print_is_shown_without_comparison(tmp_path):
    write_bicubic(tmp_path)
    write_score(tmp_path, "baseline/bicubic", "embedded", {"PSNR": [27.0, 28.0], "SSIM": [0.8, 0.9]})
    run = make_run(tmp_path, "baseline/bicubic", embedded=BenchmarkState(status="ready"))
    row = judge(run)["embedded", "bicubic", "PSNR", "baseline/bicubic"]
    assert (row.published, row.measured, row.verdict) == ("", 27.5, Verdict.NOT_COMPARABLE)
    assert row.note == "the paper prints no value for embedded"


def test_sources_that_are_not_named_stay_out(tmp_path):
    write_bicubic(tmp_path)
    write_score(tmp_path, DEMO + "0", "Set5", {"PSNR": [28.0]})
    sources = {row.source for row in judge(make_run(tmp_path, "baseline/bicubic")).values() if row.measured}
    assert sources == {"baseline/bicubic"}


def test_scores_that_contradict_their_place_are_refused(tmp_path):
    write_score(tmp_path, "baseline/bicubic", "Set5", {"PSNR": [28.43]})
    path = tmp_path / "srgan" / "baseline" / "bicubic" / "Set5.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "benchmark": "Set14"}))
    with pytest.raises(InputError, match=r"Set5\.json.*contradicts"):
        judge(make_run(tmp_path, "baseline/bicubic"))


@pytest.mark.usefixtures("benchmarks_of_any_size")
def test_seeds_scored_on_different_images_are_not_pooled(tmp_path):
    write_score(tmp_path, FULL + "0", "Set5", {"PSNR": [31.0, 33.0]})
    write_score(tmp_path, FULL + "1", "Set5", {"PSNR": [31.0]})
    with pytest.raises(InputError, match="other images of Set5"):
        judge(make_run(tmp_path, FULL + "0", FULL + "1"))


def test_an_unknown_kind_of_source_is_refused(tmp_path):
    with pytest.raises(InputError, match="'bicubic' is no source"):
        make_run(tmp_path, "bicubic")


def test_what_can_not_be_trained_is_unavailable_with_the_reason(tmp_path):
    run = replace(make_run(tmp_path), obstacles={"srgan/srgan_vgg54": "VGG19's weights are missing"})
    row = judge(run)["Set5", "SRGAN", "PSNR", "trained/*/srgan/srgan_vgg54"]
    assert (row.verdict, row.note) == (Verdict.UNAVAILABLE, "VGG19's weights are missing")


ESRGAN, MMAGIC = "released/esrgan", "released/mmagic_esrgan"


def released_rows(tmp_path, *sources, **obstacles):
    """Rows of LDL's printed PSNR of ESRGAN on Set5, by source."""
    run = replace(make_run(tmp_path, *sources), obstacles=obstacles)
    rows = table_rows("ldl", "table1", load_layouts("ldl").table("ldl", "table1"), run)
    return {row.source: row for row in rows if row.place == ("Set5", "ESRGAN", "PSNR")}


def test_authors_weights_are_held_against_the_paper(tmp_path):
    printed = float(released_rows(tmp_path)[ESRGAN].published)
    write_score(tmp_path, ESRGAN, "Set5", {"PSNR": [printed + 0.04]}, protocol="ldl")
    row = released_rows(tmp_path, ESRGAN)[ESRGAN]
    assert (row.verdict, row.tolerance) == (Verdict.MATCH, 0.05)
    write_score(tmp_path, ESRGAN, "Set5", {"PSNR": [printed + 0.06]}, protocol="ldl")
    assert released_rows(tmp_path, ESRGAN)[ESRGAN].verdict == Verdict.DIFFERS


def test_third_party_weights_are_shown_where_they_are_and_never_compared(tmp_path):
    assert MMAGIC not in released_rows(tmp_path)
    score = {"deviations": ["third-party training (mmagic, on DIV2K)"], "protocol": "ldl"}
    write_score(tmp_path, MMAGIC, "Set5", {"PSNR": [30.0]}, **score)
    row = released_rows(tmp_path, MMAGIC)[MMAGIC]
    assert row.verdict == Verdict.NOT_COMPARABLE
    assert "third-party training" in row.note


def test_missing_weights_of_the_authors_say_how_to_get_them(tmp_path):
    row = released_rows(tmp_path, **{ESRGAN: "get it with `sr assets fetch esrgan`"})[ESRGAN]
    assert (row.verdict, row.note) == (Verdict.UNAVAILABLE, "get it with `sr assets fetch esrgan`")


def test_a_verdict_names_the_assumptions_that_bear_on_the_metric(tmp_path):
    """Of SRGAN's protocol LPIPS's backbone decides no PSNR; what a start passes on counts once."""
    lines = [
        "srgan/srgan_vgg54: slopes: one a channel. Because: a. Otherwise: b.",
        "srgan/srresnet_mse: slopes: one a channel. Because: a. Otherwise: b.",
        "srgan's protocol: luma_rounded: rounded. Because: a. Otherwise: b.",
        "srgan's protocol: not_reported: LPIPS as LDL. Because: a. Otherwise: b.",
    ]
    source = "trained/paper/ImageNet/srgan/srgan_vgg54"
    write_score(tmp_path, f"{source}/seed0", "Set5", {"PSNR": [29.40]}, assumptions=lines)
    row = judge(make_run(tmp_path, f"{source}/seed0"))["Set5", "SRGAN", "PSNR", source]
    assert row.assumptions == ("srgan/srgan_vgg54: slopes", "srgan's protocol: luma_rounded")
    assert row.judged == "match under 2 assumptions"


def test_another_papers_recipe_is_an_assumption(tmp_path):
    source = "trained/paper/ImageNet/srgan/srgan_vgg54"
    write_score(tmp_path, f"{source}/seed0", "Set14", {"SSIM": [0.6958]}, protocol="gmgan")
    run = make_run(tmp_path, f"{source}/seed0")
    rows = table_rows("gmgan", "table1", load_layouts("gmgan").table("gmgan", "table1"), run)
    (row,) = [row for row in rows if row.place == ("Set14", "SRGAN", "SSIM")]
    assert row.judged == ("match under 1 assumption; not distinguishable from GMGAN")
    assert "another paper's recipe" in row.assumptions[0]


@pytest.mark.parametrize(
    ("paper", "item", "place", "recipe", "value"),
    [
        ("gmgan", "table1", ("Set5", "SRGAN", "PSNR"), "srgan/srgan_vgg54", 29.40),
        ("gmgan", "table2", ("BSD100", "SRGAN", "PSNR"), "srgan/srgan_vgg54", 25.16),
        (
            "gmgan",
            "table2",
            ("Set5", "GMGAN (lMSE + lP + lGA)", "PSNR"),
            "gmgan/gmgan_without_quality",
            30.41,
        ),
        ("gmgan", "table1", ("Set5", "GMGAN", "SSIM"), "gmgan/gmgan", 0.8342),
        ("ldl", "table2", ("DIV2K", "#1", "PSNR"), "ldl/rrdb_gan", 28.9),
    ],
)
def test_right_numbers_pass_the_check_where_the_audit_has_shown_a_wrong_one(
    tmp_path, paper, item, place, recipe, value
):
    source = f"trained/paper/DF2K/{recipe}"
    write_score(tmp_path, f"{source}/seed0", place[0], {place[2]: [value]}, protocol=paper)
    run = make_run(tmp_path, f"{source}/seed0", DIV2K=READY)
    rows = table_rows(paper, item, load_layouts(paper).table(paper, item), run)
    (row,) = [row for row in rows if row.place == place and row.measured is not None]
    assert row.verdict is not Verdict.MATCH
    assert "known finding" in row.note
    assert not check_rows([row]).differing


def test_a_cell_that_lost_its_decimals_is_held_against_nothing(tmp_path):
    source = "trained/paper/DIV2K_augmented/gmgan/gmgan"
    values = {"PSNR": [25.7] * 100}
    write_score(tmp_path, f"{source}/seed0", "BSD100", values, protocol="gmgan")
    table = tmp_path / "gmgan" / source / "seed0" / "BSD100.csv"
    table.write_text(table.read_text().replace("image0,", "219090,"))
    run = make_run(tmp_path, f"{source}/seed0")
    rows = table_rows("gmgan", "fig5", load_layouts("gmgan").table("gmgan", "fig5"), run)
    (row,) = [row for row in rows if row.place == ("219090", "GMGAN", "PSNR")]
    assert row.measured == 25.7
    assert row.verdict is Verdict.NOT_COMPARABLE


@pytest.mark.parametrize(("starts", "said"), [((0, 0), "stage"), ((0, 1), "start"), ((None, None), "")])
def test_a_row_says_where_its_seeds_part(tmp_path, starts, said):
    source = "trained/paper/ImageNet/srgan/srgan_vgg54"
    for seed, start in enumerate(starts):
        write_score(tmp_path, f"{source}/seed{seed}", "Set5", {"PSNR": [29.4]}, start_seed=start)
    run = make_run(tmp_path, f"{source}/seed0", f"{source}/seed1")
    assert judge(run)["Set5", "SRGAN", "PSNR", source].seeds_from == said
