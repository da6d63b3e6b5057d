"""Bootstrap, effect size and Wilcoxon test against values worked out by hand or by other means."""

import math
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from sr.claims.statistics import Evidence, effect_size, measure, wilcoxon
from sr.papers.claim_terms import Quantity, Single, Subject
from sr.results.measurement import Measurement
from tests.results.synthetic_scores import make_measurement

A, B, C = (Subject("t", "d", name) for name in "ABC")


def sample(subject: Subject, values: list[list[float]] | np.ndarray, benchmark: str = "d") -> Measurement:
    return make_measurement(f"trained/cpu/set/paper/{subject.method}", values, benchmark)


def method(subject: Subject) -> Quantity:
    return Quantity(subject.method, "method", (subject,))


def compare(
    left: list[list[float]] | np.ndarray, relation: str, right: list[list[float]] | np.ndarray
) -> Evidence:
    single = Single("PSNR", "d", method(A), relation, method(B))
    return measure(single, {A: sample(A, left), B: sample(B, right)})


def test_equal_differences_leave_nothing_to_chance() -> None:
    found = compare([[30.0, 20.0, 25.5, 27.0]], ">", [[29.5, 19.5, 25.0, 26.5]])
    assert found.difference == pytest.approx(0.5)
    assert found.interval == pytest.approx((0.5, 0.5))
    assert found.effect is None, "no spread, so no effect in units of the spread"
    assert (found.images, found.seeds) == (4, 1)
    assert compare([[1.0, 2.0]], "<", [[3.0, 4.0]]).difference == 2, "positive speaks for the claim"


def test_two_images_take_only_the_means_that_can_be_drawn() -> None:
    found = compare([[1.0, 5.0]], ">", [[0.0, 0.0]])
    drawn = sorted((a + b) / 2 for a, b in product((1.0, 5.0), repeat=2))
    assert found.interval == (drawn[0], drawn[-1]), "a quarter of the draws lies at either end"


def test_two_seeds_are_drawn_for_each_method_by_itself() -> None:
    """Two images alike, seeds 0 and 4 against 1 and 3: means of 0, 2 or 4 less means of 1, 2 or 3."""
    found = compare([[0.0, 0.0], [4.0, 4.0]], ">", [[1.0, 1.0], [3.0, 3.0]])
    assert found.interval is not None
    assert found.interval == (-3, 3), "either end has a sixteenth of the draws, more than 2.5 %"
    assert found.difference == 0


def test_of_one_image_a_few_seeds_give_no_interval() -> None:
    assert compare([[0.0], [4.0]], ">", [[1.0], [3.0]]).interval is None
    assert compare([[0.0], [4.0], [1.0], [2.0], [3.0]], ">", [[1.0]] * 5).interval is not None


def test_only_trainings_count_as_such() -> None:
    sides = {A: make_measurement("baseline/bicubic", [[1.0, 2.0]])}
    three = make_measurement("trained/cpu/set/srgan/srresnet_mse", np.ones((3, 2)))
    single = Single("PSNR", "d", method(A), ">", method(B))
    assert measure(single, {**sides, B: three}).seeds == 3
    assert measure(single, {**sides, B: sides[A]}).seeds is None


def test_the_same_images_are_drawn_for_both_sides() -> None:
    """Images differ far more than the methods do: an unpaired bootstrap would see nothing."""
    random = np.random.default_rng(3)
    hard = random.normal(30, 5, 50)
    found = compare([hard + 0.1 + random.normal(0, 0.01, 50)], ">", [hard])
    assert found.interval is not None
    assert 0.09 < found.interval[0] < found.interval[1] < 0.11


def test_gaussian_differences_give_the_interval_of_normal_theory() -> None:
    differences = np.random.default_rng(0).normal(0.3, 1.0, 200)
    found = compare(differences[None], ">", np.zeros((1, 200)))
    half = norm.ppf(0.975) * differences.std(ddof=1) / math.sqrt(200)
    assert found.interval is not None
    assert found.interval[0] == pytest.approx(differences.mean() - half, abs=0.06 * half)
    assert found.interval[1] == pytest.approx(differences.mean() + half, abs=0.06 * half)
    assert found.effect == pytest.approx(differences.mean() / differences.std(ddof=1))


def test_one_image_and_one_training_have_no_interval() -> None:
    found = compare([[3.0]], ">", [[1.0]])
    assert (found.difference, found.interval, found.effect) == (2, None, None)


def test_the_best_of_several_is_drawn_anew_each_time() -> None:
    """B is best on the one image, C on the other: draws of one image alone have bests of 4 and of 2."""
    best = Quantity("best", "best", (B, C), sign=1)
    single = Single("PSNR", "d", method(A), ">", best)
    values = {A: sample(A, [[0.0, 0.0]]), B: sample(B, [[4.0, 0.0]]), C: sample(C, [[0.0, 2.0]])}
    found = measure(single, values)
    assert found.difference == -2, "the best mean is B's"
    assert found.interval == (-4, -2)


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


def test_wilcoxon_on_a_printed_example() -> None:
    """Wilcoxon 1945, as scipy's manual repeats it: Darwin's differences in height of 15 pairs of plants.

    The negative ranks sum to 24; how many of the 2**15 choices of signs have such a small sum is counted.
    """
    heights = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]
    ranks = range(1, 16)
    assert sum(rank for rank, value in zip(ranks, heights, strict=True) if value < 0) == 24
    sums = np.zeros(121)
    sums[0] = 1
    for rank in ranks:
        sums[rank:] += sums[:-rank].copy()
    expected = 2 * sums[:25].sum() / 2**15
    assert wilcoxon(np.array(heights, dtype=float)) == pytest.approx(expected)
    assert expected == pytest.approx(0.041259765625), "the value that scipy's manual prints"
    assert wilcoxon(np.zeros(5)) is None


def test_effect_size_by_hand() -> None:
    assert effect_size(np.array([1.0, 2.0, 3.0])) == pytest.approx(2.0)
    assert effect_size(np.array([1.0])) is None


def test_the_same_scores_give_the_same_interval_again() -> None:
    values = np.random.default_rng(1).normal(size=(3, 20))
    assert compare(values, ">", values * 0.5) == compare(values.copy(), ">", values.copy() * 0.5)
