"""One metric of a group of sources on a benchmark as a paper measures: the numbers, or why there are none.

Every table, claim, study, figure and page asks here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from pathlib import Path
from statistics import fmean, stdev

import numpy as np

from sr.results.image_sets import BenchmarkState, state_of
from sr.results.scores import Score, load_scores, pooled_values
from sr.results.source import Group, Kind, Source, group_sources, parse_sources


class Obstacle(Enum):
    """What stands in the way of a measurement."""

    BENCHMARK_UNAVAILABLE = auto()
    BENCHMARK_NOT_RUN = auto()
    NOT_SCORED = auto()
    METRIC_UNAVAILABLE = auto()
    NO_SUCH_VALUE = auto()

    @property
    def unavailable(self) -> bool:
        """Whether something can not be had, and not only has not been done."""
        return self in (Obstacle.BENCHMARK_UNAVAILABLE, Obstacle.METRIC_UNAVAILABLE)


@dataclass(frozen=True)
class NotMeasured:
    """Why there is no number, in one sentence."""

    obstacle: Obstacle
    reason: str


@dataclass(frozen=True, eq=False)
class Measurement:
    """Values of one metric, of every seed that was scored.

    of_seeds: the value of each of `seeds` over the images. per_image: seeds x images; None where the metric
    is one number of a whole set (FID). deviations: from the paper's own way, those of all seeds. stale: why
    the first stale seed is not what today's code would make, or empty. unscored: members without scores.
    assumptions: a line for each, as the scores carry them. starts: seeds of the runs that they began with.
    """

    group: Group
    benchmark: str
    metric: str
    seeds: tuple[int, ...]
    images: tuple[str, ...]
    of_seeds: tuple[float, ...]
    per_image: np.ndarray | None
    deviations: tuple[str, ...]
    stale: str
    unscored: tuple[Source, ...]
    assumptions: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()

    @property
    def seeds_from(self) -> str:
        """Of several seeds, where they part: `start` where each began with a run of its own, else `stage`."""
        if len(self.seeds) < 2 or not self.starts:
            return ""
        return "start" if self.starts == self.seeds else "stage"

    @cached_property
    def mean(self) -> float:
        """Over seeds."""
        return fmean(self.of_seeds)

    @property
    def spread(self) -> float | None:
        """Standard deviation over seeds (n - 1); None for a single one."""
        return stdev(self.of_seeds) if len(self.of_seeds) > 1 else None

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest seed."""
        return min(self.of_seeds), max(self.of_seeds)

    @property
    def trainings(self) -> int | None:
        """How many trainings stand behind it; None for what was not trained here."""
        return len(self.of_seeds) if self.group.kind == Kind.TRAINED else None


@dataclass(frozen=True)
class Results:
    """What a run left behind: its scores, the sources that count and the state of the benchmarks.

    obstacles: recipe (paper/recipe) -> why it can not be trained here, and released/NAME -> why those weights
    are missing.
    """

    scores: Path
    groups: list[Group]
    benchmarks: dict[str, BenchmarkState]
    obstacles: Mapping[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> list[str]:
        """The benchmarks that were measured on."""
        return [name for name, state in self.benchmarks.items() if state.status == "ready"]

    def scored(self, protocol: str, group: Group, benchmark: str) -> list[Score]:
        """Scores of the group's seeds; none where the benchmark is not ready or nothing was scored."""
        ready = state_of(self.benchmarks, benchmark).status == "ready"
        return load_scores(self.scores, protocol, group, benchmark) if ready else []

    def group_of(self, source: Source) -> Group | None:
        """All seeds of a source that count; None where none does."""
        return next((one for one in self.groups if one.source == source.without_seed), None)

    def rated(self, paper: str) -> "Results":
        """What people gave to sources for a paper's study of opinions, in a folder beside the scores."""
        return results_of_folder(opinion_scores(self.scores), paper)

    def measure(
        self, protocol: str, group: Group, benchmark: str, metric: str, image: str | None = None
    ) -> Measurement | NotMeasured:
        """The values of one metric, over all images or of one. Raises InputError for malformed scores."""
        state = state_of(self.benchmarks, benchmark)
        if state.reason:
            gone = state.status == "unavailable"
            kind = Obstacle.BENCHMARK_UNAVAILABLE if gone else Obstacle.BENCHMARK_NOT_RUN
            return NotMeasured(kind, state.reason)
        scores = load_scores(self.scores, protocol, group, benchmark)
        if not scores:
            return NotMeasured(Obstacle.NOT_SCORED, f"{group.name} was not scored on {benchmark}")
        return _of_scores(group, benchmark, metric, image, scores)


def opinion_scores(scores: Path) -> Path:
    """Where scores that people gave lie, of the same form and beside those in the folder `scores`."""
    return scores.with_name("opinion_scores")


def results_of_folder(scores: Path, protocol: str = "*") -> Results:
    """Every source that has scores in a folder, on every benchmark that any of them has scores on.

    protocol: whose scores alone count. For results that were kept apart from the workflow that made them.
    """
    found = [path.relative_to(scores).parts for path in sorted(scores.glob(f"{protocol}/*/*/**/*.json"))]
    benchmarks = sorted({Path(parts[-1]).stem for parts in found})
    ready = {name: BenchmarkState(status="ready") for name in benchmarks}
    return Results(scores, group_sources(parse_sources("/".join(parts[1:-1]) for parts in found)), ready)


def metrics_of(scores: list[Score]) -> list[str]:
    """The metrics of some scores: those with values first, then those that could not be had."""
    headers = [score.header for score in scores]
    values = [name for header in headers for name in header.set_values]
    return list(dict.fromkeys([*values, *(name for header in headers for name in header.unavailable)]))


def _of_scores(
    group: Group, benchmark: str, metric: str, image: str | None, scores: list[Score]
) -> Measurement | NotMeasured:
    scores = sorted(scores, key=lambda score: score.source.seed or 0)
    for score in scores:
        if metric in score.header.unavailable:
            return NotMeasured(Obstacle.METRIC_UNAVAILABLE, score.header.unavailable[metric])
    per_image, images = pooled_values(scores, metric), tuple(scores[0].images)
    if image is None and all(metric in score.header.set_values for score in scores):
        of_seeds = tuple(score.header.set_values[metric] for score in scores)
    elif image in images and per_image is not None:
        per_image, images = per_image[:, [images.index(image)]], (image,)
        of_seeds = tuple(float(value) for value in per_image[:, 0])
    else:
        of = f" of {image}" if image else ""
        reason = f"the scores of {group.name} on {benchmark} hold no such {metric}{of}"
        return NotMeasured(Obstacle.NO_SUCH_VALUE, reason)
    known = {score.source for score in scores}
    return Measurement(
        group=group,
        benchmark=benchmark,
        metric=metric,
        seeds=tuple(score.source.seed for score in scores if score.source.seed is not None),
        images=images,
        of_seeds=of_seeds,
        per_image=per_image,
        deviations=tuple(dict.fromkeys(text for score in scores for text in score.header.deviations)),
        stale=next((score.header.stale for score in scores if score.header.stale), ""),
        unscored=tuple(member for member in group.members if member not in known),
        assumptions=tuple(dict.fromkeys(text for score in scores for text in score.header.assumptions)),
        starts=tuple(score.header.start_seed for score in scores if score.header.start_seed is not None),
    )
