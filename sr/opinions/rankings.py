"""What orders say: the share of each place, whether versions differ at all, and how much better each is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from sr.opinions.statistics import estimate
from sr.opinions.study import Study

ALL = "all"  # in place of a benchmark: every case together


@dataclass(frozen=True)
class Friedman:
    """Friedman's test over cases. concordance: Kendall's W, 0 for chance, 1 when everybody agrees."""

    chi_square: float
    p: float
    concordance: float
    cases: int


def parts(ratings: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """All orders together, then those of each benchmark, if there are several."""
    yield ALL, ratings
    if ratings["benchmark"].nunique() > 1:
        yield from ((str(name), rows) for name, rows in ratings.groupby("benchmark", sort=False))


def places(study: Study, ratings: pd.DataFrame) -> pd.DataFrame:
    """Share of each place for each version, with an interval in which raters and images are random."""
    rows = []
    for part, chosen in parts(ratings):
        for version in (name for name in study.versions if name in set(chosen["version"])):
            own = chosen[chosen["version"] == version]
            for place in range(1, int(chosen["value"].max()) + 1):
                given = own.assign(hit=(own["value"] == place).astype(float))
                table = given.pivot_table(index="rater", columns=["benchmark", "image"], values="hit")
                found = estimate(table.to_numpy(dtype=float), study.level)
                low, high = found.interval or (np.nan, np.nan)
                rows.append(
                    {"part": part, "version": version, "place": place, "share": float(given["hit"].mean())}
                    | {"low": max(0.0, low), "high": min(1.0, high), "count": int(given["hit"].sum())}
                )
    return pd.DataFrame(rows)


def friedman(ratings: pd.DataFrame) -> Friedman | None:
    """Whether the versions' places differ by more than chance; None for fewer than three versions."""
    table = ratings.pivot_table(index=["rater", "trial"], columns="version", values="value").dropna()
    if table.shape[1] < 3 or len(table) < 2:
        return None
    chi_square, p = stats.friedmanchisquare(*(table[name] for name in table))
    return Friedman(
        float(chi_square), float(p), float(chi_square / (len(table) * (table.shape[1] - 1))), len(table)
    )


def strengths(study: Study, ratings: pd.DataFrame) -> pd.DataFrame:
    """Bradley-Terry: log-strengths that sum to zero, their intervals, the chance to beat an average version.

    Every order is taken apart into its pairs, of which the better one wins with probability
    e^a / (e^a + e^b) (Bradley and Terry, 1952). Intervals are by sandwich over raters, whose pairs hang
    together. Strengths are missing where a version was always, or never, the better one.
    """
    rows = []
    for part, chosen in parts(ratings):
        versions = [name for name in study.versions if name in set(chosen["version"])]
        values, errors = bradley_terry(_wins(chosen, versions), len(versions))
        half = stats.norm.ppf(1 - study.level / 2) * errors
        for version, value, width in zip(versions, values, half, strict=True):
            chance = float(1 / (1 + np.exp(-value)))
            rows.append(
                {
                    "part": part,
                    "version": version,
                    "strength": value,
                    "low": value - width,
                    "high": value + width,
                }
                | {"beats_average": chance}
            )
    return pd.DataFrame(rows)


def _wins(ratings: pd.DataFrame, versions: list[str]) -> pd.DataFrame:
    """Rater, winner and loser of every pair in every order, versions as numbers."""
    table = ratings.pivot_table(index=["rater", "trial"], columns="version", values="value").reindex(
        columns=versions
    )
    raters = table.index.get_level_values("rater").to_numpy()
    found = []
    for a, b in combinations(range(len(versions)), 2):
        left, right = table.iloc[:, a].to_numpy(), table.iloc[:, b].to_numpy()
        met = np.isfinite(left) & np.isfinite(right)
        first = left[met] < right[met]
        pairs = {"winner": np.where(first, a, b), "loser": np.where(first, b, a)}
        found.append(pd.DataFrame({"rater": raters[met], **pairs}))
    return (
        pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["rater", "winner", "loser"])
    )


def bradley_terry(wins: pd.DataFrame, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-strengths of `count` versions, summing to zero, and their standard errors; NaN where none exist.

    wins: rater, winner and loser (numbers from 0) of each comparison.
    """
    import statsmodels.api as sm

    nothing = np.full(count, np.nan)
    beaten = {(a, b) for a, b in zip(wins["winner"], wins["loser"], strict=True)}
    if wins["rater"].nunique() < 2 or not _connected(beaten, count):
        return nothing, nothing
    design = np.zeros((len(wins), count))
    design[np.arange(len(wins)), wins["winner"]] = 1.0
    design[np.arange(len(wins)), wins["loser"]] = -1.0
    # The last strength is minus the sum of the others. Sides are swapped now and then: a model of wins alone
    # would have no losses to learn from.
    contrast = np.vstack([np.eye(count - 1), -np.ones(count - 1)])
    won = np.arange(len(wins)) % 2 == 0
    design = np.where(won[:, None], design, -design) @ contrast
    fitted = sm.GLM(won.astype(float), design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(wins["rater"])[0]}
    )
    covariance = contrast @ fitted.cov_params() @ contrast.T
    return contrast @ fitted.params, np.sqrt(np.diag(covariance))


def _connected(beaten: set[tuple[int, int]], count: int) -> bool:
    """Ford's condition: from every version a chain of wins leads to every other one."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if count < 2 or not beaten:
        return False
    edges = np.zeros((count, count))
    edges[tuple(np.array(sorted(beaten)).T)] = 1
    return int(connected_components(csr_array(edges), directed=True, connection="strong")[0]) == 1
