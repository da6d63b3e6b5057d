"""Seeds that claims and tables take, against the printed numbers and the stated spread by hand."""

import pytest

from sr.config import load_yaml
from sr.errors import InputError
from sr.papers.published import load_published
from sr.papers.spread import margin, spread_of
from sr.planning.cost import cost_of_recipes
from sr.planning.plan import Plan
from sr.planning.power import decision, decisions, hours, matches
from sr.project import root
from sr.results.intervals import Unit
from sr.results.power import seeds_against_one, seeds_to_match, seeds_to_tell


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
