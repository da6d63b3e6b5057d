"""What a configuration asks for, and what of it can be made with the assets at hand.

The Snakefile asks this plan which files to make; every decision that needs an `if` is here.
"""

import os
import shlex
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, NonNegativeInt

from sr.config import Strict, nearest, validate
from sr.data.assets import MIRROR_VARIABLE, Assets
from sr.data.catalogue import catalogue
from sr.errors import InputError
from sr.files import value_hash
from sr.papers.comparison import BENCHMARK, BenchmarkLayout, load_benchmark_layout
from sr.papers.studies import load_studies, load_study
from sr.papers.tables import Fillers, layouts_path, load_layouts
from sr.project import papers, root
from sr.provenance import TRAINING_CODE, code_hash
from sr.recipes.budget import Budget, apply, load_budget
from sr.recipes.recipe import Recipe, computed, load_recipe, load_recipes
from sr.verdicts.calibration import BASELINES

# Validation images of every training: always at hand, and in no training set.
VALIDATION_BENCHMARK = "embedded"

# Begins the name of a study among the groups of sources that are scored together.
STUDY = "study_"


class Configuration(Strict):
    """workflow/config.yaml, and what `--config` changed of it."""

    budget: str
    papers: tuple[str, ...] = Field(min_length=1)
    seeds: tuple[NonNegativeInt, ...] = Field(min_length=1)
    sources: tuple[Literal["trained", "released"], ...]
    benchmarks: tuple[str, ...]
    mirror: Path | None
    download: bool
    gpus: dict[str, NonNegativeInt]


class Plan:
    """The targets of a configuration, as paths below the project folder."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.configuration = validate(config, Configuration, "workflow/config.yaml or --config")
        self.budget: Budget = load_budget(self.configuration.budget)
        self.assets = Assets.from_environment(self.configuration.mirror)
        self._pass_on_mirror()
        self._check()

    def _check(self) -> None:
        """Refuse what is misspelt here or in a paper's files, before anything is planned."""
        for name in self.configuration.benchmarks:
            if catalogue().get(name).kind != "images":
                raise InputError(f"benchmarks: '{name}' is no set of images.")
        for paper in self.configuration.papers:
            if not layouts_path(paper).is_file():
                raise InputError(
                    f"papers: '{paper}' has no tables yet; {nearest(paper, replicated_papers())}"
                )
        for budget in self.configuration.gpus:
            load_budget(budget)
        self.wanted_assets()

    def _pass_on_mirror(self) -> None:
        """Commands look for the mirror in their environment.

        As a parameter of rules, another path to the same images would make everything anew.
        """
        if self.assets.mirror:
            os.environ[MIRROR_VARIABLE] = str(self.assets.mirror.resolve())

    def wanted_assets(self) -> list[str]:
        """Everything the configuration could use, for `download: true`."""
        sets = [name for name in self.budget.training_sets if name != "recipe"]
        recipes = [load_recipe(part) for name in self.recipes() for part in self.chain(name)]
        own = [recipe.training_set for recipe in recipes if "recipe" in self.budget.training_sets]
        networks = [asset for name in self.recipes() for asset in weights(self.budget.budget, name)]
        wanted = [*self.configuration.benchmarks, *sets, *own, *networks, *self.released()]
        return list(dict.fromkeys(wanted))

    def gpus(self, budget: str) -> int:
        """GPUs that one training of a budget waits for and shares its batches among."""
        return self.configuration.gpus.get(budget, 0)

    def benchmark_states(self) -> dict[str, dict[str, str]]:
        """Benchmark -> `ready`, or `unavailable` with the reason."""
        return {name: self._state(name) for name in self.configuration.benchmarks}

    @cached_property
    def benchmarks(self) -> list[str]:
        """The benchmarks whose images are at hand."""
        states = self.benchmark_states()
        return [name for name in self.configuration.benchmarks if states[name]["status"] == "ready"]

    def tables(self) -> list[tuple[str, str]]:
        """(paper, item) of every table of the configured papers."""
        return [(paper, item) for paper in self.configuration.papers for item in load_layouts(paper).tables]

    def all_tables(self) -> list[tuple[str, str]]:
        """The same and, under the paper whose protocol it uses, the table across methods."""
        return [*self.tables(), (self.benchmark.protocol, BENCHMARK)]

    def recipes(self) -> list[str]:
        """Full names of the recipes that fill cells of these tables."""
        return self.recipes_of(self.all_tables())

    def recipes_of(self, tables: Iterable[tuple[str, str]]) -> list[str]:
        """Full names of the recipes that fill cells of some tables (paper, item)."""
        return list(dict.fromkeys(name for paper, item in tables for name in self._recipes(paper, item)))

    def first_training_set(self, recipe: Recipe) -> str:
        """The training set that the budget would rather have for a recipe, at hand or not."""
        return self._training_sets(recipe)[0]

    def released(self) -> list[str]:
        """Names of the released weights that fill cells of these tables."""
        found = [name for paper, item in self.all_tables() for name in self._released(paper, item)]
        return list(dict.fromkeys(found))

    def chain(self, recipe: str) -> list[str]:
        """A recipe and those it begins with, the last one from scratch."""
        start = load_recipe(recipe).start
        return [recipe, *(self.chain(start) if start else [])]

    def sources(self, paper: str, item: str) -> list[str]:
        """Sources that fill a table's cells and can be had: baselines, trained runs, released weights at
        hand, supplied images. item: a table of the paper, or `benchmark`.
        """
        found: list[str] = []
        for method in self._methods(paper, item):
            if method.baseline:
                found.append(f"baseline/{method.baseline}")
            if recipe := method.full_recipe(paper):
                found += self.trained(recipe)
            names = method.released if "released" in self.configuration.sources else ()
            found += [f"released/{name}" for name in names if self.assets.find(name)]
            if method.images and (root() / "images" / method.images).is_dir():
                found.append(f"images/{method.images}")
        return list(dict.fromkeys(found))

    def scored(self, paper: str, group: str, benchmark: str) -> list[str]:
        """The sources of a group that are scored on a benchmark; supplied images may cover only some.

        group: a table of the paper, a study (`study_NAME`), `benchmark`, or `baselines`.
        """
        return [
            source
            for source in self._group(paper, group)
            if not source.startswith("images/") or (root() / source / benchmark).is_dir()
        ]

    def _group(self, paper: str, group: str) -> list[str]:
        if group == "baselines":
            return [str(source) for source in BASELINES]
        if group.startswith(STUDY):
            return self.study_sources(paper, group.removeprefix(STUDY))
        return self.sources(paper, group)

    def measured_on(self, paper: str, item: str) -> list[str]:
        """The benchmarks at hand that a table prints, and the validation images, which are always there."""
        table = load_layouts(paper).table(paper, item)
        printed = {table.benchmark(dataset) for dataset in table.datasets}
        return [name for name in self.benchmarks if name in printed or name == VALIDATION_BENCHMARK]

    @cached_property
    def benchmark(self) -> BenchmarkLayout:
        """The table across methods."""
        return load_benchmark_layout()

    def left_out(self) -> list[str]:
        """Methods of the table across methods whose papers could be replicated but are not configured."""
        skipped = set(replicated_papers()) - set(self.configuration.papers)
        recipes = {name: method.recipe for name, method in self.benchmark.methods.items()}
        return [name for name, recipe in recipes.items() if recipe and recipe.split("/")[0] in skipped]

    def studies(self) -> list[tuple[str, str]]:
        """(paper, study) of every study of the configured papers."""
        return [(paper, name) for paper in self.configuration.papers for name in load_studies(paper)]

    def study_sources(self, paper: str, name: str) -> list[str]:
        """Trained sources of a study's recipes that can be had."""
        recipes = load_study(paper, name).full_recipes(paper)
        return list(dict.fromkeys(source for recipe in recipes for source in self.trained(recipe)))

    def training_sets(self, paper: str, item: str) -> list[str]:
        """The training sets behind a table's trained sources."""
        trained = (source for source in self.sources(paper, item) if source.startswith("trained/"))
        return sorted({source.split("/")[2] for source in trained})

    def obstacles(self, paper: str, group: str) -> list[str]:
        """`recipe=reason` for every recipe of a table or study that can not be trained here, and
        `released/NAME=reason` for weights that are not at hand.
        """
        reasons = {name: self.obstacle(name) for name in self._recipes(paper, group)}
        for name in self._released(paper, group):
            reasons[f"released/{name}"] = None if self.assets.find(name) else self.assets.reason(name)
        return [f"{name}={reason}" for name, reason in reasons.items() if reason]

    def trained(self, recipe: str) -> list[str]:
        """One source for each seed of a recipe; none when its training set or weights can not be had."""
        if "trained" not in self.configuration.sources or self.obstacle(recipe):
            return []
        return [self.run(recipe, seed) for seed in self.configuration.seeds]

    def obstacle(self, recipe: str) -> str | None:
        """Why a recipe can not be trained here, in one sentence."""
        if self.training_set(recipe) is None:
            names = ", ".join(self._training_sets(load_recipe(recipe)))
            return f"none of the training sets {names} is at hand (`sr assets list` says how to get them)"
        for name in weights(self.budget.budget, recipe):
            if not self._obtainable(name):
                return self.assets.reason(name)
        start = load_recipe(recipe).start
        return self.obstacle(start) if start else None

    def start(self, recipe: str) -> str | None:
        """The source whose generator a recipe begins with. All seeds begin with seed 0's, as the papers'
        variants begin with one pre-trained model, and whichever seeds are configured, so that no finished
        run would have to be made again.
        """
        start = load_recipe(recipe).start
        return self.run(start, 0) if start else None

    def twin(self, recipe: str) -> str | None:
        """The paper's first recipe that is the very same training under this budget; None where that is
        `recipe` itself.
        """
        paper = recipe.partition("/")[0]
        ours = self._computed(recipe)
        same = (name for name in load_recipes(paper) if self._computed(f"{paper}/{name}") == ours)
        first = f"{paper}/{next(same)}"
        return None if first == recipe else first

    def _computed(self, recipe: str) -> list[dict[str, Any]]:
        """Settings of a recipe's training and of those it begins with."""
        resolved = []
        for name in self.chain(recipe):
            own = load_recipe(name)
            training_set = self.training_set(name) or self.first_training_set(own)
            resolved.append(computed(apply(self.budget, own, training_set).recipe.model_dump(mode="json")))
        return resolved

    def training_set(self, recipe: str) -> str | None:
        """The first training set at hand of those the budget admits for a recipe."""
        admitted = self._training_sets(load_recipe(recipe))
        present = (name for name in admitted if self.assets.find(name) and not self._complete(name))
        return next(present, None)

    def run(self, recipe: str, seed: int | str) -> str:
        """A trained source: trained/budget/training set/paper/recipe/seed."""
        return f"trained/{self.budget.budget}/{self.training_set(recipe)}/{recipe}/seed{seed}"

    def _recipes(self, paper: str, group: str) -> list[str]:
        """Full names of the recipes of a table or study."""
        if group.startswith(STUDY):
            return load_study(paper, group.removeprefix(STUDY)).full_recipes(paper)
        return [name for method in self._methods(paper, group) if (name := method.full_recipe(paper))]

    def _released(self, paper: str, group: str) -> list[str]:
        """Names of the released weights of a table's methods, where the configuration wants such sources."""
        if group.startswith(STUDY) or "released" not in self.configuration.sources:
            return []
        return [name for method in self._methods(paper, group) for name in method.released]

    def _methods(self, paper: str, item: str) -> list[Fillers]:
        """The methods of a table, or of the table across methods."""
        if item != BENCHMARK:
            return list(load_layouts(paper).table(paper, item).methods.values())
        left_out = self.left_out()
        return [method for name, method in self.benchmark.methods.items() if name not in left_out]

    def _training_sets(self, recipe: Recipe) -> list[str]:
        return [recipe.training_set if name == "recipe" else name for name in self.budget.training_sets]

    def _state(self, benchmark: str) -> dict[str, str]:
        if self.assets.find(benchmark):
            problem = self._complete(benchmark)
            return {"status": "unavailable", "reason": problem} if problem else {"status": "ready"}
        return {"status": "unavailable", "reason": self.assets.reason(benchmark)}

    def _complete(self, name: str) -> str | None:
        """What is wrong with an image set that is there; None when nothing is."""
        try:
            self.assets.images(name)
        except InputError as error:
            return str(error)
        return None

    def _obtainable(self, name: str) -> bool:
        return self.assets.find(name) is not None or self.assets.packaged(name)


def weights(budget: str, recipe: str) -> list[str]:
    """Weight assets that a recipe needs under a budget."""
    losses = apply(load_budget(budget), load_recipe(recipe), "any").recipe.losses
    return [losses.perceptual.network] if losses.perceptual else []


def today(budget: str, training_set: str, recipe: str) -> str:
    """Hash of what makes a run today: the resolved recipe, that of its start, the training code."""
    chain, name = [code_hash(TRAINING_CODE)], recipe
    while name:
        chain.append(apply(load_budget(budget), load_recipe(name), training_set).recipe.model_dump_json())
        name = load_recipe(name).start or ""
    return value_hash(chain)


def threads(budget: str, recipe: str) -> int:
    """CPU threads that a budget gives a recipe's training."""
    return load_budget(budget).share(load_recipe(recipe)).threads


def replicated_papers() -> list[str]:
    """Papers whose tables are described, and so can be replicated."""
    return [paper for paper in papers() if layouts_path(paper).is_file()]


def available_cores() -> int:
    """Processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def option(name: str, values: Iterable[object]) -> str:
    """`--name value` for every value, quoted for a command line."""
    return " ".join(f"--{name} {shlex.quote(str(value))}" for value in values)
