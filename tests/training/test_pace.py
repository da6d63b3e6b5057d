"""The clock of a run, on a clock made by hand."""

import pytest

from sr.training import pace as paces
from sr.training.pace import Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its only entry is the time."""
    now = [100.0]
    monkeypatch.setattr(paces.time, "monotonic", lambda: now[0])
    return now


def test_validation_does_not_count_as_training(clock: list[float]) -> None:
    pace = Pace()
    for steps, training, visiting in ((10, 5.0, 50.0), (10, 10.0, 3.0)):
        pace.start()
        clock[0] += training
        pace.pause(steps)
        clock[0] += visiting
    pace.start()
    assert pace.take_steps_a_second() == pytest.approx(20 / 15)
    assert pace.take_steps_a_second() is None
    assert pace.seconds == pytest.approx(68.0)


def test_the_median_is_over_steps(clock: list[float]) -> None:
    pace = Pace()
    for steps, training in ((1, 60.0), (100, 50.0), (100, 25.0), (100, 100.0)):
        pace.start()
        clock[0] += training
        pace.pause(steps)
    assert pace.median_steps_a_second() == pytest.approx(2.0)


def test_how_many_steps_fit_into_a_time(clock: list[float]) -> None:
    pace = Pace()
    assert pace.steps_within(20.0, most=100) == 1
    pace.start()
    clock[0] += 8.0
    pace.pause(2)
    assert pace.steps_within(20.0, most=100) == 5
    assert pace.steps_within(1.0, most=100) == 1
    assert pace.steps_within(4000.0, most=100) == 100


def test_goes_on_after_an_interruption(clock: list[float]) -> None:
    pace, resumed = Pace(), Pace()
    clock[0] += 4.0
    pace.pause(2)
    state = pace.state()
    clock[0] += 1000.0
    resumed.load_state(state)
    clock[0] += 4.0
    resumed.pause(6)
    assert resumed.seconds == pytest.approx(8.0)
    assert resumed.take_steps_a_second() == pytest.approx(1.0)
