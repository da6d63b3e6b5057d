"""What scores say: means and their intervals, paired tests, test-retest, and what the paper states of them.

A table of scores is raters x images. Both are random effects: an interval says what other raters would have
given to other images of the same kind, and not only what these people would say of these images again.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sr.opinions.study import Stated, Study

Scores = NDArray[np.float64]
Row = Mapping[Hashable, Any]  # of the table of differences


@dataclass(frozen=True)
class Estimate:
    """A mean over raters and images. interval: at the study's level; None where nothing tells its width, as
    when all scores are the same.

    rater, image, residual: standard deviations of the three random effects, in units of the score.
    """

    mean: float
    interval: tuple[float, float] | None
    ratings: int
    rater: float
    image: float
    residual: float


def estimate(scores: Scores, level: float) -> Estimate:
    """The mean of scores (raters x images, NaN where there is none) with raters and images as random.

    With mean squares of the two-way layout, the variance of the mean is
    (MS_raters + MS_images - MS_rest) / n, and its degrees of freedom are Satterthwaite's. Where a few scores
    are missing, the layout is taken as if balanced. With one rater or one image, that effect can not be told
    and is not in the interval.
    """
    present = np.isfinite(scores)
    scores = scores[present.any(axis=1)][:, present.any(axis=0)]
    present = np.isfinite(scores)
    n, (raters, images) = int(present.sum()), scores.shape
    if not n:
        return Estimate(float("nan"), None, 0, 0.0, 0.0, 0.0)
    mean = float(np.nanmean(scores))
    centred = np.where(present, scores - mean, 0.0)
    by_rater = centred.sum(axis=1) / present.sum(axis=1)
    by_image = centred.sum(axis=0) / present.sum(axis=0)
    rest = np.where(present, centred - by_rater[:, None] - by_image[None, :], 0.0)
    squares = [
        (float(present.sum(axis=1) @ by_rater**2), raters - 1),
        (float(present.sum(axis=0) @ by_image**2), images - 1),
        (float((rest**2).sum()), n - raters - images + 1),
    ]
    ms = [total / freedom if freedom > 0 else 0.0 for total, freedom in squares]
    return Estimate(
        mean,
        _interval(mean, ms, [freedom for _, freedom in squares], n, level),
        n,
        rater=max(0.0, (ms[0] - ms[2]) / (n / raters)) ** 0.5,
        image=max(0.0, (ms[1] - ms[2]) / (n / images)) ** 0.5,
        residual=ms[2] ** 0.5,
    )


def _interval(
    mean: float, ms: list[float], freedom: list[int], n: int, level: float
) -> tuple[float, float] | None:
    raters, images, rest = freedom
    if raters < 1 and images < 1:
        return None
    signs = (1.0, 1.0, -1.0 if raters >= 1 and images >= 1 else 0.0)
    parts = [sign * square / n for sign, square in zip(signs, ms, strict=True)]
    # A negative estimate of an effect counts as none: no less than the larger of the two.
    variance = max(sum(parts), parts[0], parts[1])
    if variance == 0:
        return None
    spread = sum(part**2 / free for part, free in zip(parts, (raters, images, rest), strict=True) if free > 0)
    half = float(stats.t.ppf(1 - level / 2, max(1.0, variance**2 / spread))) * variance**0.5
    return mean - half, mean + half


def table_of(ratings: pd.DataFrame, benchmark: str, version: str) -> pd.DataFrame:
    """Scores of one version: raters x images, the repetitions left out."""
    chosen = ratings[
        (ratings["benchmark"] == benchmark) & (ratings["version"] == version) & ~ratings["again"]
    ]
    return chosen.pivot_table(index="rater", columns="image", values="value")


def opinion_scores(study: Study, ratings: pd.DataFrame) -> pd.DataFrame:
    """Mean opinion score of each benchmark and version, its interval, and how often each score was given.

    `rank` is the mean place of a rater's scores of one image among the versions, 1 the best, ties averaged.
    """
    rows = []
    places = _places(ratings)
    for benchmark, version in _pairs_of_names(study, ratings):
        table = table_of(ratings, benchmark, version)
        found = estimate(table.to_numpy(dtype=float), study.level)
        counts = pd.Series(table.to_numpy().ravel()).value_counts()
        rows.append(
            {"benchmark": benchmark, "version": version, "mos": found.mean}
            | _ends(found.interval, study.scale.categories)
            | {"ratings": found.ratings, "raters": len(table), "images": table.shape[1]}
            | {"rank": places.get((benchmark, version), np.nan)}
            | {"sd_rater": found.rater, "sd_image": found.image, "sd_residual": found.residual}
            | {f"given_{score}": int(counts.get(score, 0)) for score in study.scale.categories}
        )
    return pd.DataFrame(rows)


def _ends(interval: tuple[float, float] | None, scale: range | None = None) -> dict[str, float]:
    """The ends of an interval, not beyond those of the scale."""
    low, high = np.clip(
        interval or (np.nan, np.nan), *((scale[0], scale[-1]) if scale else (-np.inf, np.inf))
    )
    return {"low": float(low), "high": float(high)}


def _places(ratings: pd.DataFrame) -> dict[Any, float]:
    first = ratings[~ratings["again"]]
    ranks = first.groupby(["rater", "benchmark", "image"])["value"].rank(ascending=False)
    return dict(ranks.groupby([first["benchmark"], first["version"]]).mean())


def _pairs_of_names(study: Study, ratings: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """(benchmark, version) that were rated, in the study's order."""
    rated = set(zip(ratings["benchmark"], ratings["version"], strict=True))
    benchmarks = list(dict.fromkeys([*study.images, *sorted({name for name, _ in rated})]))
    return ((b, v) for b in benchmarks for v in study.versions if (b, v) in rated)


def differences(study: Study, ratings: pd.DataFrame) -> pd.DataFrame:
    """Every pair of versions on a benchmark: the difference in MOS, and paired two-sided Wilcoxon tests.

    p: over all pairs of ratings by one rater of one image, as SRGAN's samples; p_holm: corrected for the
    pairs of the benchmark; p_images and p_raters: over means of images and of raters, which are independent.
    """
    rows = []
    names = list(_pairs_of_names(study, ratings))
    for benchmark in dict.fromkeys(name for name, _ in names):
        tables = {v: table_of(ratings, benchmark, v) for b, v in names if b == benchmark}
        found = [_difference(study, benchmark, *pair, tables) for pair in combinations(tables, 2)]
        rows += _holm(found)
    return pd.DataFrame(rows)


def _difference(
    study: Study, benchmark: str, left: str, right: str, tables: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    gap = tables[left] - tables[right]
    values = gap.to_numpy(dtype=float)
    found = estimate(values, study.level)
    return (
        {"benchmark": benchmark, "left": left, "right": right, "difference": found.mean}
        | _ends(found.interval)
        | {"pairs": found.ratings, "p": wilcoxon(values.ravel())}
        | {
            "p_images": wilcoxon(gap.mean(axis=0).to_numpy()),
            "p_raters": wilcoxon(gap.mean(axis=1).to_numpy()),
        }
    )


def wilcoxon(values: Scores) -> float:
    """Two-sided p of the Wilcoxon signed-rank test, zero differences left out; 1 where none is left.

    Exact for up to 50 differences of distinct sizes, else by the normal approximation, ties accounted for.
    """
    values = values[np.isfinite(values)]
    # Means of images differ in their last bits where they are equal.
    values = values[np.abs(values) > 1e-9]
    if not values.size:
        return 1.0
    distinct = len(np.unique(np.abs(values).round(9))) == values.size
    method = "exact" if distinct and values.size <= 50 else "asymptotic"
    return float(stats.wilcoxon(values, method=method).pvalue)


def _holm(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row with its p after Holm: the smallest times their number, the next times one less, and so on."""
    values = np.array([row["p"] for row in rows])
    order = values.argsort()
    corrected = np.empty(len(rows))
    steps = values[order] * np.arange(len(rows), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return [row | {"p_holm": float(p)} for row, p in zip(rows, corrected, strict=True)]


def retest(study: Study, ratings: pd.DataFrame) -> dict[str, float] | None:
    """How alike the first and the second score of the same picture are; None without repetitions.

    same, within_one: shares. kappa: Cohen's, with quadratic weights. p: Wilcoxon signed-rank.
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    keys = ["rater", "benchmark", "image", "version"]
    again = ratings["again"]
    both = ratings[again].merge(ratings[~again], on=keys, suffixes=("_second", "_first"))
    if both.empty:
        return None
    change = (both["value_second"] - both["value_first"]).to_numpy(dtype=float)
    scores = list(study.scale.categories)
    crossed = pd.crosstab(both["value_first"], both["value_second"]).reindex(
        index=scores, columns=scores, fill_value=0
    )
    varied = both["value_first"].nunique() > 1 and both["value_second"].nunique() > 1
    return {
        "pairs": float(len(both)),
        "same": float((change == 0).mean()),
        "within_one": float((np.abs(change) <= 1).mean()),
        "change": float(change.mean()),
        "kappa": float(cohens_kappa(crossed.to_numpy(), wt="quadratic").kappa) if varied else float("nan"),
        "p": wilcoxon(change),
    }


def stated_verdicts(study: Study, tests: pd.DataFrame, raters: int) -> pd.DataFrame:
    """What the paper states of significant differences, and whether it holds by the study's own test.

    raters: how many the tests are of. That there is no best version can be contradicted, but no test confirms
    it: the verdict then says how many found none.
    """
    rows = [_stated(study, one, tests, raters) for one in study.stated]
    return pd.DataFrame(rows, columns=["says", "source", "benchmark", "verdict", "reason"])


def _stated(study: Study, one: Stated, tests: pd.DataFrame, raters: int) -> dict[str, Any]:
    head = {"says": one.says, "source": one.source, "benchmark": one.benchmark}
    here = tests[tests["benchmark"] == one.benchmark] if len(tests) else tests
    found = {frozenset((row["left"], row["right"])): row for row in here.to_dict("records")}
    but_not = {frozenset(pair) for pair in one.but_not}
    shown = study.on(one.benchmark)
    pairs = combinations(shown, 2) if one.significant == "all" else one.significant
    wanted = {frozenset(pair) for pair in pairs} - but_not
    among = {frozenset(pair) for group in one.no_best for pair in combinations(group, 2)}
    needed = wanted | but_not | among
    missing = [pair for pair in needed if pair not in found]
    if missing:
        reason = f"{len(missing)} of {len(needed)} pairs were not rated"
        return head | {"verdict": "not run", "reason": reason}
    if one.no_best:
        return head | _no_best(one.no_best, found, study.level, raters)
    wrong = [_pair(p) + " does not differ" for p in wanted if not _differs(found[p], one.better, study.level)]
    wrong += [_pair(pair) + " does" for pair in but_not if found[pair]["p"] < study.level]
    reason = "; ".join(sorted(wrong)) or f"all {len(needed)} pairs come out so"
    return head | {"verdict": "contradicted" if wrong else "confirmed", "reason": reason}


def _no_best(
    groups: Sequence[Sequence[str]], found: Mapping[frozenset[str], Row], level: float, raters: int
) -> dict[str, str]:
    """Whether one version of a group is significantly above each of the others."""
    best = [
        name
        for group in groups
        for name in group
        if all(_differs(found[frozenset((name, other))], name, level) for other in group if other != name)
    ]
    if best:
        reason = "; ".join(f"{name} is above all others of its group" for name in best)
        return {"verdict": "contradicted", "reason": reason}
    reason = "no version is significantly above all others of its group"
    return {"verdict": f"none found by {raters} rater{'s' * (raters != 1)}", "reason": reason}


def _pair(pair: frozenset[str]) -> str:
    return " against ".join(sorted(pair))


def _differs(row: Row, better: str | None, level: float) -> bool:
    """Whether a difference is significant, and on the stated side."""
    side = 1.0 if better in (None, row["left"]) else -1.0
    return bool(row["p"] < level and (better is None or side * row["difference"] > 0))
