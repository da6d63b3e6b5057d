"""The table across methods from made-up scores: means, spreads, bold face, budgets and reasons."""

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sr.config import load_yaml, validate
from sr.errors import InputError
from sr.files import write_json
from sr.pages.comparison import build_page, render_page, significant, tag_of, write_comparison
from sr.papers.comparison import ComparisonLayout, load_comparison_layout
from sr.project import root
from sr.recipes.recipe import load_recipe
from sr.results.complexity import Cost, Costs
from sr.results.image_sets import BenchmarkState
from sr.results.measurement import Results
from sr.verdicts.comparison import Line, comparison_lines, write_values
from tests.results.synthetic_scores import READY, make_run, write_score

COST = Cost(parameters=16_697_987, multiply_adds=1_033_000_000_000, seconds=25.04, memory=2_200_000_000)
COSTS = Costs(
    machine="a machine, 1 thread", output="1280x720", provenance={}, sources={"released/esrgan": COST}
)
DEMO = "trained/demo/embedded_train/"
FULL = "trained/paper/DF2K/"
SETTINGS: dict[str, Any] = {
    "title": "One table",
    "protocol": "ldl",
    "metrics": {"PSNR": {"decimals": 2}, "LPIPS": {"decimals": 4}},
    "benchmarks": ["Set5", "DIV2K"],
    "methods": {
        "Bicubic": {"baseline": "bicubic"},
        "RRDB": {"recipe": "esrgan/rrdb_psnr"},
        "ESRGAN": {"recipe": "esrgan/esrgan", "released": ["esrgan"]},
        "Beby-GAN": {"recipe": "beby/bebygan"},
        "Mine": {"images": "mine"},
    },
}
STATES = {"Set5": READY, "DIV2K": BenchmarkState(status="unavailable", reason="DIV2K is not at hand")}


@pytest.fixture
def layout() -> ComparisonLayout:
    return validate(SETTINGS, ComparisonLayout, "comparison.yaml")


@pytest.fixture
def run(tmp_path: Path) -> Results:
    """Two budgets, two seeds of one recipe, released weights, and nothing for the last two methods."""
    for source, psnr, lpips in (
        ("baseline/bicubic", 28.43, 0.34),
        (f"{DEMO}esrgan/rrdb_psnr/seed0", 29.0, 0.30),
        (f"{DEMO}esrgan/esrgan/seed0", 27.0, 0.20),
        (f"{DEMO}esrgan/esrgan/seed1", 28.0, 0.22),
        (f"{FULL}esrgan/rrdb_psnr/seed0", 32.7, 0.17),
        (f"{FULL}esrgan/esrgan/seed0", 30.4, 0.07),
        ("released/esrgan", 30.5, 0.08),
    ):
        deviations = ["batch: 4 instead of 16"] if "/demo/" in source else []
        values = {"PSNR": [psnr - 1, psnr + 1], "LPIPS": [lpips, lpips]}
        write_score(tmp_path, source, "Set5", values, protocol="ldl", deviations=deviations)
    sources = [str(path.parent.relative_to(tmp_path / "ldl")) for path in tmp_path.rglob("Set5.json")]
    states = {**STATES, "Set14": READY, "BSD100": READY}
    made = make_run(tmp_path, *sorted(sources))
    return Results(made.scores, made.groups, states, {"beby/bebygan": "VGG19 is not at hand"})


def line(lines: list[Line], method: str, tag: str) -> Line:
    return next(line for line in lines if line.method == method and tag_of(line) == tag)


def test_seeds_are_averaged_and_their_spread_is_shown(layout: ComparisonLayout, run: Results) -> None:
    value = line(comparison_lines(layout, run, COSTS), "ESRGAN", "demo").values["Set5", "PSNR"]
    assert value.mean == pytest.approx(27.5)
    assert value.spread == pytest.approx(0.5**0.5)  # of 27 and 28, n - 1 in the denominator
    page = build_page(layout, comparison_lines(layout, run, COSTS), run.benchmarks, COSTS, [])
    assert "27.50 ± 0.71" in render_page(page, "md")


def test_a_value_names_the_seeds_that_are_in_it(tmp_path: Path) -> None:
    seeds = [f"{DEMO}esrgan/esrgan/seed{seed}" for seed in (0, 1, 2)]
    values = {"PSNR": [27.0, 29.0], "LPIPS": [0.2, 0.2]}
    for source, benchmark in ((seeds[0], "Set5"), (seeds[1], "Set5"), (seeds[0], "Set14")):
        write_score(tmp_path, source, benchmark, values, protocol="ldl")
    wide = validate(SETTINGS | {"benchmarks": ["Set5", "Set14"]}, ComparisonLayout, "comparison.yaml")
    lines = comparison_lines(wide, make_run(tmp_path, *seeds), COSTS)
    found = line(lines, "ESRGAN", "demo").values
    assert (found["Set5", "PSNR"].seeds, found["Set5", "PSNR"].unscored) == ((0, 1), (seeds[2],))
    assert (found["Set14", "PSNR"].seeds, found["Set14", "PSNR"].unscored) == ((0,), tuple(seeds[1:]))
    page = build_page(wide, lines, make_run(tmp_path).benchmarks, COSTS, [])
    assert f"mean over the seeds 0, 1 ± their standard deviation; not scored: {seeds[2]}" in page.notes
    assert f"seed 0 alone; not scored: {seeds[1]}, {seeds[2]}" in page.notes
    assert not any("0, 1, 2" in note for note in page.notes)
    write_values(tmp_path / "values.csv", lines)
    with (tmp_path / "values.csv").open(newline="") as stream:
        rows = [
            row for row in csv.DictReader(stream) if row["method"] == "ESRGAN" and row["metric"] == "PSNR"
        ]
    assert [(row["benchmark"], row["seeds"], row["unscored"]) for row in rows] == [
        ("Set5", "0 1", seeds[2]),
        ("Set14", "0", " ".join(seeds[1:])),
    ]


def test_a_row_in_brackets_is_no_option_of_the_row_before(layout: ComparisonLayout, run: Results) -> None:
    lines = [replace(one, method=f"[{one.method}]") for one in comparison_lines(layout, run, COSTS)]
    named = layout.model_copy(update={"methods": {f"[{name}]": of for name, of in layout.methods.items()}})
    text = render_page(build_page(named, lines, run.benchmarks, COSTS, []), "tex")
    assert "[RRDB]" in text
    # LaTeX skips white space between the end of a row or a rule and an option.
    assert not re.search(r"(\\\\|\\midrule)\s*\[", text)


def test_the_best_is_sought_among_learned_methods_of_one_budget(
    layout: ComparisonLayout, run: Results
) -> None:
    lines = comparison_lines(layout, run, COSTS)
    best = {
        (entry.method, tag_of(entry), metric)
        for entry in lines
        for (_, metric), value in entry.values.items()
        if value.best
    }
    # Released weights are alone of their kind, and bicubic has learned nothing.
    assert best == {
        ("RRDB", "demo", "PSNR"),
        ("ESRGAN", "demo", "LPIPS"),
        ("RRDB", "full training", "PSNR"),
        ("ESRGAN", "full training", "LPIPS"),
    }


def test_budgets_are_rows_of_their_own_and_named(layout: ComparisonLayout, run: Results) -> None:
    lines = comparison_lines(layout, run, COSTS)
    tags = [tag_of(entry) for entry in lines if entry.method == "ESRGAN"]
    assert sorted(tags) == ["demo", "full training", "weights esrgan"]
    demo, full = line(lines, "ESRGAN", "demo"), line(lines, "ESRGAN", "full training")
    assert demo.deviations == ("batch: 4 instead of 16",)
    assert full.deviations == ()
    page = build_page(layout, lines, run.benchmarks, COSTS, [])
    for suffix in ("md", "html"):
        text = render_page(page, suffix)
        assert "◇" in text
        assert ": 1, listed in comparison.csv" in text
    assert "ESRGAN (demo) ◇" in render_page(page, "md")
    assert "shrunk budget 'demo'" in render_page(page, "md")


def test_what_is_missing_has_a_reason(layout: ComparisonLayout, run: Results) -> None:
    lines = comparison_lines(layout, run, COSTS)
    assert all(bool(v.missing) == (v.mean is None) for entry in lines for v in entry.values.values())
    assert line(lines, "ESRGAN", "demo").values["DIV2K", "PSNR"].missing == "DIV2K is not at hand"
    assert "VGG19 is not at hand" in line(lines, "Beby-GAN", "missing").values["Set5", "PSNR"].missing
    assert "images/mine" in line(lines, "Mine", "missing").values["Set5", "PSNR"].missing
    page = build_page(layout, lines, run.benchmarks, COSTS, [])
    assert any("DIV2K is not at hand" in note for note in page.notes)
    rows = [cell for panel in page.panels for block in panel for row in block.cells for cell in row]
    assert all(cell.text for cell in rows)


def test_a_metric_that_can_not_be_had_says_so(layout: ComparisonLayout, tmp_path: Path) -> None:
    write_score(
        tmp_path,
        "baseline/bicubic",
        "Set5",
        {"PSNR": [28.0]},
        protocol="ldl",
        unavailable={"LPIPS": "no AlexNet"},
    )
    lines = comparison_lines(layout, make_run(tmp_path, "baseline/bicubic", **STATES), COSTS)
    assert lines[0].values["Set5", "LPIPS"].missing == "no AlexNet"
    assert lines[0].values["Set5", "PSNR"].mean == 28.0


def test_costs_stand_beside_the_scores(layout: ComparisonLayout, run: Results) -> None:
    page = build_page(layout, comparison_lines(layout, run, COSTS), run.benchmarks, COSTS, [])
    row = next(text for text in render_page(page, "md").splitlines() if "weights esrgan" in text)
    assert [cell.strip() for cell in row.split("|")[2:6]] == ["16.7", "1,033", "25.0", "2,200"]
    assert "Measured on a machine, 1 thread." in render_page(page, "html")


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.122152, "0.122"), (16.697987, "16.7"), (1033.0, "1,033"), (99.96, "100"), (5.0, "5.00")],
)
def test_costs_have_three_digits(number: float, text: str) -> None:
    assert significant(number) == text


def test_the_files_agree(run: Results, tmp_path: Path) -> None:
    """Written from the project's own comparison.yaml, one method left out."""
    write_json(tmp_path / "costs.json", COSTS.model_dump())
    output = tmp_path / "comparison.csv"
    count = write_comparison(run, tmp_path / "costs.json", output, ["SRGAN"])
    with output.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({(row["method"], row["source"]) for row in rows if row["metric"]}) == count
    assert not any(row["method"] == "SRGAN" for row in rows)
    assert all(bool(row["value"]) != bool(row["missing"]) for row in rows)
    mine = {
        row["metric"]: row["value"] for row in rows if row["source"] == "released/esrgan" and row["value"]
    }
    assert mine["parameters"] == "16697987"
    assert float(mine["PSNR"]) == 30.5
    for suffix in ("md", "html", "tex"):
        # LaTeX may break a line behind a plus.
        text = output.with_suffix(f".{suffix}").read_text().replace(r"\allowbreak{}", "")
        assert "RRDB+LDL" in text
        assert "configured: SRGAN" in text
    assert load_yaml(output.with_suffix(".json"))["protocol"] == "ldl"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"protocoll": "ldl"}, "unknown key 'protocoll'; did you mean 'protocol'"),
        ({"protocol": "ldll"}, "'ldll' is not a replicated paper; did you mean 'ldl'"),
        ({"metrics": {"PSNRR": {"decimals": 2}}}, "'PSNRR' is none that the protocol of ldl measures"),
        ({"metrics": {"PI": {"decimals": 2}}}, "'PI' is none that the protocol of ldl measures"),
        ({"benchmarks": ["Sett5"]}, "'Sett5' is no set of images; did you mean 'Set5'"),
        (
            {"methods": {"A": {"recipee": "srgan/srgan_vgg54"}}},
            "unknown key 'methods.A.recipee'; did you mean 'recipe'",
        ),
        ({"methods": {"A": {"recipe": "srgan_vgg54"}}}, "write paper/recipe, not 'srgan_vgg54'"),
        (
            {"methods": {"A": {"released": ["esrgann"]}}},
            "'esrgann' is no released generator; did you mean 'esrgan'",
        ),
        ({"methods": {"A": {"group": "mine"}}}, "name baseline, recipe, released or images"),
    ],
)
def test_mistakes_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        validate(SETTINGS | change, ComparisonLayout, "comparison.yaml")


def test_the_projects_own_table_names_what_exists() -> None:
    layout = load_comparison_layout()
    assert (root() / "replications" / "comparison.yaml").is_file()
    papers = {method.recipe.split("/")[0] for method in layout.methods.values() if method.recipe}
    assert papers == {"srgan", "esrgan", "beby", "ldl", "gmgan"}
    recipes = [load_recipe(method.recipe) for method in layout.methods.values() if method.recipe]
    assert {recipe.generator.network for recipe in recipes} == {
        "srresnet",
        "msrresnet",
        "rrdb",
        "gmgan_generator",
        "swinir",
    }
