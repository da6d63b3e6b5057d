"""Raters made of random numbers, whose true opinions are known: they show whether statistics find them again.

They answer no page, write no result file and fill no cell.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

CATEGORIES = 5


@dataclass(frozen=True)
class Panel:
    """Raters of scores. qualities: version -> what the average rater feels of an average image.

    What is felt is quality + rater (strict or lenient) + image (a good photograph or not) + the version's
    luck with this image + the rater's own taste for the version + noise, all normal with these standard
    deviations; the score is the nearest category.
    """

    qualities: dict[str, float]
    rater: float = 0.4
    image: float = 0.3
    version_image: float = 0.4
    version_rater: float = 0.3
    noise: float = 0.7

    @property
    def spread(self) -> float:
        """Standard deviation of what is felt about one version."""
        parts = (self.rater, self.image, self.version_image, self.version_rater, self.noise)
        return float(np.sqrt(np.square(parts).sum()))

    def truth(self, version: str) -> float:
        """The mean score of infinitely many raters and images: an integral over the normal distribution."""
        edges = np.arange(1, CATEGORIES) + 0.5
        return float(1 + stats.norm.sf(edges, self.qualities[version], self.spread).sum())

    def scores(self, raters: int, images: int, random: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Version -> scores, raters x images."""
        strictness = self.rater * random.normal(size=(raters, 1))
        photograph = self.image * random.normal(size=(1, images))
        return {
            version: as_score(
                quality
                + strictness
                + photograph
                + self.version_image * random.normal(size=(1, images))
                + self.version_rater * random.normal(size=(raters, 1))
                + self.noise * random.normal(size=(raters, images))
            )
            for version, quality in self.qualities.items()
        }


def as_score(felt: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest category."""
    return np.clip(np.rint(felt), 1, CATEGORIES)


CHEATS: dict[str, Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]]] = {
    "clicks at random": lambda scores, random: random.integers(1, CATEGORIES + 1, scores.shape).astype(float),
    "always the same": lambda scores, _random: np.full_like(scores, 3.0),
    "scale upside down": lambda scores, _random: CATEGORIES + 1 - scores,
}


def as_ratings(scores: dict[str, NDArray[np.float64]], benchmark: str) -> pd.DataFrame:
    """Scores as the table that collected answers have, without repetitions."""
    rows = [
        (f"{rater:03d}", f"{version}-{image}", benchmark, f"{image:03d}", version, value, False, False)
        for version, table in scores.items()
        for (rater, image), value in np.ndenumerate(table)
    ]
    names = ["rater", "trial", "benchmark", "image", "version", "value", "again", "fast"]
    return pd.DataFrame(rows, columns=names)


def orders(
    strengths: dict[str, float], raters: int, cases: int, taste: float, random: np.random.Generator
) -> pd.DataFrame:
    """Orders after Plackett and Luce: each next best is drawn with a chance in proportion to e^strength.

    Each pair in such an order follows Bradley and Terry's model. taste: standard deviation of a rater's own
    strengths around the common ones. Every rater sees `cases` images.
    """
    versions = list(strengths)
    rows = []
    for rater in range(raters):
        own = np.array(list(strengths.values())) + taste * random.normal(size=len(versions))
        # The order of strength plus Gumbel noise is Plackett and Luce's.
        drawn = own + random.gumbel(size=(cases, len(versions)))
        ranks = (-drawn).argsort(axis=1).argsort(axis=1) + 1
        rows += [
            (
                f"{rater:03d}",
                f"t{case}",
                "one",
                f"{(rater * cases + case) % 100:03d}",
                version,
                int(ranks[case, n]),
            )
            for case in range(cases)
            for n, version in enumerate(versions)
        ]
    return pd.DataFrame(rows, columns=["rater", "trial", "benchmark", "image", "version", "value"])
