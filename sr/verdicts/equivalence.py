"""Is a measured number the printed one, and which other printed numbers could it as well be?

Of what was trained here, by the spread of trainings. The printed number is taken to be that of one training.
A `match` shows by two one-sided tests that the mean of trainings lies within a margin of it, two spreads of a
training, as 19 of 20 single trainings do. `differs` says that the printed number lies outside the range in
which another training is expected. What is neither is `undecided`: more seeds would tell. The number could be
another method's where the mean does not rule out, by a one-sided test, that these are that one's trainings.

Of everything else, by a stated band: what is fed in is the same, and no chance is left but rounding.
"""

import math
from dataclasses import dataclass
from math import sqrt

from sr.papers.published import Cell
from sr.papers.spread import margin, spread_of
from sr.results.intervals import LEVEL, Estimate, Unit, mean_of_trainings, of_one_training
from sr.results.measurement import Measurement
from sr.results.power import largest_equal, seeds_against_one, seeds_to_tell
from sr.verdicts.rows import Verdict

Range = tuple[float, float]

_ROUNDING = 1e-9  # a difference of exactly the tolerance is within it, whatever its binary digits


@dataclass(frozen=True)
class Held:
    """A measured number to hold against printed ones.

    tolerance: how far off it may be and still be shown equal. expected: where another training's number is
    expected; None where no training is behind it, and beyond the tolerance everything differs. not_ruled_out:
    where other methods' numbers could lie. rounding: of the table that the number was read back from.
    """

    value: float
    tolerance: float
    expected: Range | None
    not_ruled_out: Range | None = None
    rounding: float = _ROUNDING

    def verdict(self, printed: Cell) -> Verdict:
        """`match`, `undecided` or `differs`."""
        if self.expected is None:
            return Verdict.MATCH if self.could_be(printed) else Verdict.DIFFERS
        if abs(self.value - printed.value) + _last_digit(printed) <= self.tolerance + self.rounding:
            return Verdict.MATCH
        return Verdict.UNDECIDED if self.could_be(printed) else Verdict.DIFFERS

    def could_be(self, printed: Cell) -> bool:
        """Whether the printed number of the method itself is no contradiction."""
        return self._within(self.expected, printed)

    def could_be_another(self, printed: Cell) -> bool:
        """Whether another method's printed number is not ruled out."""
        return self._within(self.not_ruled_out, printed)

    def _within(self, ends: Range | None, printed: Cell) -> bool:
        if ends is None:
            off = abs(self.value - printed.value)
            return self.value == printed.value or off <= self.tolerance + self.rounding
        slack = _last_digit(printed) + self.rounding
        return ends[0] - slack <= printed.value <= ends[1] + slack


def by_trainings(found: Measurement) -> Held | None:
    """A mean of trainings; None for one of a metric whose spread is not stated."""
    mean = mean_of_trainings(found)
    return None if mean is None or mean.error == 0 else held_to(mean, len(found.of_seeds))


def held_to(mean: Estimate, seeds: int) -> Held:
    """The mean of so many trainings, to be held against what single ones gave."""
    tolerance = mean.error * largest_equal(margin() * sqrt(seeds), mean.freedom)
    another = of_one_training(mean, seeds)
    # One-sided at 1 - LEVEL: a mean that is near one printed number lies on that side of the other.
    return Held(mean.value, tolerance, another.interval(), another.interval(2 * LEVEL - 1))


def _last_digit(printed: Cell) -> float:
    """By how much a number may have been rounded for print."""
    return 0.5 * 10.0**-printed.decimals if math.isfinite(printed.value) else 0.0


@dataclass(frozen=True)
class Apart:
    """What it takes to tell a printed number from another method's of its row.

    against_print: seeds of the method, where the other's number stays the one training that is printed.
    both: seeds of each, where both are trained. None where no number is enough, or nothing is known.
    """

    other: str
    against_print: int | None
    both: int | None


def seeds_apart(printed: Cell, other: Cell, found: Measurement, paired: bool | None) -> Apart:
    """How many seeds tell two printed numbers apart, by what is known of the spread now.

    paired: whether the other method's trainings can be paired with those of `found`; None where it can not be
    trained here.
    """
    gap, mean = abs(printed.value - other.value), mean_of_trainings(found)
    spread = spread_of(found.metric)
    if mean is None or spread is None or not math.isfinite(gap) or gap == 0:
        return Apart(other.method, None, None)
    own = mean.error * sqrt(len(found.of_seeds))
    units = [Unit([0.0], own**2, spread.alone.worth)] * 2
    if paired:
        units = [Unit([0.0], spread.paired.variance(len(found.images)), spread.paired.worth)]
    both = None if paired is None else seeds_to_tell(gap, units)
    return Apart(other.method, seeds_against_one(gap, own, spread.alone.worth), both)


def in_words(found: list[Apart]) -> str:
    """What it takes to tell a number from several others."""
    by_print = [f"{one.other} ({one.against_print})" for one in found if one.against_print]
    by_both = [f"{one.other} ({one.both})" for one in found if not one.against_print and one.both]
    never = [one.other for one in found if not one.against_print and not one.both]
    return "; ".join(
        f"{text} {', '.join(names)}"
        for text, names in (
            ("seeds it takes to tell it from", by_print),
            ("seeds of each, for one printed training is not enough, to tell it from", by_both),
            ("no number of seeds tells it from", never),
        )
        if names
    )
