"""Who sees what: complete, balanced, and decided by the seed."""

from collections import Counter
from typing import Any

import pytest

from sr.opinions.design import Dealt, Stimulus, deal
from sr.opinions.study import Study
from tests.opinions.small_study import RANKING, STUDY

IMAGES = [f"image{number}" for number in range(10)]


def dealt(settings: dict[str, Any], raters: int = 6, seed: int = 0, calibration: int = 0) -> Dealt:
    study = Study.model_validate(settings)
    shown = {("toy", image): list(study.versions) for image in IMAGES}
    expected = [
        Stimulus(benchmark="c", image=f"{number}", version="nearest", expected=1)
        for number in range(calibration)
    ]
    return deal(study, shown, expected, raters, seed)


def test_scores_every_rater_sees_every_picture_once_and_the_repeated_ones_twice() -> None:
    found = dealt(STUDY | {"repeats": {"images": 2, "benchmark": "toy"}})
    for plan in found.raters.values():
        times = Counter(trial.shown[0] for trial in plan.trials)
        twice = {found.stimuli[name].image for name, count in times.items() if count == 2}
        assert len(times) == 40
        assert sorted(times.values()) == [1] * 32 + [2] * 8
        assert len(twice) == 2
        assert sum(trial.again for trial in plan.trials) == 8
        for name, count in times.items():
            places = [place for place, trial in enumerate(plan.trials) if trial.shown[0] == name]
            assert [plan.trials[place].again for place in places] == [False, True][:count]
            # The second time is not in the same half of the session.
            assert count == 1 or places[1] - places[0] > 1


def test_a_second_rater_has_the_reverse_order_so_that_a_drift_falls_out() -> None:
    found = dealt(STUDY)
    plans = list(found.raters.values())
    for first, second in zip(plans[::2], plans[1::2], strict=True):
        assert [trial.shown for trial in first.trials] == [trial.shown for trial in reversed(second.trials)]
    assert plans[0].trials != plans[2].trials


def test_orders_every_version_stands_in_every_place_equally_often() -> None:
    found = dealt(RANKING, raters=8)
    places = Counter(
        (found.stimuli[name].image, found.stimuli[name].version, place)
        for plan in found.raters.values()
        for trial in plan.trials
        for place, name in enumerate(trial.shown)
    )
    assert set(places.values()) == {2}  # eight raters, four places
    assert len(places) == 10 * 4 * 4


def test_pairs_are_all_pairs_of_an_image() -> None:
    found = dealt(RANKING | {"scale": {"kind": "pairs"}}, raters=2)
    for plan in found.raters.values():
        pairs = {frozenset(trial.shown) for trial in plan.trials}
        assert len(pairs) == len(plan.trials) == 10 * 6
        assert all(len({found.stimuli[name].image for name in pair}) == 1 for pair in pairs)


@pytest.mark.parametrize("raters", [1, 3, 7, 30])
def test_hands_show_all_cases_equally_often_and_none_twice_to_one_rater(raters: int) -> None:
    found = dealt(RANKING | {"shown": 3}, raters=raters)
    times: Counter[str] = Counter()
    for plan in found.raters.values():
        images = [found.stimuli[trial.shown[0]].image for trial in plan.trials]
        assert len(set(images)) == len(images) == 3
        times.update(images)
    counts = [times[image] for image in IMAGES]
    assert max(counts) - min(counts) <= 1


def test_the_seed_decides_everything() -> None:
    assert dealt(STUDY, seed=3) == dealt(STUDY, seed=3)
    one, other = dealt(STUDY, seed=3), dealt(STUDY, seed=4)
    assert one.raters["01"].trials != other.raters["01"].trials
    assert not set(one.stimuli) & set(other.stimuli)  # names can not be looked up without the seed


def test_calibration_comes_first_and_is_no_part_of_the_test() -> None:
    found = dealt(STUDY, calibration=5)
    for plan in found.raters.values():
        assert {found.stimuli[trial.shown[0]].expected for trial in plan.calibration} == {1}
        assert {found.stimuli[trial.shown[0]].expected for trial in plan.trials} == {None}
        assert len(plan.calibration) == 5
