"""Is a difference more than chance? Bootstrap over images and seeds, effect size, Wilcoxon signed-rank."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from sr.claims.terms import Single, Subject
from sr.verdicts.intervals import DRAWS, LEVEL, SEED

BOOTSTRAP = f"{DRAWS} draws, {100 * LEVEL:g} % percentile interval, seed {SEED}"


# Of one image, the bootstrap can only draw seeds; of fewer its intervals are far too narrow.
_SEEDS_OF_ONE_IMAGE = 5


@dataclass(frozen=True)
class Sample:
    """One method's values on one benchmark, seeds x images, and where they are from."""

    source: str
    benchmark: str
    images: tuple[str, ...]
    values: np.ndarray

    @property
    def trainings(self) -> int | None:
        """How many trainings stand behind it; None for what was not trained here."""
        return self.values.shape[0] if self.source.startswith("trained/") else None


@dataclass(frozen=True)
class Evidence:
    """What was measured about one single comparison.

    difference: how far the means are on the claim's side (negative: on the other side); for `=` and `~`
    simply left minus right. interval: of the difference, None where nothing can be drawn.
    effect: Cohen's d of the paired differences, mean over their standard deviation; p: two-sided Wilcoxon
    signed-rank. Both need the same images on both sides, and differences that are not all alike; p asks
    whether the sides differ, so it is None where they are claimed to agree. seeds: trainings of the side
    with the fewest; None where nothing was trained.
    """

    difference: float
    interval: tuple[float, float] | None
    effect: float | None
    p: float | None
    images: int
    seeds: int | None


def measure(single: Single, samples: Mapping[Subject, Sample]) -> Evidence:
    """The evidence for a single comparison, given a sample for each of its subjects."""
    orientation = -1.0 if single.relation.startswith("<") else 1.0
    exact = {subject: float(sample.values.mean()) for subject, sample in samples.items()}
    arrays = {subject: np.asarray(value) for subject, value in exact.items()}
    drawn = {subject: _drawn_means(sample) for subject, sample in samples.items()}
    differences = orientation * (single.left.of(drawn) - single.right.of(drawn))
    interval = None
    shapes = [sample.values.shape for sample in samples.values()]
    if any(images > 1 or seeds >= _SEEDS_OF_ONE_IMAGE for seeds, images in shapes):
        low, high = np.quantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        interval = (float(low), float(high))
    paired = _paired(single, samples, exact)
    return Evidence(
        difference=float(orientation * (single.left.of(arrays) - single.right.of(arrays))),
        interval=interval,
        effect=None if paired is None else effect_size(orientation * paired),
        p=None if paired is None or single.relation in ("=", "~") else wilcoxon(paired),
        images=min(sample.values.shape[1] for sample in samples.values()),
        seeds=min((one.trainings for one in samples.values() if one.trainings is not None), default=None),
    )


def effect_size(differences: np.ndarray) -> float | None:
    """Cohen's d of paired differences: mean over standard deviation (n - 1); None where that is zero."""
    if differences.size < 2 or np.ptp(differences) == 0:
        return None
    return float(differences.mean() / differences.std(ddof=1))


def wilcoxon(differences: np.ndarray) -> float | None:
    """Two-sided p-value of the Wilcoxon signed-rank test; None where no difference is left to rank."""
    from scipy.stats import wilcoxon as signed_rank

    left = differences[differences != 0]
    return float(signed_rank(left).pvalue) if left.size else None


def _paired(
    single: Single, samples: Mapping[Subject, Sample], means: Mapping[Subject, float]
) -> np.ndarray | None:
    """Left minus right on each image, seeds averaged; None where the sides have no images in common."""
    left, right = single.left.coefficients(means), single.right.coefficients(means)
    if left is None or right is None or len({samples[one].images for one in samples}) != 1:
        return None
    total = np.full(len(next(iter(samples.values())).images), single.left.number - single.right.number)
    for coefficients, sign in ((left, 1.0), (right, -1.0)):
        for subject, weight in coefficients.items():
            total += sign * weight * samples[subject].values.mean(axis=0)
    return total


def _drawn_means(sample: Sample) -> np.ndarray:
    """The mean of each bootstrap draw: images and seeds are drawn with replacement (a crossed design).

    A benchmark's images are drawn alike for every method, which makes the comparison a paired one; seeds
    are drawn for each method by itself, since trainings with the same seed have nothing in common.
    """
    seeds, images = sample.values.shape
    image_weights = _weights(f"images of {sample.benchmark}", images)
    seed_weights = _weights(f"seeds of {sample.source}", seeds)
    return np.einsum("ds,si,di->d", seed_weights, sample.values, image_weights, optimize=True)


@cache
def _weights(of: str, count: int) -> np.ndarray:
    """Share of each of `count` items among `count` draws; one row for each bootstrap sample."""
    generator = np.random.default_rng([SEED, zlib.crc32(of.encode())])
    return generator.multinomial(count, np.full(count, 1 / count), size=DRAWS) / count
