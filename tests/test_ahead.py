"""Results come in order, and never more of them wait than memory was meant for."""

import time

from sr.ahead import in_order


def test_order_is_kept_and_only_a_few_are_ahead() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        time.sleep(0.002 * (number % 3))
        return number * number

    for done, made in enumerate(in_order(work, range(40), 2)):
        assert made == done * done
        assert len(begun) <= done + 1 + 8
    assert sorted(begun) == list(range(40))
