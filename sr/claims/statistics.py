"""Is a difference more than chance? Moderated t over trainings, paired by seed where they share it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sr.claims.chance import units_of
from sr.papers.claim_terms import Quantity, Single, Subject
from sr.papers.spread import spread_of
from sr.results.intervals import LEVEL, Estimate, estimate
from sr.results.measurement import Measurement

TEST = (
    f"moderated t over trainings, {100 * LEVEL:g} % interval, paired by seed where order of data and start "
    "are shared, Holm over the comparisons of a claim; over images where nothing was trained"
)


@dataclass(frozen=True)
class Evidence:
    """What was measured about one single comparison.

    difference: how far the means are on the claim's side (negative: on the other side); for `=` and `~`
    simply left minus right. interval: of the difference, None where its chance is neither stated nor
    measured. effect: Cohen's d of the paired differences of images, mean over their standard deviation; it
    needs the same images on both sides, and differences that are not all alike. p_for, p_against: of the
    claim and of its opposite, to be held against 1 - LEVEL; None where there is no interval, and for a count
    of methods, which its interval decides. images: None where a figure tells the values. seeds: trainings of
    the side with the fewest; None where nothing was trained. paired: whether trainings were held against each
    other seed by seed.
    """

    difference: float
    interval: tuple[float, float] | None
    effect: float | None
    p_for: float | None
    p_against: float | None
    images: int | None
    seeds: int | None
    paired: bool = False

    @property
    def p(self) -> float | None:
        """Two-sided: how likely by chance is a difference as large, on either side."""
        if self.p_for is None or self.p_against is None:
            return None
        return min(1.0, self.p_for, self.p_against)


def measure(single: Single, samples: Mapping[Subject, Measurement]) -> Evidence:
    """The evidence for a single comparison, given a sample for each of its subjects."""
    side = side_of(single.relation)
    means = {subject: sample.mean for subject, sample in samples.items()}
    images = min(len(sample.images) for sample in samples.values())
    seeds = min((one.trainings for one in samples.values() if one.trainings is not None), default=None)
    difference = side * float(single.left.of(means) - single.right.of(means))
    left, right = single.left.coefficients(means), single.right.coefficients(means)
    if left is None or right is None:
        return Evidence(difference, _of_count(single, samples, side), None, None, None, images, seeds)
    both = {one: side * (left.get(one, 0.0) - right.get(one, 0.0)) for one in samples}
    weights = {subject: weight for subject, weight in both.items() if weight}
    parts = units_of(weights, samples, spread_of(single.metric))
    found = estimate(parts.units, parts.constant + side * float(single.left.number - single.right.number))
    p_for, p_against = (None, None) if found is None else p_values(single, found, side)
    return Evidence(
        # Of paired trainings only the seeds that both sides have count.
        difference=difference if found is None else found.value,
        interval=None if found is None else found.interval(),
        effect=_effect(weights, samples),
        p_for=p_for,
        p_against=p_against,
        images=images,
        seeds=seeds,
        paired=parts.paired,
    )


def side_of(relation: str) -> float:
    """By what left minus right is multiplied to be positive where it speaks for the claim."""
    return -1.0 if relation.startswith("<") else 1.0


def p_values(single: Single, found: Estimate, side: float) -> tuple[float, float]:
    """Of the claim and of its opposite. Agreement is claimed by two one-sided tests (Schuirmann 1987), a
    direction by one of the two sides of a two-sided test.

    found: the difference turned to the claim's side (`Evidence`); side: -1 where that took turning, else 1.
    """
    if single.relation in ("=", "~"):
        margin = float(single.tolerance or 0)
        agrees = max(found.p_above(-margin), found.p_below(margin))
        return agrees, min(1.0, 2 * min(found.p_above(margin), found.p_below(-margin)))
    equal_is_enough = single.relation.endswith("=") and found.error == found.value == 0
    p_for = 0.0 if equal_is_enough else 2 * found.p_above(0)
    p_against = 2 * found.p_below(0)
    for quantity, sign in ((single.left, side), (single.right, -side)):
        if chosen := _chosen_from(quantity):
            # The best of several looks better than it is: whom that helps pays for the choice (Bonferroni).
            helped = sign * quantity.sign if quantity.form == "best" else -sign
            p_for, p_against = (p_for * chosen, p_against) if helped > 0 else (p_for, p_against * chosen)
    return min(1.0, p_for), min(1.0, p_against)


def effect_size(differences: np.ndarray) -> float | None:
    """Cohen's d of paired differences: mean over standard deviation (n - 1); None where that is zero."""
    if differences.size < 2 or np.ptp(differences) == 0:
        return None
    return float(differences.mean() / differences.std(ddof=1))


def _chosen_from(quantity: Quantity) -> int:
    """Of how many methods the best was chosen; 0 where none was."""
    counts = {"best": len(quantity.subjects), "lead": len(quantity.subjects) - 1}
    return counts.get(quantity.form, 0)


def _of_count(
    single: Single, samples: Mapping[Subject, Measurement], side: float
) -> tuple[float, float] | None:
    """Between which counts of better methods the truth lies, all at once (Bonferroni)."""
    left = _bounds(single.left, samples, single.metric)
    right = _bounds(single.right, samples, single.metric)
    if left is None or right is None:
        return None
    ends = sorted((side * (left[0] - right[1]), side * (left[1] - right[0])))
    return ends[0], ends[1]


def _bounds(
    quantity: Quantity, samples: Mapping[Subject, Measurement], metric: str
) -> tuple[float, float] | None:
    if quantity.form != "better_than":
        value = float(quantity.of({subject: sample.mean for subject, sample in samples.items()}))
        return value, value
    first, *others = quantity.subjects
    sign = float(quantity.sign)
    gaps = [units_of({other: sign, first: -sign}, samples, spread_of(metric)) for other in others]
    found = [estimate(parts.units, parts.constant) for parts in gaps]
    if any(one is None for one in found):
        return None
    level = 1 - (1 - LEVEL) / max(1, len(found))
    ends = [one.interval(level) for one in found if one is not None]
    return float(sum(low > 0 for low, _ in ends)), float(sum(high >= 0 for _, high in ends))


def _effect(weights: Mapping[Subject, float], samples: Mapping[Subject, Measurement]) -> float | None:
    if len({samples[subject].images for subject in weights}) != 1:
        return None
    tables = list(_tables(weights, samples))
    return effect_size(np.sum(tables, axis=0)) if len(tables) == len(weights) else None


def _tables(weights: Mapping[Subject, float], samples: Mapping[Subject, Measurement]) -> Iterator[np.ndarray]:
    """Weighted values of each image, seeds averaged, of every subject that has them."""
    for subject, weight in weights.items():
        per_image = samples[subject].per_image
        if per_image is not None:
            yield weight * per_image.mean(axis=0)
