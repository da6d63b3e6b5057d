"""What a configuration asks for, and what of it can be made with the assets at hand.

The Snakefile asks this plan which files to make; every decision that needs an `if` is in this room.
"""

import os
import time
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from sr.data.assets import MIRROR_VARIABLE, Assets
from sr.data.catalogue import catalogue
from sr.device import PAPERS_PRECISION, Precision
from sr.files import value_hash
from sr.gpus import visible
from sr.papers.comparison import COMPARISON, ComparisonLayout, load_comparison_layout
from sr.papers.studies import load_studies, load_study
from sr.papers.tables import Fillers, load_layouts
from sr.planning.at_hand import AtHand
from sr.planning.configuration import configuration, replicated_papers
from sr.planning.evaluations import Evaluations
from sr.planning.groups import CALIBRATION, STUDY
from sr.planning.inputs import Inputs
from sr.planning.shown import Shown
from sr.planning.trainings import Trainings
from sr.project import root
from sr.recipes.budget import load_budget
from sr.recipes.recipe import load_recipe, paper_of
from sr.remembered import once, remembered
from sr.results.filling import Way, ways
from sr.results.source import BASELINES, Kind, Source
from sr.scoring.protocol import load_protocol, metric_assets
from sr.verdicts.frozen import rules

# A process that trains on a GPU or, at the small budgets, on the CPU.
_MEGABYTES_OF_A_PROCESS = 6000
# Of budgets that workflow/config.yaml does not name. Checkpoints of large networks are hundreds of megabytes.
_CHECKPOINT_MINUTES = 5.0

# Validation images of every training: always at hand, and in no training set.
VALIDATION_BENCHMARK = "embedded"


class Plan:
    """The tables and studies of a configuration, and the sources that fill them.

    A group is what is scored together: a table of a paper, a study (`study_NAME`), `baselines`, or
    `comparison`, the table across methods, under the paper whose protocol it uses.

    at_hand: which assets are there. trainings: which recipes can be trained. inputs: the files that rules
    need. shown: what figures and claims show. evaluations: how sources are spread over jobs.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.configuration = configuration(config)
        self.budget = load_budget(self.configuration.budget)
        self.assets = Assets.from_environment(self.configuration.mirror)
        self._pass_on_mirror()
        self.at_hand = AtHand(self.assets)
        self.trainings = Trainings(
            self.budget, self.at_hand, own_starts=self.configuration.seeds_from == "start"
        )
        self.inputs = Inputs(self)
        self.shown = Shown(self)
        self.evaluations = Evaluations(self)
        # Once downloads have been tried, the same is planned anew with what there is then.
        self.after = remembered(lambda _receipt: Plan(config))
        # A misspelt name in a paper's files is refused now.
        self._usable_assets()

    def _pass_on_mirror(self) -> None:
        """Commands look for the mirror in their environment.

        As a parameter of rules, another path to the same images would make everything anew.
        """
        if self.assets.mirror:
            os.environ[MIRROR_VARIABLE] = str(self.assets.mirror.resolve())

    @once
    def wanted_assets(self) -> list[str]:
        """What is to be fetched first: all that the configuration could use, what is small of it, or nothing.

        What metrics are made of counts as small.
        """
        if self.configuration.download == "none":
            return []
        if self.configuration.download == "all":
            return self._usable_assets()
        measured = self._measuring_assets()
        small = [name for name in self.configuration.benchmarks if catalogue().get(name).small]
        return [*small, *(name for name in measured if name not in small)]

    @once
    def _usable_assets(self) -> list[str]:
        """Everything the configuration could use."""
        sets = [name for name in self.budget.training_sets if name != "recipe"]
        recipes = [part for name in self.recipes() for part in self.trainings.chain(name)]
        own = [load_recipe(name).training_set for name in recipes if "recipe" in self.budget.training_sets]
        networks = [asset for name in self.recipes() for asset in self.trainings.weights(name)]
        wanted = [*self.configuration.benchmarks, *sets, *own, *networks, *self._measuring_assets()]
        return list(dict.fromkeys([*wanted, *self.released(), *self._supplied_assets()]))

    def _measuring_assets(self) -> list[str]:
        """What the metrics of the configured tables are made of."""
        papers = dict.fromkeys([*self.configuration.papers, self.comparison.protocol])
        found = [asset for paper in papers for asset in metric_assets(load_protocol(paper))]
        return list(dict.fromkeys(found))

    def _supplied_assets(self) -> list[str]:
        """Images that others made of a configured benchmark, as far as the catalogue knows them."""
        ways = [way for paper, item in self.all_tables() for way in self._ways(paper, item)]
        names = [way.name for way in ways if way.kind == Kind.IMAGES]
        possible = [f"{name}_{benchmark}" for name in names for benchmark in self.configuration.benchmarks]
        return [name for name in possible if name in catalogue().assets]

    @cached_property
    def attempt(self) -> float:
        """Changes while something to download is missing, so that it is tried again: from run to run, or
        from hour to hour where only what is small is wanted.
        """
        if all(map(self.at_hand.has, self.wanted_assets())):
            return 0
        return time.time() if self.configuration.download == "all" else time.time() // 3600

    def gpus(self, budget: str) -> int:
        """GPUs that one training of a budget waits for and shares its batches among."""
        return self.configuration.gpus.get(budget, 0)

    def gpus_of_a_training(self, budget: str) -> int:
        """The same; of a budget of which nothing is said, one where this machine shows any."""
        return self.configuration.gpus.get(budget, min(1, visible()))

    def lacking_gpus(self, present: int) -> str | None:
        """Why a machine that shows so many GPUs makes no trainings of this budget; None where it does, with
        none on its CPU. Snakemake would give a training fewer GPUs than it waits for, and not say so.
        """
        budget = self.configuration.budget
        if not 0 < present < self.gpus(budget):
            return None
        return (
            f"gpus: a training of budget {budget} waits for {self.gpus(budget)} GPUs, and this machine shows"
            f" {present}: give --config 'gpus={{\"{budget}\": {present}}}', or say by --resources gpu=N how"
            " many there are."
        )

    def training_threads(self, *, budget: str, paper: str, recipe: str, shared: bool, **_others: str) -> int:
        """A training's CPU threads: the budget's for each process, of which there is one a GPU.

        shared: it takes over the result of another run.
        """
        share = load_budget(budget).share(load_recipe(f"{paper}/{recipe}"))
        return 1 if shared else share.threads * max(1, self.gpus(budget))

    def training_megabytes(self, budget: str) -> int:
        """Memory of the machine that one training needs: for each process, of which there is one a GPU."""
        return _MEGABYTES_OF_A_PROCESS * max(1, self.gpus(budget))

    def checkpoint_minutes(self, budget: str) -> float:
        """How much training of a budget a killed process may lose."""
        return self.configuration.checkpoint_minutes.get(budget, _CHECKPOINT_MINUTES)

    def precision(self, budget: str) -> Precision:
        """Of the networks' arithmetic in the trainings of a budget: the papers', unless another is wanted."""
        return self.configuration.precision.get(budget, PAPERS_PRECISION)

    def benchmark_states(self) -> dict[str, dict[str, str]]:
        """Benchmark -> `ready`, or `unavailable` with the reason."""
        problems = {name: self.at_hand.problem(name) for name in self.configuration.benchmarks}
        return {
            name: {"status": "unavailable", "reason": problem} if problem else {"status": "ready"}
            for name, problem in problems.items()
        }

    @cached_property
    def benchmarks(self) -> list[str]:
        """The benchmarks whose images are at hand."""
        return [name for name in self.configuration.benchmarks if not self.at_hand.problem(name)]

    @cached_property
    def judged_by(self) -> str:
        """Hash of the rules that tables and claims are judged by: other rules make them anew."""
        return value_hash(rules())

    @once
    def tables(self) -> list[tuple[str, str]]:
        """(paper, item) of every table of the configured papers."""
        return [(paper, item) for paper in self.configuration.papers for item in load_layouts(paper).tables]

    def all_tables(self) -> list[tuple[str, str]]:
        """The same as `tables` and, under the paper whose protocol it uses, the table across methods."""
        return [*self.tables(), (self.comparison.protocol, COMPARISON)]

    @once
    def recipes(self) -> list[str]:
        """Full names of the recipes that fill cells of these tables."""
        return self.recipes_of(self.all_tables())

    def recipes_of(self, tables: Iterable[tuple[str, str]]) -> list[str]:
        """Full names of the recipes that fill cells of some tables (paper, item)."""
        return list(dict.fromkeys(name for paper, item in tables for name in self._recipes(paper, item)))

    def printed_recipes(self, tables: Iterable[tuple[str, str]]) -> list[str]:
        """Those of `recipes_of` that fill cells of printed methods, and not only of the user's own."""
        described = [(paper, load_layouts(paper).table(paper, item)) for paper, item in tables]
        names = [one.full_recipe(paper) for paper, table in described for one in table.methods.values()]
        return list(dict.fromkeys(name for name in names if name))

    def released(self) -> list[str]:
        """Names of the released weights that fill cells of these tables."""
        found = [name for paper, item in self.all_tables() for name in self._released(paper, item)]
        return list(dict.fromkeys(found))

    @once
    def sources(self, paper: str, group: str) -> list[Source]:
        """Sources of a group that can be had: baselines, trained runs, released weights, supplied images."""
        if group == CALIBRATION:
            return list(BASELINES)
        if group.startswith(STUDY):
            return [source for recipe in self._recipes(paper, group) for source in self.trained(recipe)]
        found = [source for way in self._ways(paper, group) for source in self._sources_of(way)]
        return list(dict.fromkeys(found))

    def _sources_of(self, way: Way) -> list[Source]:
        """What takes a way to fill a method's cells."""
        if way.kind == Kind.TRAINED:
            return self.trained(way.name)
        source = Source(way.kind, way.name)
        if way.kind == Kind.RELEASED:
            at_hand = self.at_hand.has(way.name)
        else:
            at_hand = way.kind == Kind.BASELINE or any(
                self.supplied(source, benchmark) for benchmark in self.benchmarks
            )
        return [source] if at_hand else []

    def supplied(self, source: Source, benchmark: str) -> Path | None:
        """The folder with images that others made of a benchmark, if there is one."""
        folder = self.assets.supplied(root() / "images", source.name, benchmark)
        return folder if folder.is_dir() else None

    def scored(self, paper: str, group: str, benchmark: str) -> list[Source]:
        """The sources of a group that are scored on a benchmark; supplied images may cover only some."""
        return [
            source
            for source in self.sources(paper, group)
            if source.kind != Kind.IMAGES or self.supplied(source, benchmark)
        ]

    def measured_on(self, paper: str, group: str) -> list[str]:
        """The benchmarks at hand on which a group is shown.

        A table's are those it prints and the validation images, which are always there.
        """
        if group == CALIBRATION or group.startswith(STUDY):
            return self.benchmarks
        if group == COMPARISON:
            return [name for name in self.comparison.benchmarks if name in self.benchmarks]
        table = load_layouts(paper).table(paper, group)
        printed = {table.benchmark(dataset) for dataset in table.datasets}
        return [name for name in self.benchmarks if name in printed or name == VALIDATION_BENCHMARK]

    @cached_property
    def comparison(self) -> ComparisonLayout:
        """The table across methods."""
        return load_comparison_layout()

    @once
    def left_out(self) -> list[str]:
        """Methods of the table across methods whose papers could be replicated but are not configured."""
        skipped = set(replicated_papers()) - set(self.configuration.papers)
        recipes = {name: method.recipe for name, method in self.comparison.methods.items()}
        return [name for name, recipe in recipes.items() if recipe and paper_of(recipe) in skipped]

    def studies(self) -> list[tuple[str, str]]:
        """(paper, study) of every study of the configured papers."""
        return [(paper, name) for paper in self.configuration.papers for name in load_studies(paper)]

    def training_sets(self, paper: str, item: str) -> list[str]:
        """The training sets behind a table's trained sources."""
        trained = (source for source in self.sources(paper, item) if source.kind == Kind.TRAINED)
        return sorted({source.training_set for source in trained})

    @once
    def obstacles(self, paper: str, group: str) -> list[str]:
        """`recipe=reason` for every recipe of a table or study that can not be trained here, and
        `released/NAME=reason` for weights that are not at hand.
        """
        reasons = {name: self.trainings.obstacle(name) for name in self._recipes(paper, group)}
        for name in self._released(paper, group):
            reasons[str(Source.released(name))] = self.at_hand.reason(name)
        return [f"{name}={reason}" for name, reason in reasons.items() if reason]

    def trained(self, recipe: str) -> list[Source]:
        """One source for each seed of a recipe; none when its training set or weights can not be had."""
        if "trained" not in self.configuration.sources or self.trainings.obstacle(recipe):
            return []
        return [self.trainings.run(recipe, seed) for seed in self.configuration.seeds]

    def _recipes(self, paper: str, group: str) -> list[str]:
        """Full names of the recipes of a table or study."""
        if group.startswith(STUDY):
            return list(dict.fromkeys(load_study(paper, group.removeprefix(STUDY)).full_recipes(paper)))
        return [way.name for way in self._ways(paper, group) if way.kind == Kind.TRAINED]

    def _released(self, paper: str, group: str) -> list[str]:
        """Names of the released weights of a table's methods, where the configuration wants such sources."""
        if group.startswith(STUDY):
            return []
        return [way.name for way in self._ways(paper, group) if way.kind == Kind.RELEASED]

    @once
    def _ways(self, paper: str, item: str) -> list[Way]:
        """Every way to fill cells of a table, or of that across methods, which the configuration admits."""
        found = [way for method in self._methods(paper, item) for way in ways(paper, method)]
        wanted = "released" in self.configuration.sources
        return [way for way in found if wanted or way.kind != Kind.RELEASED]

    def _methods(self, paper: str, item: str) -> list[Fillers]:
        if item != COMPARISON:
            table = load_layouts(paper).table(paper, item)
            return [*table.methods.values(), *table.own.values()]
        left_out = self.left_out()
        return [method for name, method in self.comparison.methods.items() if name not in left_out]
