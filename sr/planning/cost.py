"""What a target costs before it is spent: runs, arithmetic, GPU hours, downloads and disk.

Arithmetic is counted, not guessed: the forward passes of a recipe's real networks on shapes alone, with the
usual factor of two for a backward pass through the input and three where weights learn as well. Hours are
that divided by what a device sustains, measured here or given.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import torch
from pydantic import BaseModel

from sr.data.assets import Assets, with_files
from sr.data.catalogue import Url, catalogue
from sr.device import Precision, choose
from sr.networks.operations import forward_operations
from sr.planning.plan import Plan
from sr.project import root
from sr.recipes.budget import apply
from sr.recipes.recipe import Recipe, load_recipe

Settings = TypeVar("Settings", bound=BaseModel)

_BYTES_OF_A_PARAMETER = 4
_CHECKPOINTS = 2


@dataclass(frozen=True)
class _Step:
    """Operations of a step for one image, and of the generator's pass in it; parameters of the generator, and
    all that learn.
    """

    operations: float
    forward: int
    generator: int
    learning: int


# Counted in this process, by the settings that decide it: whole steps, and networks on images of a side.
_steps: dict[str, _Step] = {}
_networks: dict[tuple[str, int], tuple[int, int]] = {}


@dataclass(frozen=True)
class RunCost:
    """One run: floating point operations of all its steps, and bytes it leaves on disk at most.

    preferred_set: that the budget would rather train on, where `training_set` is another that is at hand.
    operations_a_pixel: of the generator, for each pixel that it gives. twin: the run that is the very same
    training, whose result this one takes over at no cost.
    """

    recipe: str
    training_set: str
    preferred_set: str
    seeds: int
    iterations: int
    batch: int
    patch: int
    operations: float
    operations_a_pixel: float
    disk: int
    twin: str | None


@dataclass(frozen=True)
class Cost:
    """Everything a target needs. downloads: asset -> bytes, None where no size is known."""

    runs: tuple[RunCost, ...]
    downloads: dict[str, int | None]

    @property
    def operations(self) -> float:
        """Of all runs and seeds."""
        return sum(run.operations * run.seeds for run in self.runs)


def cost_of(plan: Plan, tables: Iterable[tuple[str, str]]) -> Cost:
    """What the trainings behind some tables (paper, item) cost under the plan's budget."""
    return cost_of_recipes(plan, plan.recipes_of(tables))


def cost_of_recipes(plan: Plan, wanted: Sequence[str]) -> Cost:
    """What trainings of recipes cost under the plan's budget, with all that they begin with.

    Starts are counted once where all seeds share them. Training sets are those that the workflow would take
    as things are: the first at hand of those that the budget admits or, where none is, the first.
    """
    names = list(dict.fromkeys(part for recipe in wanted for part in _in_order(plan, recipe)))
    wanted = [*wanted, *(twin for recipe in wanted if (twin := plan.trainings.twin(recipe)))]
    seeds = len(plan.configuration.seeds)
    every = plan.trainings.own_starts
    runs = tuple(_run_cost(plan, name, seeds if every or name in wanted else 1) for name in names)
    assets = [run.training_set for run in runs]
    assets += [asset for name in names for asset in plan.trainings.weights(name)]
    return Cost(runs, downloads(plan.assets, assets))


def operations_of_a_step(recipe: Recipe) -> float:
    """Floating point operations of one step on the whole batch."""
    return _step(recipe).operations * recipe.batch


def measured_rate(precision: Precision, seconds: float = 3.0) -> float:
    """Operations a second that this machine sustains on a convolution, forward and backward, in a precision
    and with the memory layout that trainings have in it. It sets torch's switches as a training does.
    """
    execution = choose(precision, None)
    device = torch.device(execution.device)
    convolution = torch.nn.Conv2d(64, 64, 3, padding=1).to(device).to(memory_format=execution.layout)
    images = torch.rand(4, 64, 128, 128, device=device).contiguous(memory_format=execution.layout)

    def step() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            total = convolution(images).sum()
        total.backward()
        if device.type == "cuda":
            torch.cuda.synchronize()

    step()  # on a GPU the first one starts it and looks for the quickest algorithm
    steps, started = 0, time.monotonic()
    while time.monotonic() - started < seconds:
        step()
        steps += 1
    elapsed = time.monotonic() - started
    # The images need no gradient: one product forward and one for the weights.
    return 2 * forward_operations(convolution, images) * steps / elapsed


def measured_elsewhere(precision: Precision) -> list[float]:
    """What steps of the papers' recipes sustain on an H100 (docs/gpu.md), in operations a second."""
    ending = f"{precision}, recorded"
    return [1e12 * row["teraflops"] for row in _on_an_h100()["recipes"] if row["what"].endswith(ending)]


def scored_elsewhere() -> dict[str, float]:
    """HR megapixels a second for which an H100 scores one further source (docs/gpu.md), by metric."""
    ending = " on cuda"
    return {
        row["what"].removesuffix(ending): row["megapixels_a_second"]
        for row in _on_an_h100()["scoring"]
        if row["what"].endswith(ending)
    }


def _on_an_h100() -> dict[str, Any]:
    path = root() / "results" / "reference" / "gpu" / "h100.json"
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def _in_order(plan: Plan, recipe: str) -> list[str]:
    """A recipe after those it begins with and the one whose training it shares."""
    before = (*plan.trainings.chain(recipe)[1:2], plan.trainings.twin(recipe))
    return [*(part for name in before if name for part in _in_order(plan, name)), recipe]


def _run_cost(plan: Plan, name: str, seeds: int) -> RunCost:
    training_set = plan.trainings.wanted_set(name)
    recipe = apply(plan.budget, load_recipe(name), training_set).recipe
    step = _step(recipe)
    twin = plan.trainings.twin(name)
    return RunCost(
        recipe=name,
        training_set=training_set,
        preferred_set=plan.trainings.preferred_set(name),
        seeds=seeds,
        iterations=recipe.schedule.iterations,
        batch=recipe.batch,
        patch=recipe.patch,
        operations=0.0 if twin else step.operations * recipe.batch * recipe.schedule.iterations,
        operations_a_pixel=step.forward / recipe.patch**2,
        disk=_BYTES_OF_A_PARAMETER * (_left(recipe, step) + (0 if twin else _in_checkpoints(recipe, step))),
        twin=twin,
    )


def _left(recipe: Recipe, step: _Step) -> int:
    """Parameters in a finished run: its result, both generators of an average, those kept on the way."""
    kept = recipe.schedule.iterations // recipe.keep_every if recipe.keep_every else 0
    return step.generator * (1 + (2 if recipe.ema else 0) + kept)


def _in_checkpoints(recipe: Recipe, step: _Step) -> int:
    """Weights with Adam's two moments, and the average."""
    return _CHECKPOINTS * (3 * step.learning + (step.generator if recipe.ema else 0))


def _step(recipe: Recipe) -> _Step:
    # Seconds for each of dozens of recipes, of which many are one network with other numbers.
    key = recipe.model_dump_json(include={"generator", "discriminator", "losses", "patch"})
    if key not in _steps:
        _steps[key] = _counted(recipe)
    return _steps[key]


def _counted(recipe: Recipe) -> _Step:
    with torch.device("meta"):
        forward, generator = _network(recipe.generator, recipe.patch // 4, lambda one: one.build())
        total = float((4 if recipe.losses.needs_ema else 3) * forward)
        judged = judging = 0
        if (discriminator := recipe.discriminator) is not None:
            judged, judging = _network(
                discriminator, recipe.patch, lambda one: one.build(recipe.patch).eval()
            )
            # The fake forward and back to its pixels; then fake and original forward and back to the weights.
            total += 8 * judged
        hr = torch.rand(1, 3, recipe.patch, recipe.patch)
        total += sum(settings.operations(hr, judged) for settings in recipe.losses.present.values())
    return _Step(total, forward, generator, generator + judging)


def _network(settings: Settings, side: int, build: Callable[[Settings], torch.nn.Module]) -> tuple[int, int]:
    """Operations of a forward pass on one image of a side, and parameters.

    build: makes the network, in the way that counts: a batch of one has no statistics to normalise by, and
    the count is the same without them.
    """
    key = (f"{type(settings).__name__} {settings.model_dump_json()}", side)
    if key not in _networks:
        _networks[key] = _of_equal_blocks(settings, side, build) or _of_whole(build(settings), side)
    return _networks[key]


def _of_equal_blocks(
    settings: Settings, side: int, build: Callable[[Settings], torch.nn.Module]
) -> tuple[int, int] | None:
    """What `_network` says, from networks of one and two blocks: each further one adds the same. None where
    there are no more.
    """
    blocks = getattr(settings, "blocks", 0)
    if blocks <= 2:
        return None
    one, two = (_network(settings.model_copy(update={"blocks": few}), side, build) for few in (1, 2))
    operations, parameters = (
        first + (blocks - 1) * (second - first) for first, second in zip(one, two, strict=True)
    )
    return operations, parameters


def _of_whole(network: torch.nn.Module, side: int) -> tuple[int, int]:
    operations = forward_operations(network, torch.rand(1, 3, side, side))
    return operations, sum(p.numel() for p in network.parameters())


def downloads(assets: Assets, names: Iterable[str]) -> dict[str, int | None]:
    """Missing assets with their sizes; a set made of others is counted by its parts."""
    parts = [part for name in names for part in with_files(name)]
    return {name: download_size(name) for name in dict.fromkeys(parts) if not assets.find(name)}


@cache
def download_size(name: str) -> int | None:
    """Bytes that fetching an asset takes, or None where no source publishes them."""
    sources = catalogue().get(name).fetchable
    return next((source.size for source in sources if isinstance(source, Url) and source.size), None)
