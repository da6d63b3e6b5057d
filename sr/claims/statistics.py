"""Is a difference more than chance? Bootstrap over images and seeds, effect size, Wilcoxon signed-rank."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sr.papers.claim_terms import Single, Subject
from sr.results.intervals import DRAWS, LEVEL, SEED, drawn_means, percentiles
from sr.results.measurement import Measurement

BOOTSTRAP = f"{DRAWS} draws, {100 * LEVEL:g} % percentile interval, seed {SEED}"


# Of one image, the bootstrap can only draw seeds; of fewer its intervals are far too narrow.
_SEEDS_OF_ONE_IMAGE = 5


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


def measure(single: Single, samples: Mapping[Subject, Measurement]) -> Evidence:
    """The evidence for a single comparison, given a sample for each of its subjects."""
    orientation = -1.0 if single.relation.startswith("<") else 1.0
    values = {subject: _per_image(sample) for subject, sample in samples.items()}
    exact = {subject: float(value.mean()) for subject, value in values.items()}
    drawn = {subject: drawn_means(sample) for subject, sample in samples.items()}
    interval = None
    shapes = [value.shape for value in values.values()]
    if any(images > 1 or seeds >= _SEEDS_OF_ONE_IMAGE for seeds, images in shapes):
        interval = percentiles(orientation * (single.left.of(drawn) - single.right.of(drawn)))
    paired = _paired(single, samples, exact)
    return Evidence(
        difference=float(orientation * (single.left.of(exact) - single.right.of(exact))),
        interval=interval,
        effect=None if paired is None else effect_size(orientation * paired),
        p=None if paired is None or single.relation in ("=", "~") else wilcoxon(paired),
        images=min(images for _, images in shapes),
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
    single: Single, samples: Mapping[Subject, Measurement], means: Mapping[Subject, float]
) -> np.ndarray | None:
    """Left minus right on each image, seeds averaged; None where the sides have no images in common."""
    left, right = single.left.coefficients(means), single.right.coefficients(means)
    if left is None or right is None or len({samples[one].images for one in samples}) != 1:
        return None
    total = np.full(len(next(iter(samples.values())).images), float(single.left.number - single.right.number))
    for coefficients, sign in ((left, 1.0), (right, -1.0)):
        for subject, weight in coefficients.items():
            total += sign * weight * _per_image(samples[subject]).mean(axis=0)
    return total


def _per_image(sample: Measurement) -> np.ndarray:
    """Values as seeds x images, which the pool has made sure of."""
    assert sample.per_image is not None
    return sample.per_image
