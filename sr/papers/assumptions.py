"""All that a paper leaves open: the assumptions of its recipes and of its protocol, each once."""

from dataclasses import dataclass

from sr.assumption import Assumption
from sr.recipes.recipe import load_recipes
from sr.scoring.protocol import load_protocol

_SHOWN = 3


@dataclass(frozen=True)
class OpenQuestion:
    """An assumption and whose it is: recipes by name, or none where it is the protocol's."""

    name: str
    assumption: Assumption
    recipes: tuple[str, ...]
    of_all: bool

    @property
    def whose(self) -> str:
        """In words; of many recipes the first, which the others follow."""
        if not self.recipes:
            return "protocol"
        if self.of_all:
            return "all recipes"
        shown, more = self.recipes[:_SHOWN], len(self.recipes) - _SHOWN
        return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def open_questions(paper: str) -> list[OpenQuestion]:
    """What the recipes leave open, in their order, then what the protocol does."""
    recipes = load_recipes(paper)
    whose: dict[tuple[str, Assumption], list[str]] = {}
    for recipe, settings in recipes.items():
        for item in settings.assumptions.items():
            whose.setdefault(item, []).append(recipe)
    asked = [
        OpenQuestion(name, assumption, tuple(names), len(names) == len(recipes))
        for (name, assumption), names in whose.items()
    ]
    measured = load_protocol(paper).assumptions.items()
    return asked + [OpenQuestion(name, assumption, (), False) for name, assumption in measured]
