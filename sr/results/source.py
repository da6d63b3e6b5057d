"""What produced an image: a trained run, a baseline, released weights, or a folder of supplied images."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from sr.errors import InputError

PAPER_BUDGET = "paper"

# No name leads out of its folder.
_NAME = r"(?!\.\.?(?:/|$))[^/]+"
_TRAINED = re.compile(
    rf"trained/(?P<budget>{_NAME})/(?P<training_set>{_NAME})/(?P<recipe>{_NAME}/{_NAME})(?:/seed(?P<seed>\d+))?"
)
_OTHER = re.compile(rf"(?P<kind>baseline|released|images)/(?P<name>{_NAME})")


class Kind(StrEnum):
    """The four kinds of sources, as the first part of their paths."""

    BASELINE = "baseline"
    RELEASED = "released"
    IMAGES = "images"
    TRAINED = "trained"


@dataclass(frozen=True)
class Source:
    """A source by its path: `baseline/bicubic`, `released/esrgan`, `images/rcan` or
    `trained/BUDGET/TRAINING_SET/PAPER/RECIPE/seedN`; without a seed it stands for all seeds of a training.

    name: of the baseline, weights or folder; PAPER/RECIPE of a trained source.
    """

    kind: Kind
    name: str
    budget: str = ""
    training_set: str = ""
    seed: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Source":
        """The source that a path names. Raises InputError for anything else."""
        if trained := _TRAINED.fullmatch(text):
            seed = None if trained["seed"] is None else int(trained["seed"])
            return cls.trained(trained["budget"], trained["training_set"], trained["recipe"], seed)
        if other := _OTHER.fullmatch(text):
            return cls(Kind(other["kind"]), other["name"])
        raise InputError(
            f"'{text}' is no source; write baseline/NAME, released/NAME, images/NAME or "
            "trained/BUDGET/TRAINING_SET/PAPER/RECIPE/seedN. Of a file of weights, `sr reconstruct` makes "
            "the images that `sr score` measures."
        )

    @classmethod
    def baseline(cls, name: str) -> "Source":
        """Nearest or bicubic enlargement."""
        return cls(Kind.BASELINE, name)

    @classmethod
    def released(cls, name: str) -> "Source":
        """Weights that someone released, by their name in the catalogue."""
        return cls(Kind.RELEASED, name)

    @classmethod
    def images(cls, name: str) -> "Source":
        """Images that someone made, in images/NAME/BENCHMARK/."""
        return cls(Kind.IMAGES, name)

    @classmethod
    def trained(cls, budget: str, training_set: str, recipe: str, seed: int | None = None) -> "Source":
        """A training of the recipe PAPER/RECIPE; every seed of it where none is given."""
        return cls(Kind.TRAINED, recipe, budget, training_set, seed)

    def __str__(self) -> str:
        if self.kind != Kind.TRAINED:
            return f"{self.kind}/{self.name}"
        seed = "" if self.seed is None else f"/seed{self.seed}"
        return f"{self.kind}/{self.budget}/{self.training_set}/{self.name}{seed}"

    @property
    def paper(self) -> str:
        """The paper whose recipe was trained; empty for sources that were not trained here."""
        return self.name.partition("/")[0] if self.kind == Kind.TRAINED else ""

    @property
    def without_seed(self) -> "Source":
        """What all seeds of the training have in common; any other source itself."""
        return replace(self, seed=None)

    def with_seed(self, seed: int) -> "Source":
        """One training of those that share everything else."""
        return replace(self, seed=seed)

    def is_training_of(self, recipe: str) -> bool:
        """Whether it is a training, at any budget, of the recipe PAPER/RECIPE."""
        return self.kind == Kind.TRAINED and self.name == recipe

    def run_folder(self, results: Path) -> Path:
        """Where the run of a trained source lies."""
        return results / "runs" / str(self).removeprefix(f"{Kind.TRAINED}/")

    def images_folder(self, results: Path, supplied: Path) -> Path:
        """Where the source's images lie, a folder for each benchmark: reconstructed or supplied."""
        return supplied / self.name if self.kind == Kind.IMAGES else results / "reconstructions" / str(self)

    def scores_file(self, scores: Path, protocol: str, benchmark: str) -> Path:
        """The JSON that heads the source's scores on a benchmark; the table beside it ends in .csv."""
        return scores / protocol / str(self) / f"{benchmark}.json"


# The ground truth itself: no metric is measured of it, but people rate it.
ORIGINAL = Source.baseline("original")

# They need no training.
BASELINES = (Source.baseline("nearest"), Source.baseline("bicubic"))


@dataclass(frozen=True)
class Group:
    """Sources that fill one row together: the seeds of one training, or one other source."""

    source: Source
    members: tuple[Source, ...]

    @property
    def name(self) -> str:
        """The members' path without a seed."""
        return str(self.source)

    @property
    def kind(self) -> Kind:
        """Of the members."""
        return self.source.kind

    @property
    def budget(self) -> str:
        """The budget of a training; empty for sources that were not trained here."""
        return self.source.budget

    @property
    def first(self) -> Source:
        """The first member, which stands for all where one image is shown."""
        return self.members[0]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the members, ascending; empty for sources without one."""
        return tuple(sorted(member.seed for member in self.members if member.seed is not None))


def group_sources(sources: Iterable[Source]) -> list[Group]:
    """Pool the seeds of each training, in the given order."""
    groups: dict[Source, list[Source]] = {}
    for source in dict.fromkeys(sources):
        groups.setdefault(source.without_seed, []).append(source)
    return [Group(source, tuple(members)) for source, members in groups.items()]


def parse_sources(names: Iterable[str]) -> list[Source]:
    """The named sources, each once. Raises InputError for a path that names none."""
    return [Source.parse(name) for name in dict.fromkeys(names)]
