"""A recipe: one training configuration of a paper, read from `replications/<paper>/recipes.yaml`.

A recipe that `extends` another is a sparse overlay on it: mappings merge, everything else replaces,
and `null` takes a loss away. Every key is typed, so a misspelt one is refused.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from sr.assumption import Assumption, without_absent
from sr.config import Strict, load_yaml, merge, nearest, validate
from sr.errors import InputError
from sr.losses.artifact import ArtifactSettings
from sr.losses.back_projection import BackProjectionSettings
from sr.losses.best_buddy import BestBuddySettings
from sr.losses.perceptual import PerceptualSettings
from sr.losses.pixel import L1Settings, MSESettings
from sr.losses.quality import QualitySettings
from sr.losses.relativistic_gan import RelativisticGANSettings
from sr.losses.settings import GameSettings, LossSettings
from sr.losses.standard_gan import StandardGANSettings
from sr.losses.total_variation import TotalVariationSettings
from sr.losses.wasserstein_gan import WassersteinGANSettings
from sr.networks import DiscriminatorSettings, GeneratorSettings
from sr.project import own, paper_folder
from sr.remembered import remembered


class Losses(Strict):
    """The weighted terms of the generator's loss; absent ones are not part of the recipe."""

    mse: MSESettings | None = None
    l1: L1Settings | None = None
    total_variation: TotalVariationSettings | None = None
    perceptual: PerceptualSettings | None = None
    best_buddy: BestBuddySettings | None = None
    back_projection: BackProjectionSettings | None = None
    quality: QualitySettings | None = None
    artifact: ArtifactSettings | None = None
    standard_gan: StandardGANSettings | None = None
    relativistic_gan: RelativisticGANSettings | None = None
    wasserstein_gan: WassersteinGANSettings | None = None

    @property
    def present(self) -> dict[str, LossSettings]:
        """The terms that the recipe has, by name."""
        return {name: settings for name, settings in self if settings is not None}

    def weights(self) -> dict[str, float]:
        """Weight of every term the recipe has."""
        return {name: settings.weight for name, settings in self.present.items()}

    @property
    def games(self) -> list[str]:
        """The adversarial terms; a recipe has at most one."""
        return [name for name, settings in self.present.items() if isinstance(settings, GameSettings)]

    @property
    def assets(self) -> list[str]:
        """Every asset with pretrained weights that a term is built with."""
        return list(dict.fromkeys(asset for settings in self.present.values() for asset in settings.assets))

    @property
    def needs_ema(self) -> bool:
        """Whether a term looks at what the generator's moving average makes."""
        return any(settings.needs_ema for settings in self.present.values())


class AugmentationSettings(Strict):
    """Random mirroring and random quarter turns of the training crops."""

    flip: bool
    rotate: bool


class Optimiser(Strict):
    """Adam, for generator and discriminator alike."""

    learning_rate: float = Field(gt=0)
    betas: tuple[float, float]


class StepSchedule(Strict):
    """Update iterations; at every milestone the learning rate is multiplied by `factor`."""

    iterations: int = Field(gt=0)
    milestones: tuple[int, ...]
    factor: float


class CosineSchedule(Strict):
    """Update iterations in periods of equal length: each warms up linearly within `warm_up` steps from
    `warm_up_factor` of the learning rate, and falls as a half cosine to 0.
    """

    iterations: int = Field(gt=0)
    periods: int = Field(ge=1)
    warm_up: int = Field(ge=0)
    warm_up_factor: float

    @field_validator("warm_up")
    @classmethod
    def _leaves_something_to_fall(cls, warm_up: int, others: ValidationInfo) -> int:
        iterations, periods = others.data.get("iterations"), others.data.get("periods")
        if iterations and periods and warm_up * periods >= iterations:
            raise ValueError(f"must be shorter than a period, {iterations} / {periods} iterations")
        return warm_up


class Averaging(Strict):
    """Exponential moving average of the generator's weights."""

    decay: float = Field(ge=0, lt=1)


class Recipe(Strict):
    """One training stage. `start` names the recipe (paper/recipe) whose generator it begins with.

    initialisation: the network's own random weights, or with the colours' way through it set so that the
    generator begins as an enlargement; of a recipe that starts from no other.
    sampling: whether a crop's image is drawn by its area, as where images are first cut into sub-images of
    one size, or each image is as likely.
    result: which generator is tested: the one that was trained, or its moving average.
    back_projection: iterations by which the generator's images are brought nearer to their input afterwards.
    keep_every: the generator's weights are kept every so many iterations, or never.
    stand_ins: what the paper used and nobody can have, with what takes its place: deviations of every run.
    assumptions: by name, what the paper leaves open and how it was read.
    """

    title: str
    start: str | None
    initialisation: Literal["own", "enlargement"] = "own"
    training_set: str
    batch: int
    patch: int
    sampling: Literal["area", "image"]
    distinct_images: bool
    augmentation: AugmentationSettings
    generator: GeneratorSettings
    discriminator: DiscriminatorSettings | None
    losses: Losses
    optimiser: Optimiser
    schedule: StepSchedule | CosineSchedule
    ema: Averaging | None = None
    result: Literal["raw", "averaged"] = "raw"
    back_projection: int | None = Field(default=None, ge=1)
    keep_every: int | None = Field(default=None, ge=1)
    stand_ins: tuple[str, ...] = ()
    assumptions: dict[str, Assumption] = Field(default_factory=dict)

    @field_validator("assumptions", mode="before")
    @classmethod
    def _without_absent(cls, assumptions: Any) -> Any:
        return without_absent(assumptions)

    @property
    def psnr_oriented(self) -> bool:
        """Trained on the images alone, without a network that judges them, so that it has to beat bicubic
        in PSNR.
        """
        return self.discriminator is None and not self.losses.assets


def computed(settings: dict[str, Any]) -> dict[str, Any]:
    """Of a recipe's settings, as plain values, those that its training computes with: not names and words,
    and not what is kept, tested or done with images afterwards.

    `start` is left out with the names: it names a recipe, and what counts is the generator that came of it.
    """
    return {key: value for key, value in settings.items() if key not in (*_WORDS, *_AFTERWARDS)}


def decided(settings: dict[str, Any]) -> dict[str, Any]:
    """Of a recipe's settings, as plain values, all that decide what a run leaves: everything but words."""
    return {key: value for key, value in settings.items() if key not in _WORDS or key == "start"}


_WORDS = ("title", "start", "stand_ins", "assumptions")
_AFTERWARDS = ("result", "back_projection", "keep_every")


def load_recipes(paper: str) -> dict[str, Recipe]:
    """All recipes of a paper by name, the user's own last. Raises InputError naming file, recipe and key."""
    shipped, mine = shipped_recipes(paper), own("recipes.yaml")
    return shipped if mine is None else shipped | _own_recipes(_shipped_path(paper), mine, paper)


def shipped_recipes(paper: str) -> dict[str, Recipe]:
    """Those without the user's own, which no training that ships may rest on."""
    path = _shipped_path(paper)
    if not path.is_file():
        raise InputError(f"{path}: no such file; {paper} has no recipes.")
    return dict(read_recipes(path))


def _shipped_path(paper: str) -> Path:
    return paper_folder(paper) / "recipes.yaml"


def paper_of(recipe: str) -> str:
    """The paper of a recipe's full name."""
    return recipe.partition("/")[0]


def load_recipe(name: str) -> Recipe:
    """One recipe by its full name, for instance `srgan/srresnet_mse`."""
    paper = paper_of(name)
    recipe = name.removeprefix(f"{paper}/")
    recipes = load_recipes(paper)
    if recipe not in recipes:
        raise InputError(f"'{name}' is not a recipe of {paper}; {nearest(recipe, list(recipes))}")
    return recipes[recipe]


@remembered
def read_recipes(path: Path) -> dict[str, Recipe]:
    """All recipes of one file."""
    raw = load_yaml(path)
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected a mapping of recipe names.")
    return _read(path, raw, list(raw))


@remembered
def _own_recipes(path: Path, mine: Path, paper: str) -> dict[str, Recipe]:
    """A user's own recipes of a paper, which may extend those that ship, and take no name of theirs."""
    shipped, added = load_yaml(path), load_yaml(mine)
    if not isinstance(added, dict) or not all(isinstance(one, dict) for one in added.values()):
        raise InputError(f"{mine}: expected a mapping of papers, and below each one of recipe names.")
    for name in added:
        paper_folder(name)
    recipes = added.get(paper, {})
    if taken := sorted(shipped.keys() & recipes.keys()):
        raise InputError(f"{mine}: {paper} has a recipe '{taken[0]}' already; choose another name.")
    return _read(mine, shipped | recipes, list(recipes))


def _read(path: Path, raw: dict[str, Any], names: list[str]) -> dict[str, Recipe]:
    recipes = {}
    for name in names:
        complete = _without_nulls(_extended(path, raw, name, ()))
        recipe = validate(complete, Recipe, f"{path}: {name}")
        require_whole(recipe, f"{path}: {name}")
        recipes[name] = recipe
    return recipes


def require_whole(recipe: Recipe, where: str) -> None:
    """Raise InputError for keys that need each other and stand alone, or exclude each other."""
    games = recipe.losses.games
    if len(games) > 1:
        raise InputError(f"{where}: {' and '.join(games)} can not be played at once; choose one.")
    if (recipe.discriminator is None) != (not games):
        raise InputError(f"{where}: an adversarial loss and a discriminator go together.")
    if recipe.start is not None and recipe.initialisation != "own":
        raise InputError(f"{where}: it begins with {recipe.start}; leave 'initialisation' out.")
    averaged = [name for name, settings in recipe.losses.present.items() if settings.needs_ema]
    if averaged and recipe.ema is None:
        raise InputError(f"{where}: the loss '{averaged[0]}' needs an averaged generator; give 'ema'.")
    if recipe.result == "averaged" and recipe.ema is None:
        raise InputError(f"{where}: the averaged generator is the result, and none is kept; give 'ema'.")


def _without_nulls(recipe: dict[str, Any]) -> dict[str, Any]:
    """A variant with another network, or another kind of schedule, takes the old one's keys away by null."""
    exchangeable = ("generator", "discriminator", "schedule")
    pruned = {key: recipe[key] for key in exchangeable if isinstance(recipe.get(key), dict)}
    return recipe | {
        key: {name: value for name, value in mapping.items() if value is not None}
        for key, mapping in pruned.items()
    }


def _extended(path: Path, raw: dict[str, Any], name: str, above: tuple[str, ...]) -> dict[str, Any]:
    if name not in raw:
        raise InputError(f"{path}: {above[-1]} extends '{name}'; {nearest(name, list(raw))}")
    if name in above:
        raise InputError(f"{path}: {' extends '.join((*above, name))}: recipes can not extend in a circle.")
    own = dict(raw[name])
    parent = own.pop("extends", None)
    return own if parent is None else merge(_extended(path, raw, parent, (*above, name)), own)
