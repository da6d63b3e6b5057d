"""Which source stands for a method of a claim, within one budget, and its values of one metric."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from sr.claims.statistics import Sample
from sr.claims.terms import Subject
from sr.papers.tables import Layouts, Method, Table, load_layouts
from sr.results.image_sets import BenchmarkState, state_of
from sr.results.source import PAPER_BUDGET, Group, Score, group_sources, load_scores, pooled_values
from sr.verdicts.judge import Run

RELEASED = "released"  # in place of a budget: released weights, and images that someone supplied


class NotMeasuredError(Exception):
    """Nothing was measured; the message says why, in words for the reader of the claim."""


def budgets(run: Run) -> list[str]:
    """What a run's sources were made with, in their order, RELEASED last; '' alone for neither."""
    trained = [group.budget for group in run.groups if group.budget]
    supplied = [RELEASED for group in run.groups if group.kind in ("released", "images")]
    return list(dict.fromkeys(trained + supplied)) or [""]


def run_of_folder(scores: Path) -> Run:
    """A run of every source that has scores in a folder, on every benchmark that any of them has scores on.

    For results that were kept apart from the workflow that made them.
    """
    found = [path.relative_to(scores).parts for path in sorted(scores.glob("*/*/*/**/*.json"))]
    sources = list(dict.fromkeys("/".join(parts[1:-1]) for parts in found))
    benchmarks = sorted({Path(parts[-1]).stem for parts in found})
    ready = {name: BenchmarkState(status="ready") for name in benchmarks}
    return Run(scores, group_sources(sources), ready)


@dataclass(frozen=True)
class Pool:
    """The sources of one budget under one paper's protocol. Sources of another budget never enter.

    Baselines belong to every pool. Supplied images are full models: they belong to RELEASED and to the
    paper's own budget. own_training_sets: runs on another training set than the recipe's do not count.
    """

    paper: str
    budget: str
    run: Run
    own_training_sets: bool = False

    def sample(self, subject: Subject, metric: str) -> Sample:
        """Values of what is asked for. Raises NotMeasuredError with the reason when there are none."""
        table = self._layouts.tables.get(subject.item)
        if subject.item and table is None:
            raise NotMeasuredError(self._elsewhere(subject.item))
        if table and metric in table.metrics and table.metrics[metric].not_run:
            raise NotMeasuredError(str(table.metrics[metric].not_run))
        group = self._group(subject.method, table)
        benchmark = table.benchmark(subject.dataset) if table else subject.dataset
        state = state_of(self.run.benchmarks, benchmark)
        if state.reason:
            raise NotMeasuredError(state.reason.rstrip("."))
        scores = load_scores(self.run.scores, self.paper, group, benchmark)
        if not scores:
            raise NotMeasuredError(f"{group.name} was not scored on {benchmark} the way of {self.paper}")
        self._check(scores, metric)
        image = table.dataset(subject.dataset).image if table else None
        return _sample(group, benchmark, scores, metric, image)

    def deviations(self, sources: set[str]) -> list[str]:
        """How the sources were made otherwise than the paper says; in one phrase for a smaller budget."""
        if self.budget not in (PAPER_BUDGET, RELEASED, ""):
            return [f"trained at the budget '{self.budget}'"] if sources else []
        found = [
            text
            for group in self.run.groups
            if group.name in sources
            for benchmark, state in self.run.benchmarks.items()
            if state.status == "ready"
            for score in load_scores(self.run.scores, self.paper, group, benchmark)
            for text in score.header.deviations
        ]
        return list(dict.fromkeys(found))

    @cached_property
    def _layouts(self) -> Layouts:
        return load_layouts(self.paper)

    def _elsewhere(self, item: str) -> str:
        place = self._layouts.elsewhere.get(item)
        return place.reason if place else f"{item} is no table whose methods are known"

    def _group(self, name: str, table: Table | None) -> Group:
        if table is None:
            if name.startswith("baseline/"):
                return self._one([name], f"{name} is not among the sources of this run")
            return self._recipe(name if "/" in name else f"{self.paper}/{name}")
        if name not in table.methods:
            raise NotMeasuredError(f"{name} is no method of the table")
        return self._method(name, table.methods[name])

    def _method(self, name: str, method: Method) -> Group:
        if method.constant:
            raise NotMeasuredError(method.constant)
        if method.baseline:
            source = f"baseline/{method.baseline}"
            return self._one([source], f"{source} is not among the sources of this run")
        recipe = method.full_recipe(self.paper)
        weights = [f"released/{one}" for one in method.released]
        images = f"images/{method.images}"
        if self.budget == RELEASED and weights:
            reasons = [self.run.obstacles[one] for one in weights if one in self.run.obstacles]
            missing = reasons[0] if reasons else f"no released weights of {name} are among the sources"
            return self._one([*weights, *([images] if method.images else [])], missing)
        if recipe and self.budget != RELEASED:
            return self._recipe(recipe)
        if method.images and self.budget in (RELEASED, PAPER_BUDGET):
            return self._one([images], f"no images of {name} were supplied ({images}/<benchmark>/)")
        if self.budget == RELEASED:
            raise NotMeasuredError(f"no released weights or images of {name} are known")
        if not self.budget:
            raise NotMeasuredError(f"{name} is not among the sources of this run")
        raise NotMeasuredError(
            f"{name} has no recipe, and images of full models are not mixed with smaller budgets"
        )

    def _recipe(self, recipe: str) -> Group:
        if self.budget == RELEASED:
            raise NotMeasuredError(f"no released weights of {recipe} are known")
        named = [group for group in self.run.groups if group.kind == "trained"]
        found = [one.name for one in named if one.budget == self.budget and one.name.endswith(f"/{recipe}")]
        if len(found) > 1:
            raise NotMeasuredError(f"several sources are {recipe}: {', '.join(found)}; give one of them")
        missing = f"{recipe} was not trained" + (
            f" at the budget '{self.budget}'" if self.budget else " in this run"
        )
        return self._one(found, self.run.obstacles.get(recipe, missing).rstrip("."))

    def _one(self, names: list[str], missing: str) -> Group:
        """The first of the named groups that is there."""
        groups = {group.name: group for group in self.run.groups}
        for name in names:
            if name in groups:
                return groups[name]
        raise NotMeasuredError(missing)

    def _check(self, scores: list[Score], metric: str) -> None:
        for score in scores:
            head = score.header
            if head.stale:
                raise NotMeasuredError(f"{head.source} is stale: {head.stale}")
            if metric in head.unavailable:
                raise NotMeasuredError(f"no {metric}: {head.unavailable[metric].rstrip('.')}")
            other = [text for text in head.deviations if text.startswith("training_set:")]
            if self.own_training_sets and other:
                raise NotMeasuredError(
                    f"it is about training sets, and {head.source} had another ({other[0]})"
                )
            if metric not in score.per_image:
                raise NotMeasuredError(_not_per_image(score, metric))


def _not_per_image(score: Score, metric: str) -> str:
    if metric in score.header.set_values:
        return (
            f"{metric} is one number of a whole set, and no features of single images are kept to draw from"
        )
    return f"the scores of {score.header.source} hold no {metric}"


def _sample(group: Group, benchmark: str, scores: list[Score], metric: str, image: str | None) -> Sample:
    values, images = pooled_values(scores, metric), tuple(scores[0].images)
    assert values is not None, "checked before"
    if image is not None:
        if image not in images:
            raise NotMeasuredError(f"{benchmark} has no image {image}")
        values, images = values[:, [images.index(image)]], (image,)
    if not np.isfinite(values).all():
        broken = images[int(np.argmin(np.isfinite(values).all(axis=0)))]
        raise NotMeasuredError(f"{metric} of {group.name} is not a finite number on {broken}")
    return Sample(group.name, benchmark, images, values)
