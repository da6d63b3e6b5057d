"""How sure a mean over trainings is: t with a stated spread as a pseudo-sample, for tables and claims alike.

The images of a benchmark are the same for paper and replication, so they are no chance; what would be another
number next time is the training. Its variance is estimated from the measured seeds and from a stated spread
together, each with its degrees of freedom (the moderated t of Smyth 2004, Statistical Applications in
Genetics and Molecular Biology 3, article 3). So one seed has an interval too, and a second makes it better.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from sr.papers.spread import spread_of
from sr.results.measurement import Measurement
from sr.results.source import Kind

LEVEL = 0.95


@dataclass(frozen=True)
class Unit:
    """Values that vary together, one for each seed (or image), of which the mean counts.

    variance: stated for one value, None where nothing is. worth: degrees of freedom of what is stated.
    """

    values: Sequence[float] | np.ndarray
    variance: float | None = None
    worth: float = 0.0

    @property
    def freedom(self) -> int:
        """Degrees of freedom that the values have by themselves."""
        return len(self.values) - 1

    @property
    def measured(self) -> float:
        """Their variance (n - 1); 0 of a single one."""
        return float(np.var(self.values, ddof=1)) if self.freedom else 0.0


@dataclass(frozen=True)
class Estimate:
    """A sum of means, its standard error and the degrees of freedom of that: value/error follows t."""

    value: float
    error: float
    freedom: float

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Where the expectation lies in a share `level` of all repetitions."""
        half = self.error * quantile((1 + level) / 2, self.freedom)
        return self.value - half, self.value + half

    def p_above(self, border: float) -> float:
        """One-sided p-value of the claim that the expectation lies above a border."""
        return self._beyond(self.value - border)

    def p_below(self, border: float) -> float:
        """One-sided p-value of the claim that the expectation lies below a border."""
        return self._beyond(border - self.value)

    def _beyond(self, distance: float) -> float:
        from scipy.special import stdtr

        if self.error == 0:
            return 0.0 if distance > 0 else 1.0
        return float(stdtr(self.freedom, -distance / self.error))


def estimate(units: Sequence[Unit], constant: float = 0.0) -> Estimate | None:
    """The sum of the units' means and a constant. None where the chance of a unit is neither stated nor
    measured, and where there is no unit.

    Where all have a stated variance, their true ones are taken to exceed it by one common factor, which all
    seeds and the stated spread estimate together. Otherwise each unit stands by its own variance (Welch).
    """
    if not units:
        return None
    value = constant + float(sum(np.mean(unit.values) for unit in units))
    if any(unit.variance is None for unit in units):
        return _welch(value, units)
    factor, freedom = _moderation(units)
    return Estimate(value, sqrt(factor * sum(_stated(unit) / len(unit.values) for unit in units)), freedom)


def moderated(units: Sequence[Unit]) -> list[Unit]:
    """The units with the variance that `estimate` takes them to have, from what is stated and measured.

    Those with no stated variance stay as they are, all of them where one has none.
    """
    if not units or any(unit.variance is None for unit in units):
        return list(units)
    factor, _ = _moderation(units)
    return [replace(unit, variance=factor * _stated(unit)) for unit in units]


def _moderation(units: Sequence[Unit]) -> tuple[float, float]:
    """The factor by which true variances exceed the stated ones, and its degrees of freedom."""
    worth = min(unit.worth for unit in units)
    freedom = worth + sum(unit.freedom for unit in units)
    measured = sum(unit.freedom * unit.measured / _stated(unit) for unit in units)
    return (worth + measured) / freedom, freedom


def _stated(unit: Unit) -> float:
    assert unit.variance is not None
    return unit.variance


def _welch(value: float, units: Sequence[Unit]) -> Estimate | None:
    if any(not unit.freedom for unit in units):
        return None
    parts = [unit.measured / len(unit.values) for unit in units]
    total = sum(parts)
    if total == 0:
        return Estimate(value, 0.0, float(sum(unit.freedom for unit in units)))
    freedom = total**2 / sum(part**2 / unit.freedom for part, unit in zip(parts, units, strict=True))
    return Estimate(value, sqrt(total), freedom)


def quantile(share: float, freedom: float) -> float:
    """The value of Student's t below which it lies in a share of all cases."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))


def mean_of_trainings(measurement: Measurement) -> Estimate | None:
    """A measurement's mean over the seeds. None for what was not trained here, and where the spread of its
    trainings is neither stated nor measured.
    """
    if measurement.group.kind != Kind.TRAINED or not np.isfinite(measurement.of_seeds).all():
        return None
    spread = spread_of(measurement.metric)
    if spread is None:
        return estimate([Unit(measurement.of_seeds)])
    alone = spread.alone
    return estimate([Unit(measurement.of_seeds, alone.variance(len(measurement.images)), alone.worth)])


def of_one_training(mean: Estimate, seeds: int) -> Estimate:
    """The same for another single training, which differs from the mean by a chance of its own."""
    return Estimate(mean.value, mean.error * sqrt(1 + seeds), mean.freedom)


def over_images(measurement: Measurement) -> tuple[float, float] | None:
    """Where the mean over other images of the kind lies, seeds averaged: of what people say of images. None
    for a single image, and where there are no values of images.
    """
    if measurement.per_image is None:
        return None
    found = estimate([Unit(measurement.per_image.mean(axis=0))])
    return None if found is None else found.interval()


def next_training(measurement: Measurement) -> tuple[float, float] | None:
    """Where the number of another training is expected, that of the paper for instance, by its seed alone.

    None where `mean_of_trainings` is. What was not trained here would be the same number again.
    """
    mean = mean_of_trainings(measurement)
    return None if mean is None else of_one_training(mean, len(measurement.of_seeds)).interval()
