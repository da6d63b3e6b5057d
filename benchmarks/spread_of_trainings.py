"""How far trainings of one recipe lie apart in the stored results, for each metric: what spread.yaml cites.

`python -m benchmarks.spread_of_trainings [SCORES]` (default: results/reference/cpu/scores).

Values of several seeds on several images are split into a part that a seed adds to all images and a part of
single images (two-way analysis of variance without replication). Of two recipes that are paired (see
sr.results.pairing) the differences are split in the same way. The variances of recipes differ; how much so is
the `worth`, in degrees of freedom, of a spread that was not measured but taken from others: the likelihood of
the F distribution is largest there.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.stats import f as f_distribution

from sr.project import root
from sr.results.measurement import Measurement, Results, results_of_folder
from sr.results.pairing import are_paired
from sr.results.source import Kind

_SEEDS = 3
_WORTHS = (0.5, 100.0)


def main() -> None:
    """Print a line for each metric, of trainings alone and of paired differences."""
    scores = Path(sys.argv[1]) if len(sys.argv) > 1 else root() / "results/reference/cpu/scores"
    print("metric  of      seed      seed_by_image  typical   worth  cells")
    for (metric, of), tables in sorted(tables_of(results_of_folder(scores), scores).items()):
        parts = np.array([components(table) for table in tables])
        seed, by_image = np.sqrt(np.maximum(parts.mean(axis=0), 0))
        typical, worth = fitted([table.mean(axis=1).var(ddof=1) for table in tables])
        print(f"{metric:7} {of:7} {seed:<9.3g} {by_image:<14.3g} {typical:<9.3g} {worth:<6.2g} {len(tables)}")


def tables_of(results: Results, scores: Path) -> dict[tuple[str, str], list[np.ndarray]]:
    """(metric, `alone` or `paired`) -> values, or differences of pairs, as seeds x images."""
    found: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for protocol in sorted(path.name for path in scores.iterdir() if path.is_dir()):
        for cells in _cells(results, protocol):
            for one in cells:
                found[one.metric, "alone"].append(one.per_image)  # type: ignore[arg-type]
            for one, other in combinations(cells, 2):
                if one.seeds == other.seeds and are_paired(one.group.source, other.group.source):
                    difference = one.per_image - other.per_image  # type: ignore[operator]
                    # Recipes that are one training under a small budget have no difference at all.
                    if np.any(difference):
                        found[one.metric, "paired"].append(difference)
    return found


def _cells(results: Results, protocol: str) -> Iterator[list[Measurement]]:
    """For each benchmark and metric, what trainings of enough seeds have there."""
    trained = [group for group in results.groups if group.kind == Kind.TRAINED]
    for benchmark in results.ready:
        metrics = {
            name
            for group in trained
            for score in results.scored(protocol, group, benchmark)
            for name in score.per_image
        }
        for metric in sorted(metrics):
            values = [results.measure(protocol, group, benchmark, metric) for group in trained]
            yield [one for one in values if isinstance(one, Measurement) and len(one.seeds) >= _SEEDS]


def components(table: np.ndarray) -> tuple[float, float]:
    """Variance that a seed adds to all images, and variance of single images; of values as seeds x images."""
    seeds, images = table.shape
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    by_image = float((rest**2).sum() / ((seeds - 1) * max(1, images - 1)))
    return float(table.mean(axis=1).var(ddof=1)) - by_image / images, by_image


def fitted(variances: list[float], freedom: int = _SEEDS - 1) -> tuple[float, float]:
    """Scale, as a standard deviation, and degrees of freedom of the scaled inverse chi-square that variances
    were drawn from, each seen with `freedom` degrees of freedom: their ratios to it follow F(freedom, worth).
    """
    values = np.array(variances)

    def surprise(logs: np.ndarray) -> float:
        scale, worth = np.exp(logs[0]), np.clip(np.exp(logs[1]), *_WORTHS)
        return -float(np.sum(f_distribution.logpdf(values / scale, freedom, worth) - logs[0]))

    best = minimize(surprise, np.array([np.log(values.mean()), np.log(4.0)]), method="Nelder-Mead")
    return float(np.exp(best.x[0] / 2)), float(np.clip(np.exp(best.x[1]), *_WORTHS))


if __name__ == "__main__":
    main()
