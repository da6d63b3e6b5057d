"""A budget: how much of a recipe is spent, read from `workflow/budgets/<budget>.yaml`.

A budget shrinks a recipe: sizes and iterations are caps. What a small network needs beside that
(a higher learning rate, a perceptual network that can be had anywhere) replaces the recipe's value.
Every field a budget changed becomes a deviation, so that no shrunken result is compared with a paper.
"""

from dataclasses import dataclass
from typing import Any

from sr.config import Strict, load_model, nearest, validate
from sr.errors import InputError
from sr.project import root
from sr.training.recipe import Recipe, merge


class Caps(Strict):
    """Upper limits; a recipe's smaller value stays."""

    iterations: int | None = None
    batch: int | None = None
    patch: int | None = None


class GeneratorCaps(Strict):
    """Upper limits on the generator's size."""

    blocks: int | None = None
    channels: int | None = None
    kernel: int | None = None


class DiscriminatorCaps(Strict):
    """Upper limits on the discriminator's size."""

    channels: int | None = None
    dense: int | None = None


class PerceptualReplacement(Strict):
    """Another perceptual network; `layers` maps names the recipe uses to those of this network."""

    network: str
    layers: dict[str, str]


class Share(Strict):
    """What a budget grants one kind of recipe.

    learning_rate, decay_at, factor: replace the recipe's; the rate is multiplied by `factor` at the
    fraction `decay_at` of the iterations. checks: how often a run is validated. threads: torch's.
    """

    caps: Caps = Caps()
    learning_rate: float | None = None
    decay_at: float | None = None
    factor: float | None = None
    checks: int
    threads: int


class Budget(Strict):
    """One budget. `training_sets`: sets that may stand in for a recipe's, the first present one is taken;
    `recipe` there means the recipe's own.
    """

    budget: str
    training_sets: tuple[str, ...]
    generator: GeneratorCaps = GeneratorCaps()
    discriminator: DiscriminatorCaps = DiscriminatorCaps()
    perceptual: PerceptualReplacement | None = None
    distinct_images: bool | None = None
    psnr_oriented: Share
    perceptual_oriented: Share

    def share(self, recipe: Recipe) -> Share:
        """What this budget grants `recipe`."""
        return self.psnr_oriented if recipe.psnr_oriented else self.perceptual_oriented


@dataclass(frozen=True)
class Resolved:
    """A recipe as it will be run, and in which fields it deviates from the paper's."""

    recipe: Recipe
    deviations: tuple[str, ...]


def load_budget(name: str) -> Budget:
    """A budget by name. Raises InputError with the nearest name."""
    folder = root() / "workflow" / "budgets"
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in names:
        raise InputError(f"'{name}' is not a budget; {nearest(name, names)}")
    return load_model(folder / f"{name}.yaml", Budget)


def apply(budget: Budget, recipe: Recipe, training_set: str) -> Resolved:
    """`recipe` cut down to `budget` and trained on `training_set`, with every change named."""
    before = recipe.model_dump(mode="json")
    after = before
    for change in (
        {"training_set": training_set},
        _sizes(budget, recipe),
        _schedule(budget.share(recipe), recipe),
        _perceptual(budget, recipe),
    ):
        after = merge(after, change)
    resolved = validate(after, Recipe, f"budget {budget.budget}")
    return Resolved(resolved, tuple(_differences(before, resolved.model_dump(mode="json"))))


def _sizes(budget: Budget, recipe: Recipe) -> dict[str, Any]:
    caps = budget.share(recipe).caps
    change: dict[str, Any] = _capped(recipe, caps, ("batch", "patch"))
    if budget.distinct_images is not None:
        change["distinct_images"] = budget.distinct_images
    change["generator"] = _capped(recipe.generator, budget.generator, ("blocks", "channels", "kernel"))
    if recipe.discriminator is not None:
        change["discriminator"] = _capped(recipe.discriminator, budget.discriminator, ("channels", "dense"))
    return change


def _capped(value: Any, caps: Any, names: tuple[str, ...]) -> dict[str, Any]:
    limits = {name: getattr(caps, name) for name in names if getattr(caps, name) is not None}
    return {name: min(getattr(value, name), limit) for name, limit in limits.items() if hasattr(value, name)}


def _schedule(share: Share, recipe: Recipe) -> dict[str, Any]:
    """Fewer iterations move the milestones in proportion."""
    schedule = recipe.schedule
    iterations = min(schedule.iterations, share.caps.iterations or schedule.iterations)
    milestones = [round(milestone * iterations / schedule.iterations) for milestone in schedule.milestones]
    change: dict[str, Any] = {"iterations": iterations, "milestones": milestones}
    if share.decay_at is not None and share.factor is not None:
        change |= {"milestones": [round(iterations * share.decay_at)], "factor": share.factor}
    if share.learning_rate is None:
        return {"schedule": change}
    return {"schedule": change, "optimiser": {"learning_rate": share.learning_rate}}


def _perceptual(budget: Budget, recipe: Recipe) -> dict[str, Any]:
    if budget.perceptual is None or recipe.losses.perceptual is None:
        return {}
    names = budget.perceptual.layers
    # A null first removes the recipe's own layers, which the merge would keep.
    layers: dict[str, float | None] = dict.fromkeys(recipe.losses.perceptual.layers)
    for layer, factor in recipe.losses.perceptual.layers.items():
        layers[names.get(layer, layer)] = factor
    return {"losses": {"perceptual": {"network": budget.perceptual.network, "layers": layers}}}


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
