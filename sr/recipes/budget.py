"""A budget: how much of a recipe is spent, read from `workflow/budgets/<budget>.yaml`.

A budget shrinks a recipe: sizes and iterations are caps. What a small network needs beside that
(a higher learning rate, a perceptual network that can be had anywhere) replaces the recipe's value.
Every field a budget changed becomes a deviation, so that no shrunken result is compared with a paper.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, field_validator, model_validator

from sr.config import Strict, load_model, merge, nearest, validate
from sr.errors import InputError
from sr.losses.settings import NetworkReplacement
from sr.project import root
from sr.recipes.recipe import CosineSchedule, Recipe

# Generators that a shortened training keeps on its way.
_MOST_KEPT = 20


class Caps(Strict):
    """Upper limits; a recipe's smaller value stays."""

    iterations: int | None = Field(default=None, gt=0)
    batch: int | None = Field(default=None, gt=0)
    patch: int | None = Field(default=None, gt=0)


class GeneratorCaps(Strict):
    """Upper limits on the generator's size."""

    blocks: int | None = Field(default=None, gt=0)
    channels: int | None = Field(default=None, gt=0)
    kernel: int | None = Field(default=None, gt=0)
    growth: int | None = Field(default=None, gt=0)
    groups: int | None = Field(default=None, gt=0)
    heads: int | None = Field(default=None, gt=0)
    tail_channels: int | None = Field(default=None, gt=0)


class DiscriminatorCaps(Strict):
    """Upper limits on the discriminator's size."""

    channels: int | None = Field(default=None, gt=0)
    dense: int | None = Field(default=None, gt=0)


class Share(Strict):
    """What a budget grants one kind of recipe.

    iterations, patches: of recipes with the named generator networks, in place of the caps' limit.
    learning_rates: of recipes with the named generator networks, in place of their own; others keep theirs.
    decay_at, factor: the rate is multiplied by `factor` at the fraction `decay_at` of the iterations, in
    place of a recipe's milestones. ema_decay: upper limit of the recipe's; an average over thousands of
    steps would not leave its start in hundreds. checks: how often a run is validated. threads: torch's.
    """

    caps: Caps = Caps()
    iterations: dict[str, int] = Field(default_factory=dict)
    patches: dict[str, int] = Field(default_factory=dict)
    learning_rates: dict[str, float] = Field(default_factory=dict)
    decay_at: float | None = None
    factor: float | None = None
    ema_decay: float | None = None
    checks: int
    threads: int

    @field_validator("iterations", "patches", "learning_rates")
    @classmethod
    def _of_known_networks(cls, values: dict[str, float]) -> dict[str, float]:
        _require_generators(values)
        return values

    @model_validator(mode="after")
    def _decay_is_complete(self) -> "Share":
        if (self.decay_at is None) != (self.factor is None):
            raise ValueError("decay_at and factor go together")
        return self


class Budget(Strict):
    """One budget. `training_sets`: sets that may stand in for a recipe's, the first present one is taken;
    `recipe` there means the recipe's own. `enlargements`: networks that begin as one where they learn from
    scratch, which takes a fraction of the steps then. `perceptual`: a network in place of those that losses
    look with.
    """

    budget: str
    training_sets: tuple[str, ...]
    generator: GeneratorCaps = GeneratorCaps()
    discriminator: DiscriminatorCaps = DiscriminatorCaps()
    enlargements: tuple[str, ...] = ()
    perceptual: NetworkReplacement | None = None
    distinct_images: bool | None = None
    psnr_oriented: Share
    perceptual_oriented: Share

    @field_validator("enlargements")
    @classmethod
    def _by_known_networks(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        _require_generators(names)
        return names

    def share(self, recipe: Recipe) -> Share:
        """What this budget grants `recipe`. One that learns from scratch and without a game, be it on
        features (SRResNet-VGG22), needs what a PSNR-oriented one does, unless it begins as an enlargement.
        """
        begins = recipe.start is not None or recipe.generator.network in self.enlargements
        first_stage = recipe.discriminator is None and not begins
        return self.psnr_oriented if recipe.psnr_oriented or first_stage else self.perceptual_oriented


@dataclass(frozen=True)
class Resolved:
    """A recipe as it will be run, and in which fields it deviates from the paper's."""

    recipe: Recipe
    deviations: tuple[str, ...]


def budgets() -> list[str]:
    """The budgets by name."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def load_budget(name: str) -> Budget:
    """A budget by name. Raises InputError with the nearest name."""
    if name not in budgets():
        raise InputError(f"'{name}' is not a budget; {nearest(name, budgets())}")
    return load_model(_folder() / f"{name}.yaml", Budget)


def _folder() -> Path:
    return root() / "workflow" / "budgets"


def _require_generators(names: Iterable[str]) -> None:
    for name in names:
        if name not in _generator_networks():
            raise ValueError(f"'{name}' is no generator; {nearest(name, _generator_networks())}")


def _generator_networks() -> list[str]:
    kinds = get_args(Recipe.model_fields["generator"].annotation)
    return [name for kind in kinds for name in get_args(kind.model_fields["network"].annotation)]


def apply(budget: Budget, recipe: Recipe, training_set: str) -> Resolved:
    """`recipe` cut down to `budget` and trained on `training_set`, with every change named."""
    before = recipe.model_dump(mode="json")
    after = before
    for change in (
        {"training_set": training_set},
        _sizes(budget, recipe),
        _schedule(budget.share(recipe), recipe),
        _averaging(budget.share(recipe), recipe),
        _beginning(budget, recipe),
        _looking(budget, recipe),
    ):
        after = merge(after, change)
    resolved = validate(after, Recipe, f"budget {budget.budget}")
    differences = _differences(before, resolved.model_dump(mode="json"))
    return Resolved(resolved, (*recipe.stand_ins, *differences))


def _sizes(budget: Budget, recipe: Recipe) -> dict[str, Any]:
    share = budget.share(recipe)
    patch = share.patches.get(recipe.generator.network, share.caps.patch)
    change = _capped(recipe, share.caps.model_copy(update={"patch": patch}))
    if budget.distinct_images is not None:
        change["distinct_images"] = budget.distinct_images
    change["generator"] = _capped(recipe.generator, budget.generator)
    if recipe.discriminator is not None:
        change["discriminator"] = _capped(recipe.discriminator, budget.discriminator)
    return change


def _capped(value: Strict, caps: Strict) -> dict[str, Any]:
    """Those fields of `value` that `caps` limits, none larger than its limit."""
    return {
        name: min(getattr(value, name), limit)
        for name, limit in caps
        if limit is not None and hasattr(value, name)
    }


def _schedule(share: Share, recipe: Recipe) -> dict[str, Any]:
    """Fewer iterations move everything that happens at a step in proportion."""
    schedule = recipe.schedule
    limit = share.iterations.get(recipe.generator.network, share.caps.iterations)
    iterations = min(schedule.iterations, limit or schedule.iterations)

    def moved(step: int) -> int:
        return round(step * iterations / schedule.iterations)

    change: dict[str, Any] = {"iterations": iterations}
    if isinstance(schedule, CosineSchedule):
        # Rounded down, so that a period never is all warm-up.
        change["warm_up"] = schedule.warm_up * iterations // schedule.iterations
    elif share.decay_at is not None and share.factor is not None:
        change |= {"milestones": [round(iterations * share.decay_at)], "factor": share.factor}
    else:
        change["milestones"] = [moved(milestone) for milestone in schedule.milestones]
    changes: dict[str, Any] = {"schedule": change}
    if recipe.keep_every is not None:
        # Enough to see how it went, and few enough to be tried on images in seconds.
        least = iterations // _MOST_KEPT if iterations < schedule.iterations else 1
        changes["keep_every"] = max(moved(recipe.keep_every), least, 1)
    if rate := share.learning_rates.get(recipe.generator.network):
        changes["optimiser"] = {"learning_rate": rate}
    return changes


def _averaging(share: Share, recipe: Recipe) -> dict[str, Any]:
    if recipe.ema is None or share.ema_decay is None:
        return {}
    return {"ema": {"decay": min(recipe.ema.decay, share.ema_decay)}}


def _beginning(budget: Budget, recipe: Recipe) -> dict[str, Any]:
    begins = recipe.start is None and recipe.generator.network in budget.enlargements
    return {"initialisation": "enlargement"} if begins else {}


def _looking(budget: Budget, recipe: Recipe) -> dict[str, Any]:
    """Losses that look with the budget's network instead of their own."""
    if budget.perceptual is None:
        return {}
    try:
        changes = {
            name: settings.replaced(budget.perceptual) for name, settings in recipe.losses.present.items()
        }
    except ValueError as error:
        raise InputError(f"budget {budget.budget}: {error} Map it in 'perceptual.layers'.") from None
    return {"losses": {name: change for name, change in changes.items() if change}}


def _differences(before: Any, after: Any, key: str = "") -> list[str]:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [] if before == after else [f"{key}: {_shown(after)} instead of {_shown(before)}"]
    if key.endswith("layers"):
        return [] if before == after else [f"{key}: {', '.join(after)} instead of {', '.join(before)}"]
    return [
        difference
        for name in before
        for difference in _differences(before[name], after[name], f"{key}.{name}".lstrip("."))
    ]


def _shown(value: Any) -> str:
    return str(value) if not isinstance(value, float) else f"{value:g}"
