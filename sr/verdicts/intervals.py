"""How sure a mean over images and seeds is: the percentile bootstrap."""

import numpy as np

DRAWS = 2000
LEVEL = 0.95
SEED = 0


def bootstrap_interval(values: np.ndarray) -> tuple[float, float] | None:
    """95 % interval of the mean of `values`, shape seeds x images; both are drawn with replacement.

    One draw takes the same images for every seed, since an image that is hard for one training is hard for
    the next (a crossed design). With one seed only images are drawn. None where there is nothing to draw
    from: a single value, or values that are not finite. The generator is seeded, so that the same scores
    always give the same interval.
    """
    seeds, images = values.shape
    if values.size < 2 or not np.isfinite(values).all():
        return None
    generator = np.random.default_rng(SEED)
    drawn_images = _weights(generator, images)
    drawn_seeds = _weights(generator, seeds)
    means = np.einsum("ds,si,di->d", drawn_seeds, values, drawn_images)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _weights(generator: np.random.Generator, count: int) -> np.ndarray:
    """Share of each of `count` items among `count` draws; one row for each bootstrap sample."""
    return generator.multinomial(count, np.full(count, 1 / count), size=DRAWS) / count
