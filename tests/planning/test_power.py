"""Seeds that claims and tables take, against the printed numbers and the stated spread by hand."""

from pathlib import Path
from statistics import variance

import pytest

from sr.config import load_yaml
from sr.errors import InputError
from sr.papers.published import load_published
from sr.papers.spread import margin, spread_of
from sr.planning.cost import cost_of, cost_of_recipes
from sr.planning.plan import Plan
from sr.planning.power import NOTHING, decision, decisions, hours, matches, outlook
from sr.project import root
from sr.results.intervals import Unit
from sr.results.measurement import results_of_folder
from sr.results.power import seeds_against_one, seeds_to_match, seeds_to_tell
from tests.results.synthetic_scores import write_score


@pytest.fixture(scope="module")
def plan() -> Plan:
    configured = load_yaml(root() / "workflow" / "config.yaml")
    wanted = {"budget": "paper", "papers": ["beby", "ldl"], "sources": ["trained"], "benchmarks": ["Set5"]}
    return Plan(configured | wanted | {"mirror": None, "download": "none"})


def printed(item: str, method: str, metric: str) -> float:
    (value,) = [
        cell.value
        for cell in load_published("ldl")
        if (cell.item, cell.method, cell.metric) == (item, method, metric)
    ]
    return value


def test_a_step_of_ldls_ablation_takes_what_its_printed_gap_takes(plan: Plan) -> None:
    """L11b: #3 against #2, in LPIPS and PSNR on DIV2K's 100 images, trainings that are paired."""
    found = decision(plan, "L11b")
    expected = []
    for metric in ("LPIPS", "PSNR"):
        spread = spread_of(metric)
        assert spread is not None
        gap = abs(printed("table2", "#3", metric) - printed("table2", "#2", metric))
        paired = [Unit([0.0], spread.paired.variance(100), spread.paired.worth)]
        expected.append(seeds_to_tell(gap, paired))
    assert set(found.recipes) == {"ldl/rrdb_local_map", "ldl/rrdb_scaled_map"}
    assert found.comparisons == 2
    assert found.seeds == max(one for one in expected if one)


def test_a_claim_in_parts_takes_the_most_of_them(plan: Plan) -> None:
    whole = decision(plan, "L11")
    parts = [one for one in decisions(plan, "ldl") if one.claim.startswith("L11")]
    assert len(parts) > 1
    assert whole.seeds == max(one.seeds or 0 for one in parts)
    with pytest.raises(InputError, match="'L99' is no claim"):
        decision(plan, "L99")


def test_every_claim_has_a_number_or_a_reason(plan: Plan) -> None:
    found = [one for paper in ("beby", "ldl") for one in decisions(plan, paper)]
    assert all(one.seeds or one.why for one in found)
    assert any(one.seeds for one in found)


def test_hours_count_a_start_once_and_a_seed_each(plan: Plan) -> None:
    recipes = ["ldl/rrdb_local_map", "ldl/rrdb_scaled_map"]
    runs = {run.recipe: run for run in cost_of_recipes(plan, recipes).runs}
    start = plan.trainings.chain(recipes[0])[1:]
    expected = 5 * sum(runs[name].operations for name in recipes) + sum(
        runs[name].operations for name in start
    )
    assert hours(runs, plan, recipes, 5, 1e12) == pytest.approx(expected / 1e12 / 3600)


def test_a_tables_cells_take_a_match_and_are_told_from_far_neighbours(plan: Plan) -> None:
    """Beby-GAN's Table 1: three methods, LPIPS on two benchmarks."""
    found = matches(plan, "beby", "table1")
    lpips = spread_of("LPIPS")
    assert lpips is not None
    assert found.seeds == seeds_to_match(margin(), lpips.alone.worth)
    told = 0
    rows = [cell for cell in load_published("beby") if cell.item == "table1" and cell.metric == "LPIPS"]
    for cell in rows:
        others = [one for one in rows if one.dataset == cell.dataset and one != cell]
        gap = min(abs(one.value - cell.value) for one in others)
        images = 14 if cell.dataset == "Set14" else 100
        needed = seeds_against_one(gap, lpips.alone.variance(images) ** 0.5, lpips.alone.worth)
        told += needed is not None and needed <= (found.seeds or 0)
    assert (found.cells, found.plain) == (len(rows), told)


def test_measured_seeds_move_the_spread_as_they_move_a_verdict(tmp_path: Path, plan: Plan) -> None:
    """LDL's #3 against #2, paired: three seeds each whose differences vary, with the stated variance as a
    pseudo-sample (Smyth 2004).
    """
    differences = {"LPIPS": (0.001, 0.004, 0.007), "PSNR": (0.3, 0.2, 0.1)}
    for seed in range(3):
        for number, recipe in enumerate(("rrdb_scaled_map", "rrdb_local_map")):
            source = str(plan.trainings.run(f"ldl/{recipe}", seed))
            scores = {
                name: [(0.1 if name == "LPIPS" else 28.0) + number * all_of[seed]]
                for name, all_of in differences.items()
            }
            write_score(tmp_path, source, "DIV2K", scores, protocol="ldl")
    expected = []
    for metric, values in differences.items():
        spread = spread_of(metric)
        assert spread is not None
        stated, worth = spread.paired.variance(100), spread.paired.worth
        moderated = (worth * stated + 2 * variance(values)) / (worth + 2)
        gap = abs(printed("table2", "#3", metric) - printed("table2", "#2", metric))
        expected.append(seeds_to_tell(gap, [Unit([0.0], moderated, worth)]))
    found = decision(plan, "L11b", results_of_folder(tmp_path))
    assert found.seeds == max(one for one in expected if one)
    assert found.seeds > (decision(plan, "L11b").seeds or 0)


def test_one_measured_seed_tells_nothing_of_the_spread(tmp_path: Path, plan: Plan) -> None:
    source = str(plan.trainings.run("ldl/rrdb_local_map", 0))
    write_score(tmp_path, source, "DIV2K", {"LPIPS": [0.1], "PSNR": [28.0]}, protocol="ldl")
    assert decision(plan, "L11b", results_of_folder(tmp_path)) == decision(plan, "L11b")


def test_a_wide_spread_of_measured_seeds_tells_fewer_cells_apart(tmp_path: Path, plan: Plan) -> None:
    stated = matches(plan, "beby", "table1")
    assert stated.plain > 0
    for seed, lpips in enumerate((0.1, 0.2, 0.3)):
        for recipe in ("bebygan", "bebygan_without_best_buddy", "bebygan_without_region_mask"):
            for benchmark in ("Set14", "BSD100"):
                source = str(plan.trainings.run(f"beby/{recipe}", seed))
                write_score(tmp_path, source, benchmark, {"LPIPS": [lpips]}, protocol="beby")
    measured = matches(plan, "beby", "table1", results_of_folder(tmp_path))
    assert (measured.plain, measured.seeds) == (0, stated.seeds)


def test_every_claim_of_a_paper_is_looked_out_for(plan: Plan) -> None:
    """Those that only trainings of studies decide as well; one table asks for those it decides itself."""
    tables = [table for table in plan.tables() if table[0] == "beby"]
    everything = outlook(plan, tables, cost_of(plan, tables).runs, 1e12, NOTHING)
    assert len(everything.claims) + everything.beyond == len(decisions(plan, "beby"))
    assert all((price is None) == (one.seeds is None) for one, price in everything.claims)
    some = outlook(plan, tables[:1], cost_of(plan, tables[:1]).runs, 1e12, NOTHING)
    assert [one.claim for one, _ in some.claims] == ["B03", "B04", "B05"]
    assert {one.claim for one, _ in some.claims} < {one.claim for one, _ in everything.claims}


def test_the_hardest_comparison_takes_the_seeds(plan: Plan) -> None:
    assert decision(plan, "L11b").hardest == "PSNR DIV2K: #3 > #2"


def test_hours_count_a_start_a_seed_where_each_has_its_own() -> None:
    configured = load_yaml(root() / "workflow" / "config.yaml")
    own = Plan(configured | {"budget": "paper", "mirror": None, "download": "none", "seeds_from": "start"})
    runs = {run.recipe: run for run in cost_of_recipes(own, ["ldl/rrdb_local_map"]).runs}
    expected = 5 * sum(run.operations for run in runs.values())
    assert hours(runs, own, ["ldl/rrdb_local_map"], 5, 1e12) == pytest.approx(expected / 1e12 / 3600)
