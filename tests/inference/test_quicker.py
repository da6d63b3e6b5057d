"""The quicker way through RRDB's body is found by measuring, once for each number of threads."""

from collections.abc import Iterator

import pytest
import torch

from sr.inference import quicker as module
from sr.inference.quicker import quicker, transforming_wins
from sr.networks.rrdb import RRDB, RRDBSettings


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    transforming_wins.cache_clear()
    yield
    transforming_wins.cache_clear()


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which ways were taken."""
    ways: list[str] = []
    for name in ("direct", "transformed"):
        body = getattr(module, name)

        def noting(*arguments: object, name: str = name, body: object = body) -> object:
            ways.append(name)
            return body(*arguments)  # type: ignore[operator]

        monkeypatch.setattr(module, name, noting)
    return ways


@pytest.fixture
def network() -> RRDB:
    settings = RRDBSettings(
        network="rrdb", blocks=1, channels=8, growth=4, residual_scaling=0.2, initialisation_scale=1.0
    )
    return settings.build().eval().requires_grad_(False)


def features(network: RRDB, side: int) -> torch.Tensor:
    return quicker(network, torch.rand(1, 3, side, side), lambda: None)


@pytest.mark.parametrize(
    ("seconds", "way"), [([1.0, 0.5], "transformed"), ([0.5, 1.0], "direct"), ([1.0, 0.99], "direct")]
)
def test_the_shorter_time_decides(
    seconds: list[float], way: str, network: RRDB, taken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Direct first, then Winograd's, which has to win by more than a measurement errs."""
    times = iter([seconds])
    monkeypatch.setattr(module, "_seconds", lambda *_ways: next(times))
    features(network, 128)
    features(network, 130)  # measured no second time: there are no further times
    assert taken == [way, way]


def test_small_images_are_not_measured(
    network: RRDB, taken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_seconds", pytest.fail)
    features(network, 127)
    assert taken == ["direct"]


def test_each_number_of_threads_has_its_answer(network: RRDB, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[None] = []

    def seconds(*_ways: object) -> list[float]:
        measured.append(None)
        return [1.0, 1.0]

    monkeypatch.setattr(module, "_seconds", seconds)
    before = torch.get_num_threads()
    try:
        for threads in (1, 2, 1):
            torch.set_num_threads(threads)
            features(network, 128)
    finally:
        torch.set_num_threads(before)
    assert len(measured) == 2


def test_measuring_leaves_random_numbers_and_threads_as_they_were() -> None:
    torch.manual_seed(0)
    expected, threads = torch.rand(1), torch.get_num_threads()
    torch.manual_seed(0)
    with torch.inference_mode():
        transforming_wins(8, 4, threads)
    assert torch.equal(torch.rand(1), expected)
    assert torch.get_num_threads() == threads
