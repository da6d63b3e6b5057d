"""The jobs behind a table: starts before what begins with them, evaluations after a table's runs."""

from typing import Any

import pytest

from sr.config import load_yaml
from sr.errors import InputError
from sr.planning.cost import Cost, cost_of
from sr.planning.makespan import Job
from sr.planning.megapixels import MEGAPIXELS
from sr.planning.plan import Plan
from sr.planning.workload import Rates, jobs, seconds_of_scores
from sr.project import root

TABLES = [("gmgan", "table2"), ("gmgan", "table1")]


@pytest.fixture(scope="module")
def plan() -> Plan:
    config: dict[str, Any] = load_yaml(root() / "workflow" / "config.yaml")
    return Plan(config | {"budget": "paper", "seeds": [0, 1, 2]})


@pytest.fixture(scope="module")
def cost(plan: Plan) -> Cost:
    return cost_of(plan, TABLES)


def made(plan: Plan, cost: Cost, scoring: float = 0.0) -> dict[str, Job]:
    return {job.name: job for job in jobs(plan, cost.runs, TABLES, Rates(100e12, lambda _paper: scoring))}


def test_runs_wait_for_the_first_seed_of_their_start(plan: Plan, cost: Cost) -> None:
    found = made(plan, cost)
    for seed in range(3):
        assert found[f"gmgan/gmgan/seed{seed}"].after == ("gmgan/rrdb_mse/seed0",)
    assert found["gmgan/rrdb_mse/seed0"].after == ()


def test_a_run_that_is_taken_over_waits_for_the_same_seed_and_for_no_machine() -> None:
    config = load_yaml(root() / "workflow" / "config.yaml")
    plan, table = Plan(config | {"budget": "demo", "seeds": [0, 1]}), [("gmgan", "table3")]
    found = {
        job.name: job for job in jobs(plan, cost_of(plan, table).runs, table, Rates(1e12, lambda _paper: 0.0))
    }
    for seed in range(2):
        taken = found[f"gmgan/gmgan_df2k/seed{seed}"]
        assert taken.after == ("gmgan/rrdb_mse/seed0", f"gmgan/gmgan_imagenet/seed{seed}")
        assert (taken.length, taken.machine) == (0.0, False)


def test_training_hours_are_those_of_the_cost(plan: Plan, cost: Cost) -> None:
    trained = [job.length for job in made(plan, cost).values() if not job.name.startswith("evaluate")]
    assert sum(trained) == pytest.approx(cost.operations / 100e12 / 3600)


def test_evaluations_wait_for_all_runs_of_their_table(plan: Plan, cost: Cost) -> None:
    found = made(plan, cost)
    evaluations = [job for job in found.values() if job.name.startswith("evaluate gmgan table2 ")]
    assert evaluations
    wanted = {f"{name}/seed{s}" for name in plan.recipes_of([("gmgan", "table2")]) for s in range(3)}
    wanted &= set(found)
    for job in evaluations:
        assert set(job.after) == wanted


def test_no_run_is_evaluated_twice_on_a_benchmark(plan: Plan, cost: Cost) -> None:
    """With scores alone, a benchmark takes its megapixels for every run that some table shows on it."""
    passes, both = made(plan, cost), made(plan, cost, scoring=3600.0)
    scored = {name: both[name].length - passes[name].length for name in both}
    on_set5 = sum(hours for name, hours in scored.items() if name.endswith(" Set5"))
    names = set(plan.recipes_of(TABLES))
    runs = sum(run.seeds for run in cost.runs if run.recipe in names)
    assert on_set5 == pytest.approx(runs * MEGAPIXELS["Set5"])


def test_scores_take_what_was_measured_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: an original and a source at so many megapixels a second, FID and Ma's score left out."""
    rates = {
        "PSNR": 2.0,
        "SSIM": 4.0,
        "SSIM (daala)": 1.0,
        "NIQE": 0.5,
        "DISTS": 8.0,
        "LPIPS (AlexNet)": 16.0,
    }
    monkeypatch.setattr("sr.planning.workload.scored_elsewhere", lambda: rates)
    assert seconds_of_scores("srgan") == pytest.approx(1.0 + 2.0)  # PSNR and daala's SSIM
    assert seconds_of_scores("gmgan") == pytest.approx(1.0 + 0.5 + 4.0)  # PSNR, SSIM, NIQE of PI
    assert seconds_of_scores("ldl") == pytest.approx(1.0 + 0.5 + 0.25 + 0.125)  # and LPIPS, DISTS


def test_a_metric_that_was_measured_nowhere_is_not_counted_as_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a GPU's rates SRGAN's metrics count as on a core (0.011 and 0.09 s); LDL's DISTS can not."""
    monkeypatch.setattr("sr.planning.workload.scored_elsewhere", dict)
    assert seconds_of_scores("srgan") == pytest.approx(0.101)
    with pytest.raises(InputError, match=r"h100\.json: .* no rate of DISTS"):
        seconds_of_scores("ldl")


def test_a_metric_measured_on_a_gpu_takes_less_than_on_a_core() -> None:
    """LPIPS on VGG features took 14 s of a core for a megapixel and its original."""
    assert seconds_of_scores("beby") < 1.0
