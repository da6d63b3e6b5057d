"""A recipe: one training configuration of a paper, read from `replications/<paper>/recipes.yaml`.

A recipe that `extends` another is a sparse overlay on it: mappings merge, everything else replaces,
and `null` takes a loss away. Every key is typed, so a misspelt one is refused.
"""

from pathlib import Path
from typing import Any

from sr.config import Strict, load_yaml, nearest, validate
from sr.errors import InputError
from sr.losses.mse import MSESettings
from sr.losses.perceptual import PerceptualSettings
from sr.losses.standard_gan import StandardGANSettings
from sr.losses.total_variation import TotalVariationSettings
from sr.networks import DiscriminatorSettings, GeneratorSettings
from sr.project import paper_folder


class Losses(Strict):
    """The weighted terms of the generator's loss; absent ones are not part of the recipe."""

    mse: MSESettings | None = None
    total_variation: TotalVariationSettings | None = None
    perceptual: PerceptualSettings | None = None
    standard_gan: StandardGANSettings | None = None

    def weights(self) -> dict[str, float]:
        """Weight of every term the recipe has."""
        return {name: settings.weight for name, settings in self if settings is not None}


class AugmentationSettings(Strict):
    """Random mirroring and random quarter turns of the training crops."""

    flip: bool
    rotate: bool


class Optimiser(Strict):
    """Adam, for generator and discriminator alike."""

    learning_rate: float
    betas: tuple[float, float]


class StepSchedule(Strict):
    """Update iterations; at every milestone the learning rate is multiplied by `factor`."""

    iterations: int
    milestones: tuple[int, ...]
    factor: float


class CosineSchedule(Strict):
    """Update iterations in periods of equal length: each warms up linearly within `warm_up` steps from
    `warm_up_factor` of the learning rate, and falls as a half cosine to 0.
    """

    iterations: int
    periods: int
    warm_up: int
    warm_up_factor: float


class Averaging(Strict):
    """Exponential moving average of the generator's weights. tested: the averaged ones are the result."""

    decay: float
    tested: bool


class Recipe(Strict):
    """One training stage. `start` names the recipe (paper/recipe) whose generator it begins with.

    keep_every: the generator's weights are kept every so many iterations, or never.
    """

    title: str
    start: str | None
    training_set: str
    batch: int
    patch: int
    distinct_images: bool
    augmentation: AugmentationSettings
    generator: GeneratorSettings
    discriminator: DiscriminatorSettings | None
    losses: Losses
    optimiser: Optimiser
    schedule: StepSchedule | CosineSchedule
    ema: Averaging | None = None
    keep_every: int | None = None

    @property
    def psnr_oriented(self) -> bool:
        """Trained on pixel errors alone, so that it has to beat bicubic in PSNR."""
        return self.discriminator is None and self.losses.perceptual is None


def load_recipes(paper: str) -> dict[str, Recipe]:
    """All recipes of a paper by name. Raises InputError naming the file, the recipe and the key."""
    return read_recipes(paper_folder(paper) / "recipes.yaml")


def load_recipe(name: str) -> Recipe:
    """One recipe by its full name, for instance `srgan/srresnet_mse`."""
    paper, _, recipe = name.partition("/")
    recipes = load_recipes(paper)
    if recipe not in recipes:
        raise InputError(f"'{name}' is not a recipe of {paper}; {nearest(recipe, list(recipes))}")
    return recipes[recipe]


def read_recipes(path: Path) -> dict[str, Recipe]:
    """All recipes of one file."""
    raw = load_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected a mapping of recipe names.")
    recipes = {}
    for name in raw:
        recipe = validate(_extended(path, raw, name, ()), Recipe, f"{path}: {name}")
        if (recipe.discriminator is None) != (recipe.losses.standard_gan is None):
            raise InputError(f"{path}: {name}: an adversarial loss and a discriminator go together.")
        recipes[name] = recipe
    return recipes


def merge(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """`base` with `overlay` laid over it: mappings merge, everything else replaces.

    A null in a mapping's mapping stays, and means "absent" to the model that reads it.
    """
    merged = dict(base)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _extended(path: Path, raw: dict[str, Any], name: str, above: tuple[str, ...]) -> dict[str, Any]:
    if name not in raw:
        raise InputError(f"{path}: {above[-1]} extends '{name}'; {nearest(name, list(raw))}")
    if name in above:
        raise InputError(f"{path}: {' extends '.join((*above, name))}: recipes can not extend in a circle.")
    own = dict(raw[name])
    parent = own.pop("extends", None)
    return own if parent is None else merge(_extended(path, raw, parent, (*above, name)), own)
