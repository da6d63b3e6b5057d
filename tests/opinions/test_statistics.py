"""Statistics against formulas done by hand, other implementations, and raters whose truth is known."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sr.opinions import rankings
from sr.opinions.power import IMAGE, NOISE, RATER, smallest_difference
from sr.opinions.simulation import CATEGORIES, Panel, as_ratings, as_score, orders
from sr.opinions.statistics import differences, estimate, opinion_scores, retest, stated_verdicts, wilcoxon
from sr.opinions.study import Stated, Study
from tests.opinions.small_study import RANKING, STUDY

LEVEL = 0.05
NAMES = ("dull", "sharp", "wild", "truth")


def study(**changes: object) -> Study:
    return Study.model_validate(STUDY | changes)


def test_the_interval_is_that_of_the_two_way_layout_done_with_loops() -> None:
    scores = np.random.default_rng(0).normal(size=(7, 9)) + np.arange(7)[:, None] * 0.3
    raters, images = scores.shape
    grand = sum(scores[r, i] for r in range(raters) for i in range(images)) / (raters * images)
    of_rater = [sum(scores[r]) / images for r in range(raters)]
    of_image = [sum(scores[:, i]) / raters for i in range(images)]
    ms_rater = images * sum((m - grand) ** 2 for m in of_rater) / (raters - 1)
    ms_image = raters * sum((m - grand) ** 2 for m in of_image) / (images - 1)
    rest = sum(
        (scores[r, i] - of_rater[r] - of_image[i] + grand) ** 2 for r in range(raters) for i in range(images)
    )
    ms_rest = rest / ((raters - 1) * (images - 1))
    n = raters * images
    variance = (ms_rater + ms_image - ms_rest) / n
    freedom = (variance * n) ** 2 / (
        ms_rater**2 / (raters - 1) + ms_image**2 / (images - 1) + ms_rest**2 / ((raters - 1) * (images - 1))
    )
    half = stats.t.ppf(0.975, freedom) * variance**0.5
    found = estimate(scores, LEVEL)
    assert found.mean == pytest.approx(grand)
    assert found.interval == pytest.approx((grand - half, grand + half))
    assert found.rater == pytest.approx(((ms_rater - ms_rest) / images) ** 0.5)
    assert found.residual == pytest.approx(ms_rest**0.5)


def test_with_one_image_only_raters_are_drawn_from() -> None:
    scores = np.random.default_rng(0).normal(size=(12, 1))
    half = stats.t.ppf(0.975, 11) * scores.std(ddof=1) / 12**0.5
    assert estimate(scores, LEVEL).interval == pytest.approx((scores.mean() - half, scores.mean() + half))


@pytest.mark.parametrize("scores", [np.full((4, 5), 3.0), np.array([[2.0]])])
def test_scores_that_are_all_alike_have_no_interval(scores: np.ndarray) -> None:
    found = estimate(scores, LEVEL)
    assert (found.mean, found.interval) == (scores[0, 0], None)


@pytest.mark.parametrize(("raters", "images"), [(26, 14), (10, 20)])
def test_intervals_hold_the_truth_as_often_as_they_say(raters: int, images: int) -> None:
    panel, random, studies = Panel({"middling": 2.6}), np.random.default_rng(5), 400
    truth = panel.truth("middling")
    found = [estimate(panel.scores(raters, images, random)["middling"], LEVEL) for _ in range(studies)]
    assert np.mean([one.mean for one in found]) == pytest.approx(truth, abs=0.02)
    inside = np.mean([one.interval[0] <= truth <= one.interval[1] for one in found if one.interval])
    assert 0.92 <= inside <= 0.98  # four standard errors around 0.95


def test_missing_scores_leave_the_mean_unbiased() -> None:
    panel, random = Panel({"middling": 2.6}), np.random.default_rng(2)
    inside = []
    for _ in range(300):
        scores = panel.scores(20, 20, random)["middling"]
        scores[random.random(scores.shape) < 0.15] = np.nan
        low, high = estimate(scores, LEVEL).interval or (0.0, 0.0)
        inside.append(low <= panel.truth("middling") <= high)
    assert 0.91 <= np.mean(inside) <= 0.985


def test_the_truth_of_a_panel_is_the_mean_of_very_many_scores() -> None:
    panel, random = Panel({"one": 1.2, "two": 3.4}), np.random.default_rng(0)
    for version in panel.qualities:
        felt = panel.qualities[version] + panel.spread * random.normal(size=400_000)
        assert as_score(felt).mean() == pytest.approx(panel.truth(version), abs=0.01)
        assert set(as_score(felt)) <= set(range(1, CATEGORIES + 1))


def test_opinion_scores_count_and_rank() -> None:
    ratings = as_ratings(
        {"dull": np.array([[1.0, 2.0], [1.0, 1.0]]), "truth": np.array([[5.0, 2.0], [5.0, 4.0]])}, "toy"
    )
    table = opinion_scores(study(), ratings).set_index("version")
    assert table.loc["dull", "mos"] == 1.25
    assert table.loc["truth", "mos"] == 4.0
    assert [table.loc["dull", f"given_{score}"] for score in range(1, 6)] == [3, 1, 0, 0, 0]
    # One tie of four comparisons: 2, 1.5, 2, 2 against 1, 1.5, 1, 1.
    assert table.loc["dull", "rank"] == pytest.approx(7.5 / 4)
    assert table.loc["truth", "rank"] == pytest.approx(4.5 / 4)


def test_wilcoxon_is_the_exact_signed_rank_test() -> None:
    """All 2^8 signs of the ranks 1 to 8, enumerated."""
    values = np.array([0.5, -1.1, 1.7, 2.2, 2.9, -3.4, 4.5, 5.1])
    ranks = np.arange(1, 9)
    observed = ranks[values > 0].sum()
    sums = [sum(r for r, sign in zip(ranks, signs, strict=True) if sign) for signs in np.ndindex(*[2] * 8)]
    low = np.mean([s <= observed for s in sums])
    high = np.mean([s >= observed for s in sums])
    assert wilcoxon(np.append(values, 0.0)) == pytest.approx(min(1.0, 2 * min(low, high)))
    assert wilcoxon(np.zeros(5)) == 1.0


def test_equal_versions_seldom_differ_and_distant_ones_do() -> None:
    random = np.random.default_rng(3)
    panel = Panel({"dull": 2.0, "sharp": 2.0, "truth": 3.0}, version_image=0, version_rater=0)
    wrong = right = 0
    for _ in range(60):
        found = differences(study(), as_ratings(panel.scores(12, 12, random), "toy"))
        p = {(row.left, row.right): row.p for row in found.itertuples()}
        wrong += p["dull", "sharp"] < LEVEL
        right += p["dull", "truth"] < LEVEL
    assert wrong <= 9  # of 60 at 5 %: 9 or fewer with a chance of 99.8 %
    assert right == 60


def test_holm_corrects_for_the_pairs_of_a_benchmark() -> None:
    panel = Panel({name: 2 + 0.2 * number for number, name in enumerate(NAMES)})
    found = differences(study(), as_ratings(panel.scores(6, 6, np.random.default_rng(0)), "toy"))
    order = found.sort_values("p")
    expected, largest = [], 0.0
    for number, p in enumerate(order["p"]):
        largest = max(largest, min(1.0, (len(order) - number) * p))
        expected.append(largest)
    assert order["p_holm"].to_list() == pytest.approx(expected)


def test_the_power_of_the_plan_is_that_of_simulated_studies() -> None:
    """Differences of the planned size, tested by their interval: about four of five are found."""
    raters, images = 26, 40
    size = smallest_difference(study(), images, raters)
    random = np.random.default_rng(0)
    found = 0
    for _ in range(400):
        # Felt, not rounded: the plan speaks of the difference itself. Both sides vary: the root of 2.
        gap = size + 2**0.5 * (
            RATER * random.normal(size=(raters, 1))
            + IMAGE * random.normal(size=(1, images))
            + NOISE * random.normal(size=(raters, images))
        )
        interval = estimate(gap, LEVEL).interval
        found += interval is not None and interval[0] > 0
    assert 0.72 <= found / 400 <= 0.86


def test_retest_by_hand() -> None:
    first = {"dull": [1.0, 2.0, 3.0], "truth": [5.0, 5.0, 4.0]}
    second = {"dull": [1.0, 3.0, 3.0], "truth": [5.0, 3.0, 4.0]}
    tables = [
        as_ratings({name: np.array([values]) for name, values in given.items()}, "toy").assign(again=again)
        for given, again in ((first, False), (second, True))
    ]
    found = retest(study(), pd.concat(tables))
    assert found is not None
    pairs = [(a, b) for name in first for a, b in zip(first[name], second[name], strict=True)]
    squared = sum((a - b) ** 2 for a, b in pairs) / len(pairs)
    by_chance = np.mean([(a - b) ** 2 for a, _ in pairs for _, b in pairs])
    assert found["same"] == pytest.approx(4 / 6)
    assert found["within_one"] == pytest.approx(5 / 6)
    assert found["change"] == pytest.approx(-1 / 6)
    assert found["kappa"] == pytest.approx(1 - squared / by_chance)
    assert retest(study(), tables[0]) is None


@pytest.mark.parametrize(
    ("p", "verdict"),
    [
        ({}, "confirmed"),
        ({("dull", "sharp"): 0.01}, "contradicted"),  # said not to differ
        ({("dull", "wild"): 0.2}, "contradicted"),
        ({("dull", "truth"): None}, "not run"),
    ],
)
def test_what_a_paper_states_is_held_against_every_pair(p: dict, verdict: str) -> None:
    rows = [
        {"benchmark": "toy", "left": a, "right": b, "difference": -1.0, "p": p.get((a, b), 0.001)}
        for a, b in combinations(NAMES, 2)
        if p.get((a, b), 0.001) is not None
    ]
    for row in rows:
        if {row["left"], row["right"]} == {"dull", "sharp"} and ("dull", "sharp") not in p:
            row["p"] = 0.6
    stated = [
        {"says": "s", "source": "t", "benchmark": "toy", "significant": "all", "but_not": [["sharp", "dull"]]}
    ]
    found = stated_verdicts(study(stated=stated), pd.DataFrame(rows), raters=4)
    assert found["verdict"].to_list() == [verdict]


def test_a_stated_winner_must_be_on_its_side() -> None:
    rows = pd.DataFrame(
        [{"benchmark": "toy", "left": "dull", "right": "truth", "difference": -1.0, "p": 0.001}]
    )
    for better, verdict in (("truth", "confirmed"), ("dull", "contradicted")):
        one = Stated(says="s", source="t", benchmark="toy", significant=(("truth", "dull"),), better=better)
        found = stated_verdicts(study(stated=[one.model_dump()]), rows, raters=4)
        assert found["verdict"].to_list() == [verdict]


@pytest.mark.parametrize(
    ("means", "verdict", "reason"),
    [
        # Of four steps of 0.8 each is significant by far among 12 raters of 12 images; none is of 0.
        ({"dull": 2.0, "sharp": 2.8, "wild": 3.6, "truth": 3.6}, "contradicted", "wild is above all others"),
        ({"dull": 2.0, "sharp": 2.8, "wild": 2.8, "truth": 3.6}, "none found by 12 raters", "no version"),
        ({"dull": 2.8, "sharp": 2.0, "wild": 2.8, "truth": 3.6}, "none found by 12 raters", "no version"),
        # The lowest differs from both others, and is no best one.
        ({"dull": 3.6, "sharp": 3.6, "wild": 2.0, "truth": 3.6}, "none found by 12 raters", "no version"),
        # What is not of the group is of no account.
        ({"dull": 2.8, "sharp": 2.8, "wild": 2.8, "truth": 5.0}, "none found by 12 raters", "no version"),
    ],
)
def test_that_none_is_best_is_contradicted_by_one_above_all_others(
    means: dict[str, float], verdict: str, reason: str
) -> None:
    noise = np.random.default_rng(1).normal(0, 0.3, (12, 12))
    # Who rates which image how makes no difference between versions, but for a little chance.
    scores = {
        name: mean + noise + np.random.default_rng(seed).normal(0, 0.1, (12, 12))
        for seed, (name, mean) in enumerate(means.items(), start=2)
    }
    stated = {"says": "s", "source": "t", "benchmark": "toy", "no_best": [["dull", "sharp", "wild"]]}
    described = study(stated=[stated])
    tests = differences(described, as_ratings(scores, "toy"))
    (found,) = stated_verdicts(described, tests, raters=12).to_dict("records")
    assert found["verdict"] == verdict
    assert reason in found["reason"]
    unrated = tests[~((tests["left"] == "dull") & (tests["right"] == "wild"))]
    (found,) = stated_verdicts(described, unrated, raters=12).to_dict("records")
    assert (found["verdict"], found["reason"]) == ("not run", "1 of 3 pairs were not rated")


def ranking() -> Study:
    return Study.model_validate(RANKING)


def test_shares_and_friedman_by_hand() -> None:
    places = {"dull": [3, 3, 2, 3], "sharp": [2, 1, 3, 2], "truth": [1, 2, 1, 1]}
    ratings = pd.DataFrame(
        [
            {
                "rater": f"{i // 2}",
                "trial": f"t{i}",
                "benchmark": "toy",
                "image": f"{i}",
                "version": name,
                "value": v,
            }
            for name, values in places.items()
            for i, v in enumerate(values)
        ]
    )
    shares = rankings.places(ranking(), ratings).set_index(["version", "place"])["share"]
    assert shares["truth", 1] == 0.75
    assert shares["dull", 3] == 0.75
    assert shares["dull", 1] == 0
    found = rankings.friedman(ratings)
    assert found is not None
    sums = [sum(values) for values in places.values()]
    assert found.chi_square == pytest.approx(12 / (4 * 3 * 4) * sum(s**2 for s in sums) - 3 * 4 * 4)
    assert found.concordance == pytest.approx(found.chi_square / (4 * 2))


def test_bradley_terry_maximises_the_likelihood() -> None:
    """Zermelo's iteration, which needs no derivative, ends at the same strengths."""
    ratings = orders({"dull": -1.0, "sharp": 0.3, "truth": 0.7}, 8, 10, 0.0, np.random.default_rng(0))
    names = ["dull", "sharp", "truth"]
    wins = np.zeros((3, 3))
    for _, case in ratings.groupby(["rater", "trial"]):
        best_first = [names.index(name) for name in case.sort_values("value")["version"]]
        for a, b in combinations(best_first, 2):
            wins[a, b] += 1
    worth = np.ones(3)
    for _ in range(2000):
        games = wins + wins.T
        for i in range(3):
            worth[i] = wins[i].sum() / sum(games[i, j] / (worth[i] + worth[j]) for j in range(3) if j != i)
        worth /= worth.prod() ** (1 / 3)
    found = rankings.strengths(ranking(), ratings).set_index("version")["strength"]
    assert [found[name] for name in names] == pytest.approx(np.log(worth).tolist(), abs=1e-5)
    assert found.sum() == pytest.approx(0, abs=1e-9)


def test_strengths_hold_the_truth_as_often_as_they_say() -> None:
    strengths = {"dull": -0.6, "sharp": 0.1, "truth": 0.5}
    random = np.random.default_rng(4)
    inside, values = [], []
    for _ in range(150):
        found = rankings.strengths(ranking(), orders(strengths, 30, 10, 0.0, random)).set_index("version")
        inside += [found.loc[n, "low"] <= true <= found.loc[n, "high"] for n, true in strengths.items()]
        values.append([found.loc[n, "strength"] for n in strengths])
    assert np.mean(values, axis=0) == pytest.approx(list(strengths.values()), abs=0.03)
    assert 0.90 <= np.mean(inside) <= 0.98


def test_a_version_that_always_wins_has_no_strength() -> None:
    ratings = orders({"dull": -1.0, "sharp": 1.0, "truth": 50.0}, 4, 5, 0.0, np.random.default_rng(0))
    assert rankings.strengths(ranking(), ratings)["strength"].isna().all()
