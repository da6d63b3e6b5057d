"""An assumption: a setting that a paper leaves open and that a number depends on, as data."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from sr.config import Strict


class Assumption(Strict):
    """One open question of a recipe or a protocol, and how it was answered here.

    settings: dotted keys that the answer decides, each with all keys below it; none for a question that no
    key answers. chosen: the answer. because: the evidence, or that there is none. otherwise: what else could
    be meant. tried_by: the recipe (`paper/recipe`) or protocol variant (`paper:variant`) that follows
    another reading.
    """

    settings: tuple[str, ...] = ()
    chosen: str = Field(min_length=1)
    because: str = Field(min_length=1)
    otherwise: str = Field(min_length=1)
    tried_by: tuple[str, ...] = ()

    def covers(self, setting: str) -> bool:
        """Whether a dotted key is one of those that this answer decides."""
        return any(setting == key or setting.startswith(f"{key}.") for key in self.settings)

    def sentence(self, name: str) -> str:
        """The assumption in a line, as scores and verdicts carry it."""
        tried = f"; tried by {', '.join(self.tried_by)}" if self.tried_by else ""
        return f"{name}: {self.chosen}. Because: {self.because}. Otherwise: {self.otherwise}{tried}."


def sentences(assumptions: Mapping[str, Assumption]) -> list[str]:
    """A line for each of them."""
    return [assumption.sentence(name) for name, assumption in assumptions.items()]


def without_absent(assumptions: Any) -> Any:
    """A variant answers a question otherwise, or takes it away by giving it null."""
    if not isinstance(assumptions, dict):
        return assumptions
    return {name: one for name, one in assumptions.items() if one is not None}


def uncovered(settings: Iterable[str], assumptions: Mapping[str, Assumption]) -> list[str]:
    """Those of some dotted keys that no assumption covers."""
    return [key for key in settings if not any(one.covers(key) for one in assumptions.values())]
