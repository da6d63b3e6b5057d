"""Evidence for single comparisons against t-tests by hand and by scipy."""

from decimal import Decimal

import numpy as np
import pytest
from scipy import stats

from sr.claims.statistics import Evidence, effect_size, measure
from sr.papers.claim_terms import Quantity, Single, Subject
from sr.papers.spread import MetricSpread, spread_of
from sr.results.measurement import Measurement
from tests.results.synthetic_scores import make_measurement

A, B, C = (Subject("t", "d", name) for name in "ABC")

# Two that begin with the same network and see the same crops, and one that does neither.
PAIRED = {"A": "beby/bebygan", "B": "beby/bebygan_without_best_buddy", "C": "srgan/srgan_vgg54"}


def stated(metric: str = "PSNR") -> MetricSpread:
    found = spread_of(metric)
    assert found is not None
    return found


def sample(subject: Subject, values: list[list[float]] | np.ndarray) -> Measurement:
    return make_measurement(f"trained/cpu/set/{PAIRED[subject.method]}", values)


def method(subject: Subject) -> Quantity:
    return Quantity(subject.method, "method", (subject,))


def compare(
    left: list[list[float]] | np.ndarray,
    relation: str,
    right: list[list[float]] | np.ndarray,
    other: Subject = C,
    metric: str = "PSNR",
    tolerance: str | None = None,
) -> Evidence:
    single = Single(
        metric, "d", method(A), relation, method(other), None if tolerance is None else Decimal(tolerance)
    )
    return measure(single, {A: sample(A, left), other: sample(other, right)})


def test_one_training_a_side_is_judged_by_the_stated_spread() -> None:
    found = compare([[30.0, 20.0, 25.5, 27.0]], ">", [[29.5, 19.5, 25.0, 26.5]])
    alone = stated().alone
    half = stats.t.ppf(0.975, alone.worth) * np.sqrt(2 * alone.variance(4))
    assert found.difference == pytest.approx(0.5)
    assert found.interval == pytest.approx((0.5 - half, 0.5 + half))
    assert found.effect is None, "no spread of images, so no effect in units of it"
    assert (found.images, found.seeds, found.paired) == (4, 1, False)
    assert compare([[1.0, 2.0]], "<", [[3.0, 4.0]]).difference == 2, "positive speaks for the claim"


def test_pairs_of_a_seed_are_judged_by_their_differences() -> None:
    """Seeds move both sides by 5 dB, and their difference hardly."""
    seeds = np.array([[0.0], [5.0], [-5.0]])
    left, right = np.array([[30.0, 31.0]]), np.array([[29.8, 30.8]])
    found = compare(seeds + left, ">", seeds + right + np.array([[0.01], [0.0], [-0.01]]), B)
    paired = stated().paired
    variance = (paired.worth * paired.variance(2) + 2 * 0.01**2) / (paired.worth + 2)
    half = stats.t.ppf(0.975, paired.worth + 2) * np.sqrt(variance / 3)
    assert found.paired
    assert found.interval == pytest.approx((0.2 - half, 0.2 + half))
    unpaired = compare(seeds + left, ">", seeds + right, C)
    assert unpaired.interval is not None
    assert unpaired.interval[0] < -5, "another start and other crops: nothing in common"


def test_only_seeds_that_both_sides_have_are_paired() -> None:
    found = compare([[1.0], [2.0], [9.0]], ">", [[0.0], [1.0]], B)
    assert found.difference == pytest.approx(1.0), "the third seed has no other side"


def test_two_hundred_seeds_forget_what_was_stated() -> None:
    random = np.random.default_rng(0)
    left, right = random.normal(0, 3, (200, 1)), random.normal(0, 1, (200, 1))
    found = compare(left, ">", right)
    expected = stats.ttest_ind(left[:, 0], right[:, 0])
    assert found.p == pytest.approx(expected.pvalue, abs=0.01)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()), abs=0.02)


def test_a_metric_without_a_stated_spread_takes_two_seeds() -> None:
    assert compare([[1.0]], ">", [[0.0]], metric="GMSD").interval is None
    found = compare([[1.0], [2.0], [4.0]], ">", [[0.0], [0.0], [1.0]], metric="GMSD")
    expected = stats.ttest_ind([1.0, 2.0, 4.0], [0.0, 0.0, 1.0], equal_var=False)
    assert found.p == pytest.approx(expected.pvalue)


def test_where_nothing_was_trained_the_images_are_the_chance() -> None:
    random = np.random.default_rng(3)
    hard = random.normal(30, 5, 50)
    other = hard + random.normal(0.1, 0.2, 50)
    sides = {
        A: make_measurement("released/esrgan", other[None]),
        B: make_measurement("baseline/bicubic", hard[None]),
    }
    found = measure(Single("PSNR", "d", method(A), ">", method(B)), sides)
    expected = stats.ttest_rel(other, hard)
    assert found.seeds is None
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()))
    assert found.p == pytest.approx(expected.pvalue)
    one = {A: make_measurement("released/esrgan", [[1.0]]), B: make_measurement("baseline/bicubic", [[0.0]])}
    assert measure(Single("PSNR", "d", method(A), ">", method(B)), one).interval is None


def test_a_baseline_is_the_same_next_time() -> None:
    sides = {A: sample(A, [[1.0, 2.0]] * 3), B: make_measurement("baseline/bicubic", [[0.0, 9.0]])}
    found = measure(Single("PSNR", "d", method(A), ">", method(B)), sides)
    alone = stated().alone
    variance = alone.worth * alone.variance(2) / (alone.worth + 2)
    half = stats.t.ppf(0.975, alone.worth + 2) * np.sqrt(variance / 3)
    assert found.interval == pytest.approx((-3 - half, -3 + half))
    assert found.seeds == 3


def test_agreement_takes_two_one_sided_tests() -> None:
    found = compare([[0.1]] * 10, "~", [[0.0]] * 10, C, "PSNR", "0.5")
    alone = stated().alone
    freedom = alone.worth + 18
    error = np.sqrt(alone.worth * alone.variance(1) / freedom * 2 / 10)
    assert found.p_for == pytest.approx(stats.t.sf((0.5 - 0.1) / error, freedom))
    assert found.p_against == 1.0


def test_the_best_of_several_pays_for_the_choice() -> None:
    best = Quantity("best", "best", (B, C), sign=1)
    values = {A: sample(A, [[1.0]]), B: sample(B, [[2.0]]), C: sample(C, [[2.5]])}
    found = measure(Single("PSNR", "d", method(A), ">", best), values)
    alone = compare([[1.0]], ">", [[2.5]])
    assert found.difference == alone.difference == -1.5
    assert (found.p_for, alone.p_against) != (None, None)
    assert found.p_against == pytest.approx(2 * alone.p_against)  # type: ignore[operator]
    assert found.p_for == pytest.approx(alone.p_for)


def test_a_count_of_methods_lies_between_those_that_surely_and_perhaps_are_better() -> None:
    count = Quantity("better", "better_than", (A, B, C), sign=-1)
    limit = Quantity("1", "number", (), number=Decimal(1))
    values = {A: sample(A, [[5.0]]), B: sample(B, [[5.01]]), C: sample(C, [[1.0]])}
    found = measure(Single("PSNR", "d", count, "<=", limit), values)
    assert found.difference == 0, "C alone is better, which is not more than one"
    assert found.interval == (-1.0, 0.0), "and B perhaps"


@pytest.mark.parametrize(
    ("first", "second", "count", "interval"),
    [
        # A is trained, B a baseline: a PI of 7 is no better than one of 3, nor are the trained 99.
        ("A", "B", 0, (0.0, 0.0)),
        # The baseline's 7 against the trained 3, which is better, and 99, which is not.
        ("B", "A", 1, (1.0, 1.0)),
    ],
)
@pytest.mark.parametrize("source", ["baseline/bicubic", "images/others"])
def test_a_baseline_counts_with_its_value(
    source: str, first: str, second: str, count: int, interval: tuple[float, float]
) -> None:
    """All lie further apart than trainings do by chance, so that the count is what it looks like."""
    by_name = {"A": A, "B": B}
    better = Quantity("better", "better_than", (by_name[first], by_name[second], C), sign=-1)
    values = {A: sample(A, [[3.0] * 9]), B: make_measurement(source, [[7.0] * 9]), C: sample(C, [[99.0] * 9])}
    zero = Quantity("0", "number", (), number=Decimal(0))
    found = measure(Single("PI", "d", better, ">=", zero), values)
    assert (found.difference, found.interval) == (count, interval)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        (Quantity("gap", "gap", (A, B)), 2.0),
        (Quantity("lead", "lead", (A, B, C), sign=-1), 2.0),
        (Quantity("worse", "better_than", (B, A, C), sign=-1), 1.0),
        (Quantity("number", "number", (), number=Decimal("0.4")), 0.4),
    ],
)
def test_other_forms(quantity: Quantity, value: float) -> None:
    means = {A: np.asarray(1.0), B: np.asarray(3.0), C: np.asarray(5.0)}
    assert quantity.of(means) == value
    weights = quantity.coefficients({subject: float(mean) for subject, mean in means.items()})
    if weights is not None:
        linear = float(quantity.number) + sum(weight * float(means[one]) for one, weight in weights.items())
        assert linear == value


def test_effect_size_by_hand() -> None:
    assert effect_size(np.array([1.0, 2.0, 3.0])) == pytest.approx(2.0)
    assert effect_size(np.array([1.0])) is None
