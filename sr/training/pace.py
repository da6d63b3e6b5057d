"""How fast a run trains, apart from validating and saving."""

import time
from typing import Any


class Pace:
    """Clock of a run that outlives interruptions.

    seconds: all of them. intervals: (steps, seconds) of training alone, between two visits.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.intervals: list[tuple[int, float]] = []
        self._since_row = (0, 0.0)
        self._last = time.monotonic()

    def start(self) -> None:
        """Training begins, or goes on after a visit."""
        self._pass()

    def pause(self, steps: int) -> None:
        """So many steps were made since `start`."""
        if not steps:
            self._pass()
            return
        elapsed = self._pass()
        self.intervals.append((steps, elapsed))
        self._since_row = (self._since_row[0] + steps, self._since_row[1] + elapsed)

    def steps_within(self, seconds: float, most: int) -> int:
        """How many steps fit into `seconds` at the speed of the last interval: at least 1."""
        if not self.intervals:
            return 1
        steps, elapsed = self.intervals[-1]
        return max(1, min(most, int(seconds * steps / max(elapsed, 1e-9))))

    def take_steps_a_second(self) -> float | None:
        """Speed since the last call, None without a step."""
        steps, elapsed = self._since_row
        self._since_row = (0, 0.0)
        return steps / elapsed if elapsed else None

    def median_steps_a_second(self) -> float | None:
        """Median over all steps, None without one: a slow first step or a busy hour does not count."""
        half = sum(steps for steps, _ in self.intervals) / 2
        done = 0
        for steps, elapsed in sorted(self.intervals, key=lambda interval: interval[0] / interval[1]):
            done += steps
            if done >= half:
                return steps / elapsed
        return None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"seconds": self.seconds, "intervals": self.intervals, "since_row": self._since_row}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.seconds, self.intervals = state["seconds"], state["intervals"]
        self._since_row = state["since_row"]
        self._last = time.monotonic()

    def _pass(self) -> float:
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        self.seconds += elapsed
        return elapsed
