"""What trainings ask for fits the machines that a laboratory has."""

from typing import Any

import pytest

from sr.config import load_yaml
from sr.errors import InputError
from sr.planning.plan import Plan
from sr.project import root
from sr.recipes.budget import load_budget
from sr.recipes.recipe import load_recipe

# A usual node: 8 GPUs, 96 cores, 512 GB.
GPUS, CORES, MEGABYTES = 8, 96, 512_000


@pytest.fixture
def config() -> dict[str, Any]:
    return load_yaml(root() / "workflow" / "config.yaml")


def threads(plan: Plan, recipe: str, budget: str) -> int:
    paper, name = recipe.split("/")
    return plan.training_threads(budget=budget, paper=paper, recipe=name, shared=False)


@pytest.mark.parametrize("budget", ["paper", "short"])
def test_a_training_on_every_gpu_leaves_cores_to_evaluations(config: dict[str, Any], budget: str) -> None:
    plan = Plan(config | {"budget": budget})
    wanted = [threads(plan, recipe, budget) for recipe in plan.recipes()]
    assert len(wanted) > GPUS
    assert GPUS * max(wanted) <= CORES - 16
    assert GPUS * plan.training_megabytes(budget) <= MEGABYTES / 2


def test_threads_and_memory_follow_the_processes(config: dict[str, Any]) -> None:
    one, four = (Plan(config | {"budget": "paper", "gpus": {"paper": number}}) for number in (1, 4))
    assert threads(four, "esrgan/esrgan", "paper") == 4 * threads(one, "esrgan/esrgan", "paper")
    assert four.training_megabytes("paper") == 4 * one.training_megabytes("paper")
    # Two such trainings share the node's GPUs.
    assert 2 * threads(four, "esrgan/esrgan", "paper") <= CORES


def test_checkpoints_come_by_minutes(config: dict[str, Any]) -> None:
    plan = Plan(config)
    assert plan.checkpoint_minutes("paper") == 5
    assert plan.checkpoint_minutes("demo") < 1
    assert Plan(config | {"checkpoint_minutes": {"paper": 20}}).checkpoint_minutes("paper") == 20
    with pytest.raises(InputError, match="'papier' is not a budget"):
        Plan(config | {"checkpoint_minutes": {"papier": 20}})


def test_a_share_has_the_threads_of_its_budget(config: dict[str, Any]) -> None:
    share = load_budget("paper").share(load_recipe("esrgan/esrgan"))
    assert threads(Plan(config), "esrgan/esrgan", "paper") == share.threads
