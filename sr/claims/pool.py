"""Which source stands for a method of a claim, within one budget, and its values of one metric."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sr.papers.claim_terms import Single, Subject
from sr.papers.tables import Layouts, Method, Table, load_layouts
from sr.results.filling import Way, rated_groups, ways
from sr.results.image_sets import never_released
from sr.results.measurement import Measurement, NotMeasured, Obstacle, Results
from sr.results.source import PAPER_BUDGET, Group, Kind

RELEASED = "released"  # in place of a budget: released weights, and images that someone supplied


class NotMeasuredError(Exception):
    """Nothing was measured; the message says why, in words for the reader of the claim."""


def budgets(results: Results, paper: str = "") -> list[str]:
    """What a run's sources were made with, in their order, RELEASED last; '' alone for neither.

    paper: whose sources that people have rated count as well.
    """
    groups = [*results.groups, *(results.rated(paper).groups if paper else [])]
    trained = [group.budget for group in groups if group.budget]
    supplied = [RELEASED for group in groups if group.kind in (Kind.RELEASED, Kind.IMAGES)]
    return list(dict.fromkeys(trained + supplied)) or [""]


@dataclass(frozen=True)
class Pool:
    """The sources of one budget under one paper's protocol. Sources of another budget never enter.

    Baselines belong to every pool. Supplied images are full models: they belong to RELEASED and to the
    paper's own budget. own_training_sets: runs on another training set than the recipe's do not count.
    """

    paper: str
    budget: str
    results: Results
    own_training_sets: bool = False

    def sample(self, subject: Subject, metric: str) -> Measurement:
        """Values of what is asked for, of each image. Raises NotMeasuredError with the reason for none."""
        table = self._layouts.tables.get(subject.item)
        if subject.item and table is None:
            raise NotMeasuredError(self._elsewhere(subject.item))
        if table and metric in table.metrics and (nobody := table.metrics[metric].rated):
            return self._rated_sample(subject, table, metric, nobody)
        group = self._group(subject.method, table)
        image = table.dataset(subject.dataset).image if table else None
        found = self.results.measure(self.paper, group, self._benchmark(subject), metric, image)
        if isinstance(found, NotMeasured):
            raise NotMeasuredError(self._why(found, metric))
        self._check(found)
        return found

    def _rated_sample(self, subject: Subject, table: Table, metric: str, nobody: str) -> Measurement:
        """What people gave. nobody: the reason while none of them has."""
        rated = self.results.rated(self.paper)
        if not rated.groups or subject.method not in table.methods:
            raise NotMeasuredError(nobody)
        method = table.methods[subject.method]
        groups = rated_groups(self.paper, method, rated)
        if not method.original:
            groups = [replace(self, results=rated)._method(subject.method, method)]
        if not groups:
            raise NotMeasuredError(f"nobody has rated {subject.method}")
        found = rated.measure(self.paper, groups[0], table.benchmark(subject.dataset), metric)
        if isinstance(found, NotMeasured):
            raise NotMeasuredError(f"{subject.method} was not rated on {subject.dataset}")
        self._check(found)
        return found

    def deviations(self, sources: set[str]) -> list[str]:
        """How the sources were made otherwise than the paper says; in one phrase for a smaller budget."""
        if self.budget not in (PAPER_BUDGET, RELEASED, ""):
            return [f"trained at the budget '{self.budget}'"] if sources else []
        found = [
            text
            for results in (self.results, self.results.rated(self.paper))
            for group in results.groups
            if group.name in sources
            for benchmark in results.ready
            for score in results.scored(self.paper, group, benchmark)
            for text in score.header.deviations
        ]
        return list(dict.fromkeys(found))

    def out_of_reach(self, single: Single) -> bool:
        """Whether a comparison is about images that were never released."""
        return any(never_released(self._benchmark(subject)) for subject in single.subjects)

    def _benchmark(self, subject: Subject) -> str:
        table = self._layouts.tables.get(subject.item)
        return table.benchmark(subject.dataset) if table else subject.dataset

    @cached_property
    def _layouts(self) -> Layouts:
        return load_layouts(self.paper)

    def _elsewhere(self, item: str) -> str:
        place = self._layouts.elsewhere.get(item)
        return place.reason if place else f"{item} is no table whose methods are known"

    def _group(self, name: str, table: Table | None) -> Group:
        if table is None:
            kind, _, baseline = name.partition("/")
            if kind == Kind.BASELINE:
                return self._first(
                    [Way(Kind.BASELINE, baseline)], f"{name} is not among the sources of this run"
                )
            return self._trained(name if "/" in name else f"{self.paper}/{name}")
        if name not in table.methods:
            raise NotMeasuredError(f"{name} is no method of the table")
        return self._method(name, table.methods[name])

    def _method(self, name: str, method: Method) -> Group:
        """The group that stands for a method of a table: of its ways, those that belong to this budget."""
        if method.constant:
            raise NotMeasuredError(method.constant)
        by_kind: dict[Kind, list[Way]] = {kind: [] for kind in Kind}
        for way in ways(self.paper, method):
            by_kind[way.kind].append(way)
        baseline, trained, released, images = (
            by_kind[kind] for kind in (Kind.BASELINE, Kind.TRAINED, Kind.RELEASED, Kind.IMAGES)
        )
        if baseline:
            return self._first(baseline, f"{baseline[0]} is not among the sources of this run")
        if self.budget == RELEASED and released:
            known = self.results.obstacles
            reasons = [known[str(way)] for way in released if str(way) in known]
            missing = reasons[0] if reasons else f"no released weights of {name} are among the sources"
            return self._first([*released, *images], missing)
        if trained and self.budget != RELEASED:
            return self._trained(trained[0].name)
        if images and self.budget in (RELEASED, PAPER_BUDGET):
            return self._first(images, f"no images of {name} were supplied ({images[0]}/<benchmark>/)")
        if self.budget == RELEASED:
            raise NotMeasuredError(f"no released weights or images of {name} are known")
        if not self.budget:
            raise NotMeasuredError(f"{name} is not among the sources of this run")
        raise NotMeasuredError(
            f"{name} has no recipe, and images of full models are not mixed with smaller budgets"
        )

    def _trained(self, recipe: str) -> Group:
        if self.budget == RELEASED:
            raise NotMeasuredError(f"no released weights of {recipe} are known")
        way = Way(Kind.TRAINED, recipe)
        found = [group for group in self._taking(way) if group.budget == self.budget]
        if len(found) > 1:
            names = ", ".join(group.name for group in found)
            raise NotMeasuredError(f"several sources are {recipe}: {names}; give one of them")
        if not found:
            missing = f"{recipe} was not trained" + (
                f" at the budget '{self.budget}'" if self.budget else " in this run"
            )
            raise NotMeasuredError(self.results.obstacles.get(recipe, missing).rstrip("."))
        return found[0]

    def _first(self, candidates: list[Way], missing: str) -> Group:
        """The first of several ways that a group takes."""
        for way in candidates:
            for group in self._taking(way):
                return group
        raise NotMeasuredError(missing)

    def _taking(self, way: Way) -> list[Group]:
        return [group for group in self.results.groups if way.is_taken_by(group.source)]

    def _why(self, found: NotMeasured, metric: str) -> str:
        if found.obstacle is Obstacle.NOT_SCORED:
            return f"{found.reason} the way of {self.paper}"
        reason = found.reason.rstrip(".")
        return f"no {metric}: {reason}" if found.obstacle is Obstacle.METRIC_UNAVAILABLE else reason

    def _check(self, found: Measurement) -> None:
        """Refuse values that are no evidence for a claim."""
        name, metric = found.group.name, found.metric
        if found.stale:
            raise NotMeasuredError(f"{name} is stale: {found.stale}")
        other = [text for text in found.deviations if text.startswith("training_set:")]
        if self.own_training_sets and other:
            raise NotMeasuredError(f"it is about training sets, and {name} had another ({other[0]})")
        if found.per_image is None:
            if not np.isfinite(found.of_seeds).all():
                raise NotMeasuredError(f"{metric} of {name} is not a finite number")
            return
        finite = np.isfinite(found.per_image).all(axis=0)
        if not finite.all():
            broken = found.images[int(np.argmin(finite))]
            raise NotMeasuredError(f"{metric} of {name} is not a finite number on {broken}")
