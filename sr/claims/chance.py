"""What a weighted sum of methods owes to chance: trainings, and images where none was made."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sr.papers.claim_terms import Subject
from sr.papers.spread import MetricSpread
from sr.results.intervals import Unit
from sr.results.measurement import Measurement
from sr.results.pairing import are_paired
from sr.results.source import Group, Kind

Weighted = list[tuple[float, Measurement]]


@dataclass(frozen=True)
class Parts:
    """A weighted sum: units by chance, whose means count, and a constant. paired: whether some unit holds
    trainings against each other seed by seed.
    """

    units: list[Unit]
    constant: float
    paired: bool


def units_of(
    weights: Mapping[Subject, float],
    samples: Mapping[Subject, Measurement],
    spread: MetricSpread | None,
) -> Parts:
    """The units of a sum of means with these weights.

    Trainings are what varies. What was not trained here is one and the same next time, a constant; only where
    nothing at all was trained, images are the chance, and the question is whether others would agree.
    """
    weighted = [(weight, samples[subject]) for subject, weight in weights.items()]
    trained = [one for one in weighted if one[1].group.kind == Kind.TRAINED]
    if not trained:
        return Parts(_images(weighted), 0.0, False)
    constant = sum(weight * sample.mean for weight, sample in weighted if sample.group.kind != Kind.TRAINED)
    blocks = _blocks(trained)
    units = [_together(block, spread) for block in blocks]
    return Parts(units, float(constant), any(_groups(block) > 1 for block in blocks))


def _images(weighted: Weighted) -> list[Unit]:
    """One unit for each set of images; none where a metric has no values of images."""
    tables: dict[tuple[str, ...], list[np.ndarray]] = defaultdict(list)
    for weight, sample in weighted:
        if sample.per_image is None:
            return []
        tables[sample.images].append(weight * sample.per_image.mean(axis=0))
    return [Unit(tuple(np.sum(found, axis=0).tolist())) for found in tables.values()]


def _blocks(trained: Weighted) -> list[Weighted]:
    """Trainings that share their chance seed by seed, together; every other training for itself."""
    blocks: list[Weighted] = []
    for one in trained:
        for block in blocks:
            if all(_pair(one[1], other) for _, other in block) and _common_seeds([*block, one]):
                block.append(one)
                break
        else:
            blocks.append([one])
    return blocks


def _pair(one: Measurement, other: Measurement) -> bool:
    return one.group.source == other.group.source or are_paired(one.group.source, other.group.source)


def _common_seeds(block: Weighted) -> list[int]:
    first, *others = (set(sample.seeds) for _, sample in block)
    return sorted(first.intersection(*others))


def _groups(block: Weighted) -> int:
    return len({sample.group.source for _, sample in block})


def _together(block: Weighted, spread: MetricSpread | None) -> Unit:
    """The block's sum for each seed that all its trainings have, and the stated variance of that."""
    seeds = _common_seeds(block)
    totals = [
        sum(weight * sample.of_seeds[sample.seeds.index(seed)] for weight, sample in block) for seed in seeds
    ]
    if spread is None:
        return Unit(totals)
    worth = spread.paired.worth if _groups(block) > 1 else spread.alone.worth
    return Unit(totals, stated_variance(_by_benchmark(block), spread), worth)


def _by_benchmark(block: Weighted) -> list[tuple[int, dict[Group, float]]]:
    """For each set of images of a block: how many they are, and the weight of each training on it."""
    found: dict[tuple[str, ...], dict[Group, float]] = defaultdict(lambda: defaultdict(float))
    for weight, sample in block:
        found[sample.images][sample.group] += weight
    return [(len(images), weights) for images, weights in found.items()]


def stated_variance(sums: Sequence[tuple[int, Mapping[Group, float]]], spread: MetricSpread) -> float:
    """Variance of a sum of paired trainings by the stated spread: the images' number and the weights of each
    set of images, which are taken to be independent.

    A training has the variance a; with a difference of the variance p, two have the covariance a - p/2.
    """
    total = 0.0
    for images, weights in sums:
        alone = spread.alone.variance(images)
        own = min(alone, spread.paired.variance(images) / 2)
        total += own * sum(weight**2 for weight in weights.values())
        total += (alone - own) * sum(weights.values()) ** 2
    return total
