"""Which recipes can be trained under a budget: on which training set, from which start, and as what."""

from typing import Any

from sr.files import value_hash
from sr.planning.at_hand import AtHand
from sr.provenance import TRAINING_CODE, code_hash
from sr.recipes.budget import Budget, apply
from sr.recipes.recipe import Recipe, computed, decided, load_recipe, load_recipes, paper_of, shipped_recipes
from sr.remembered import once
from sr.results.source import Source


class Trainings:
    """The recipes (paper/recipe) under one budget, with the training sets and weights at hand.

    own_starts: whether each seed begins with a start of that seed.
    """

    def __init__(self, budget: Budget, at_hand: AtHand, own_starts: bool) -> None:
        self.budget, self.own_starts = budget, own_starts
        self._at_hand = at_hand

    @once
    def chain(self, recipe: str) -> list[str]:
        """A recipe and those it begins with, the last one from scratch."""
        start = load_recipe(recipe).start
        return [recipe, *(self.chain(start) if start else [])]

    @once
    def training_set(self, recipe: str) -> str | None:
        """The first training set at hand of those the budget admits for a recipe."""
        admitted = self._training_sets(load_recipe(recipe))
        return next((name for name in admitted if not self._at_hand.training_problem(name)), None)

    def wanted_set(self, recipe: str) -> str:
        """The same or, where none is at hand, the one that the budget would rather have."""
        return self.training_set(recipe) or self.preferred_set(recipe)

    def preferred_set(self, recipe: str) -> str:
        """The training set that the budget would rather have for a recipe, at hand or not."""
        return self._training_sets(load_recipe(recipe))[0]

    @once
    def obstacle(self, recipe: str) -> str | None:
        """Why a recipe can not be trained here, in one sentence."""
        if self.training_set(recipe) is None:
            names = ", ".join(self._training_sets(load_recipe(recipe)))
            return f"none of the training sets {names} is at hand (`sr assets list` says how to get them)"
        for name in self.weights(recipe):
            if problem := self._at_hand.unobtainable(name):
                return problem
        start = load_recipe(recipe).start
        return self.obstacle(start) if start else None

    @once
    def weights(self, recipe: str) -> list[str]:
        """Weight assets that a recipe needs."""
        return weights(self.budget, recipe)

    def run(self, recipe: str, seed: int) -> Source:
        """The source that one training of a recipe becomes."""
        return Source.trained(self.budget.budget, self.wanted_set(recipe), recipe, seed)

    def start(self, recipe: str, seed: int) -> Source | None:
        """The source whose generator a recipe begins with. Without own starts that is seed 0's, whichever
        seeds are configured, as the papers' variants begin with one pre-trained model.
        """
        start = load_recipe(recipe).start
        return self.run(start, seed if self.own_starts else 0) if start else None

    @once
    def twin(self, recipe: str) -> str | None:
        """The paper's first recipe that is the very same training under this budget and keeps the generators
        on its way that `recipe` wants; None where that is `recipe` itself. One that ships is
        never the same as one of the user's own.
        """
        paper = paper_of(recipe)
        shipped = shipped_recipes(paper)
        others = shipped if recipe.removeprefix(f"{paper}/") in shipped else load_recipes(paper)
        ours, wanted = self._computed(recipe), load_recipe(recipe).keep_every
        same = {
            name: own.keep_every for name, own in others.items() if self._computed(f"{paper}/{name}") == ours
        }
        # One that keeps generators comes first: the others need no more than its result.
        first = next(
            name for name in sorted(same, key=lambda name: not same[name]) if wanted in (None, same[name])
        )
        return None if f"{paper}/{first}" == recipe else f"{paper}/{first}"

    @once
    def today(self, recipe: str) -> str:
        """Hash of what makes a run today: the resolved recipe, that of its start, the training code."""
        training_set = self.wanted_set(recipe)
        chain = [apply(self.budget, load_recipe(one), training_set).recipe for one in self.chain(recipe)]
        return value_hash(
            [code_hash(TRAINING_CODE), *(decided(one.model_dump(mode="json")) for one in chain)]
        )

    @once
    def _computed(self, recipe: str) -> list[dict[str, Any]]:
        """Settings of a recipe's training and of those it begins with."""
        own = load_recipe(recipe)
        resolved = apply(self.budget, own, self.wanted_set(recipe)).recipe
        settings = computed(resolved.model_dump(mode="json"))
        return [settings, *(self._computed(own.start) if own.start else [])]

    def _training_sets(self, recipe: Recipe) -> list[str]:
        return [recipe.training_set if name == "recipe" else name for name in self.budget.training_sets]


def weights(budget: Budget, recipe: str) -> list[str]:
    """Weight assets that a recipe needs under a budget."""
    return apply(budget, load_recipe(recipe), "any").recipe.losses.assets
