"""Who sees what, in which order: cases dealt to the raters by a seed, and the key to their answers."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sr.config import Strict, load_yaml, validate
from sr.errors import InputError
from sr.files import value_hash
from sr.opinions.study import Study

KEY = "key.json"
ANSWERS = "answers"  # beside it, where a server keeps what came back
TOKENS = "tokens.json"  # and its raters' links


class Stimulus(Strict):
    """One picture that is shown; `expected` is the answer of a calibration picture."""

    benchmark: str
    image: str
    version: str
    expected: int | None = None


class Trial(Strict):
    """One question. shown: stimuli in the order of their places on the page. again: a hidden repetition."""

    id: str
    shown: tuple[str, ...]
    again: bool = False


class RaterPlan(Strict):
    """What one rater sees, in order. seal: the secret by which the page signs its answers."""

    seal: str
    calibration: tuple[Trial, ...]
    trials: tuple[Trial, ...]


class Key(Strict):
    """What tells which answer belongs to which version; it stays with whoever runs the study.

    sources: version -> what made its pictures, with what a score file says of it. deviations: how the study
    that was prepared differs from the one that was described.
    """

    paper: str
    study: Study
    seed: int
    sources: dict[str, dict[str, Any]]
    deviations: tuple[str, ...]
    stimuli: dict[str, Stimulus]
    raters: dict[str, RaterPlan]

    @property
    def hash(self) -> str:
        """What a rater's page and its result file call the study by."""
        return value_hash(self.model_dump(mode="json"))[:16]


def load_key(folder: Path) -> Key:
    """The key of a prepared study. Raises InputError for a folder that is none."""
    path = folder / KEY
    if not path.is_file():
        raise InputError(
            f"{folder}: not a prepared study ({KEY} is missing); make one with `sr opinions prepare`."
        )
    return validate(load_yaml(path), Key, path)


@dataclass(frozen=True)
class Dealt:
    """Stimuli by their opaque names, and every rater's plan."""

    stimuli: dict[str, Stimulus]
    raters: dict[str, RaterPlan]


def deal(
    study: Study,
    shown: Mapping[tuple[str, str], Sequence[str]],
    calibration: Sequence[Stimulus],
    raters: int,
    seed: int,
) -> Dealt:
    """Deal the cases of a study.

    shown: (benchmark, image) -> names of the versions that it is shown in.
    Scores: a case is one picture, every rater sees all of them (or `study.shown`) in random order, and every
    second rater in the reverse of it, so that a drift over the session falls out of the means. Orders and
    pairs: a case holds all versions of an image, or two; from one time that it is shown to the next, the
    versions move on by a place. Where a rater sees only some cases, they are dealt from shuffled decks, so
    that none is shown more than once more often than another.
    """
    dealer = _Dealer(study, seed)
    cases = [
        tuple(
            dealer.name(Stimulus(benchmark=benchmark, image=image, version=version)) for version in versions
        )
        for (benchmark, image), names in shown.items()
        for versions in _together(study, names)
    ]
    expected = [(dealer.name(one),) for one in calibration]
    repeated = dealer.repeated(cases)
    hands = dealer.hands(cases, raters)
    plans = {}
    for number, hand in enumerate(hands, start=1):
        rater = f"{number:0{len(str(max(raters, 10)))}d}"
        order = dealer.order(hand, sorted(set(repeated) & set(hand)), number)
        plans[rater] = RaterPlan(
            seal=value_hash([dealer.secret, rater]),
            calibration=tuple(_trials("c", [(case, False) for case in dealer.shuffled(expected)])),
            trials=tuple(_trials("t", order)),
        )
    return Dealt(dealer.stimuli, plans)


def _together(study: Study, versions: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Which versions of an image are asked about in one question."""
    if study.scale.kind == "ranking":
        return iter([tuple(versions)])
    return itertools.combinations(versions, 1 if study.scale.kind == "category" else 2)


Case = tuple[str, ...]


class _Dealer:
    def __init__(self, study: Study, seed: int) -> None:
        self.study = study
        self.secret = value_hash([seed, study.model_dump(mode="json")])
        self.random = np.random.default_rng([seed, 1])
        self.stimuli: dict[str, Stimulus] = {}
        self.times: dict[Case, int] = {}
        self.orders: dict[Case, list[str]] = {}
        self.before: list[tuple[Case, bool]] = []

    def name(self, stimulus: Stimulus) -> str:
        """A name that tells nothing, by which the page and its files call a picture."""
        found = value_hash([self.secret, stimulus.model_dump(mode="json")])[:16]
        self.stimuli[found] = stimulus
        return found

    def shuffled(self, cases: Sequence[Case]) -> list[Case]:
        return [cases[place] for place in self.random.permutation(len(cases))]

    def repeated(self, cases: Sequence[Case]) -> list[Case]:
        """The cases that are shown twice: all versions of some images."""
        repeats = self.study.repeats
        if not repeats:
            return []
        images = sorted({self.stimuli[case[0]].image for case in cases if self._on(case, repeats.benchmark)})
        chosen = set(self.random.permutation(images)[: repeats.images].tolist())
        return [case for case in cases if self._on(case, repeats.benchmark) and self._image(case) in chosen]

    def _on(self, case: Case, benchmark: str) -> bool:
        return self.stimuli[case[0]].benchmark == benchmark

    def _image(self, case: Case) -> str:
        return self.stimuli[case[0]].image

    def hands(self, cases: Sequence[Case], raters: int) -> list[list[Case]]:
        """The cases of each rater: all, or as many as the study says from one deck after the other."""
        size = min(self.study.shown or len(cases), len(cases))
        hands: list[list[Case]] = []
        deck: list[Case] = []
        for _ in range(raters):
            hand = deck[:size]
            deck = deck[size:]
            if len(hand) < size:
                held = set(hand)
                fresh = self.shuffled(cases)
                # A case already in the hand waits at the end of the new deck.
                fresh = [case for case in fresh if case not in held] + [
                    case for case in fresh if case in held
                ]
                hand, deck = hand + fresh[: size - len(hand)], fresh[size - len(hand) :]
            hands.append(hand)
        return hands

    def order(self, hand: list[Case], repeated: Sequence[Case], number: int) -> list[tuple[Case, bool]]:
        """Cases as they are placed on the page, in the rater's order, and whether each was there before."""
        if number % 2 == 0 and not self.study.shown:
            return _with_repetitions_marked([case for case, _ in reversed(self.before)])
        order = self.shuffled(hand)
        half = len(order) // 2
        for case in self.shuffled(repeated):
            # In the other half than the first time, so that it is not remembered.
            low, high = (half, len(order)) if order.index(case) < half else (0, half)
            order.insert(int(self.random.integers(low, high + 1)), case)
        self.before = _with_repetitions_marked([self._placed(case) for case in order])
        return self.before

    def _placed(self, case: Case) -> Case:
        if len(case) == 1:
            return case
        base = self.orders.setdefault(case, self.random.permutation(case).tolist())
        turn = self.times.get(case, 0)
        self.times[case] = turn + 1
        return tuple(base[(turn + place) % len(base)] for place in range(len(base)))


def _with_repetitions_marked(order: Sequence[Case]) -> list[tuple[Case, bool]]:
    seen: set[Case] = set()
    marked = []
    for case in order:
        marked.append((case, case in seen))
        seen.add(case)
    return marked


def _trials(letter: str, order: Sequence[tuple[Case, bool]]) -> Iterator[Trial]:
    for number, (case, again) in enumerate(order, start=1):
        yield Trial(id=f"{letter}{number}", shown=case, again=again)
