"""How sure a mean over images and seeds is: the percentile bootstrap, one for tables and claims alike."""

import zlib
from functools import cache

import numpy as np

from sr.results.measurement import Measurement

DRAWS = 2000
LEVEL = 0.95
SEED = 0


def drawn_means(measurement: Measurement) -> np.ndarray:
    """The mean of each bootstrap draw, shape DRAWS: images and seeds are drawn with replacement.

    An image that is hard for one training is hard for the next, so all seeds of a draw see the same images (a
    crossed design); and a benchmark's images are drawn alike for every method, which makes comparisons of two
    methods paired ones. Seeds are drawn for each method by itself. The generators are seeded by name, so that
    the same scores always give the same draws. The metric must have a value for each image.
    """
    values = measurement.per_image
    assert values is not None, "a metric of a whole set has nothing to draw from"
    seeds, images = values.shape
    image_weights = _weights(f"images of {measurement.benchmark}", images)
    seed_weights = _weights(f"seeds of {measurement.group.name}", seeds)
    return np.einsum("ds,si,di->d", seed_weights, values, image_weights, optimize=True)


def percentiles(draws: np.ndarray) -> tuple[float, float]:
    """The interval that holds LEVEL of the draws."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def mean_interval(measurement: Measurement) -> tuple[float, float] | None:
    """95 % interval of a measurement's mean.

    None where there is nothing to draw from: a metric of a whole set, a single value, or values that are not
    finite. With one seed only images are drawn.
    """
    values = measurement.per_image
    if values is None or values.size < 2 or not np.isfinite(values).all():
        return None
    return percentiles(drawn_means(measurement))


@cache
def _weights(of: str, count: int) -> np.ndarray:
    """Share of each of `count` items among `count` draws; one row for each draw."""
    generator = np.random.default_rng([SEED, zlib.crc32(of.encode())])
    return generator.multinomial(count, np.full(count, 1 / count), size=DRAWS) / count
