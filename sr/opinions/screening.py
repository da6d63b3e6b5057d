"""Which raters are set apart, by the rules that the study states; each is named with what it broke."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sr.opinions.collect import Collected
from sr.opinions.study import Screening

OUTLYING = 0.05  # BT.500: share of a rater's scores that may lie outside the band
ONE_SIDED = 0.3  # BT.500: a rater who is always on the same side is strict or lenient, not erratic
_STIMULUS = ["benchmark", "image", "version"]


def screen(collected: Collected) -> pd.DataFrame:
    """A row for each rater: what the rules measured, and `apart`, the reason why it does not count, or ''.

    Columns that the study has no rule for are missing values.
    """
    rules = collected.key.study.screening
    first = collected.ratings[~collected.ratings["again"]]
    raters = sorted(collected.results)
    found = pd.DataFrame(index=pd.Index(raters, name="rater"))
    found["answers"] = first.groupby("rater")["trial"].nunique()
    found["fast"] = first.groupby("rater")["fast"].mean()
    found["calibrated"] = _calibrated(collected, rules)
    found["outside"], found["one_sided"] = _outside(first, rules)
    found["agreement"] = _agreement(first, rules)
    found["apart"] = ["; ".join(_reasons(row, rules)) for row in found.to_dict("records")]
    return found.reset_index()


def _reasons(row: dict[Hashable, Any], rules: Screening) -> list[str]:
    reasons = []
    if row["fast"] > rules.fast_share:
        reasons.append(f"{row['fast']:.0%} of the answers came sooner than {rules.fastest_ms} ms")
    if rules.calibration and row["calibrated"] < rules.calibration.share:
        reasons.append(f"{row['calibrated']:.0%} of the later calibration answers were right")
    if rules.outliers and row["outside"] > OUTLYING and row["one_sided"] < ONE_SIDED:
        reasons.append(
            f"{row['outside']:.0%} of the scores lie apart from the others', on both sides (BT.500)"
        )
    if rules.agreement is not None and not row["agreement"] >= rules.agreement:
        reasons.append(f"rank correlation {row['agreement']:.2f} with the others")
    return reasons


def _calibrated(collected: Collected, rules: Screening) -> pd.Series | float:
    """Share of right answers in the second half of the calibration, when it could be learned from."""
    answers = collected.calibration
    if not rules.calibration or answers.empty:
        return np.nan
    later = answers[answers["number"] > answers["number"].max() / 2]
    right = (later["value"] - later["expected"]).abs() <= rules.calibration.within
    return right.groupby(later["rater"]).mean()


def _outside(ratings: pd.DataFrame, rules: Screening) -> tuple[pd.Series | float, pd.Series | float]:
    if not rules.outliers or ratings.empty:
        return np.nan, np.nan
    table = ratings.pivot_table(index="rater", columns=_STIMULUS, values="value")
    outside, one_sided = outliers(table.to_numpy(dtype=float))
    return pd.Series(outside, table.index), pd.Series(one_sided, table.index)


def outliers(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """ITU-R BT.500's two numbers for each rater. scores: raters x stimuli, NaN where there is none.

    A score lies outside when it is twice the stimulus' standard deviation away from its mean, or sqrt(20)
    times where the scores are not normal (kurtosis outside 2 to 4). Returned are the share outside,
    (P + Q) / all, and how one-sided it is, |P - Q| / (P + Q). Stimuli that all agree on say nothing,
    and neither does a single rater.
    """
    if len(scores) < 2:
        return np.zeros(len(scores)), np.zeros(len(scores))
    mean, deviation = np.nanmean(scores, axis=0), np.nanstd(scores, axis=0, ddof=1)
    centred = scores - mean
    with np.errstate(invalid="ignore", divide="ignore"):
        kurtosis = np.nanmean(centred**4, axis=0) / np.nanmean(centred**2, axis=0) ** 2
    band = np.where((kurtosis >= 2) & (kurtosis <= 4), 2.0, np.sqrt(20.0)) * deviation
    telling = deviation > 0
    above = ((centred >= band) & telling).sum(axis=1)
    below = ((centred <= -band) & telling).sum(axis=1)
    total = above + below
    share = total / np.maximum(np.isfinite(scores).sum(axis=1), 1)
    return share, np.where(total > 0, np.abs(above - below) / np.maximum(total, 1), 0.0)


def _agreement(ratings: pd.DataFrame, rules: Screening) -> pd.Series | float:
    """Spearman's correlation of a rater's scores with the means of all others'."""
    if rules.agreement is None or ratings.empty:
        return np.nan
    table = ratings.pivot_table(index="rater", columns=_STIMULUS, values="value")
    if len(table) < 3:
        return pd.Series(1.0, table.index)  # two can only disagree with each other
    others = {rater: table.drop(index=rater).mean() for rater in table.index}
    found = {rater: _correlation(table.loc[rater], others[rater]) for rater in table.index}
    return pd.Series(found)


def _correlation(one: pd.Series, other: pd.Series) -> float:
    """0 for a rater who always gives the same score."""
    if one.nunique() < 2 or other.nunique() < 2:
        return 0.0
    return float(one.corr(other, method="spearman"))
