"""Result files that came back: checked one by one, refused with a reason, and put into one table."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from sr.config import Strict, validate
from sr.errors import InputError
from sr.opinions.design import Key, RaterPlan, Trial

LARGEST_FILE = 4_000_000  # bytes; a participant's thousand answers take about a tenth of that

MARKS = ("again", "zoomed", "fast")
RATING_COLUMNS = (
    *(
        "rater",
        "number",
        "trial",
        "benchmark",
        "image",
        "version",
        "value",
        "again",
        "ms",
        "factor",
        "zoomed",
    ),
    "fast",
)


class Answer(Strict):
    """One answer: a score, or places on the page from the best to the worst. ms: how long it took.

    factor: screen pixels to a side of a picture's pixel. zoomed: whether the page was pinched.
    """

    id: str
    answer: int | tuple[int, ...]
    ms: int = Field(ge=0)
    factor: int = Field(ge=1)
    zoomed: bool


class Screen(Strict):
    """The participant's screen. ratio: its pixels to a page pixel."""

    width: float = Field(gt=0)
    height: float = Field(gt=0)
    ratio: float = Field(gt=0)
    touch: bool


class Result(Strict):
    """The whole result file. seal: a hash over the rest and a secret of the page."""

    format: Literal[1]
    study: str
    rater: str
    calibration: tuple[Answer, ...]
    trials: tuple[Answer, ...]
    screen: Screen
    seal: str


@dataclass(frozen=True)
class Collected:
    """What came back. refused: file or rater -> why it does not count.

    ratings: a row for each answer and version, `value` its score or its place in the order, 1 the best;
    `fast` where it came sooner than the study allows. calibration: a row for each of those answers.
    """

    key: Key
    results: dict[str, Result]
    refused: dict[str, str]
    ratings: pd.DataFrame = field(repr=False)
    calibration: pd.DataFrame = field(repr=False)


def collect(key: Key, files: Iterable[Path]) -> Collected:
    """Read result files of one study. What is wrong with one is told in `refused`, and stops no other."""
    results: dict[str, Result] = {}
    refused: dict[str, str] = {}
    origin: dict[str, Path] = {}
    for path in files:
        try:
            result = check(read(path), key)
        except InputError as error:
            refused[str(path)] = str(error)
            continue
        if result.rater not in results:
            results[result.rater], origin[result.rater] = result, path
        elif result == results[result.rater]:
            refused[str(path)] = f"the same answers as {origin[result.rater]}, which counts"
        else:
            refused[str(path)] = f"other answers of rater {result.rater} than {origin[result.rater]}"
    for rater in _contradicted(results, refused):
        refused[str(origin[rater])] = (
            f"another file has other answers of rater {rater}; hand in one of them alone"
        )
        del results[rater]
    ratings = [row for rater, result in sorted(results.items()) for row in _ratings(key, rater, result)]
    calibration = [
        row for rater, result in sorted(results.items()) for row in _calibration(key, rater, result)
    ]
    columns = ["rater", "number", "version", "value", "expected", "ms"]
    return Collected(
        key,
        results,
        refused,
        # Typed even when nothing came back: marks select rows, and texts would select columns.
        pd.DataFrame(ratings, columns=list(RATING_COLUMNS)).astype(dict.fromkeys(MARKS, bool)),
        pd.DataFrame(calibration, columns=columns),
    )


def _contradicted(results: dict[str, Result], refused: dict[str, str]) -> list[str]:
    """Raters of whom two files say different things: nobody can tell which one counts."""
    return [
        r for r in results if any(why.startswith(f"other answers of rater {r} ") for why in refused.values())
    ]


def read(path: Path) -> str:
    """A file's text. Raises InputError for one that can be no result."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError("too large for a result file")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"can not be read ({type(error).__name__})") from None


def check(text: str, key: Key) -> Result:
    """The result in a text. Raises InputError, saying why, unless it is whole, untouched and the study's."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("not a whole JSON file: truncated, or something else") from None
    if not isinstance(content, dict):
        raise InputError("not a result file")
    if content.get("study") != key.hash:
        raise InputError(f"a result of another study than {key.hash}")
    result = validate(content, Result, "not a result file")
    plan = key.raters.get(result.rater)
    if plan is None:
        raise InputError(f"the study has no rater {result.rater}")
    if content["seal"] != seal(content, plan):
        raise InputError("its content was changed after the page wrote it")
    _check_answers(key, plan, result)
    return result


def seal(content: dict[str, Any], plan: RaterPlan) -> str:
    """The signature that a page puts under an answer file: it shows slips and idle edits, not forgery."""
    body = {name: value for name, value in content.items() if name != "seal"}
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((plan.seal + text).encode()).hexdigest()


def _check_answers(key: Key, plan: RaterPlan, result: Result) -> None:
    for asked, answered in ((plan.calibration, result.calibration), (plan.trials, result.trials)):
        if [trial.id for trial in asked] != [answer.id for answer in answered]:
            raise InputError(
                f"incomplete: {len(answered)} answers to {len(asked)} questions, or not in their order"
            )
        for trial, answer in zip(asked, answered, strict=True):
            if not _possible(key, trial, answer):
                raise InputError(f"question {trial.id} has no answer {answer.answer}")


def _possible(key: Key, trial: Trial, answer: Answer) -> bool:
    if isinstance(answer.answer, int):
        return answer.answer in key.study.scale.categories
    return key.study.scale.kind != "category" and sorted(answer.answer) == list(range(len(trial.shown)))


def _ratings(key: Key, rater: str, result: Result) -> Iterator[dict[str, Any]]:
    fastest = key.study.screening.fastest_ms
    for number, (trial, answer) in enumerate(
        zip(key.raters[rater].trials, result.trials, strict=True), start=1
    ):
        common = {"rater": rater, "number": number, "trial": trial.id, "again": trial.again}
        common |= {
            "ms": answer.ms,
            "factor": answer.factor,
            "zoomed": answer.zoomed,
            "fast": answer.ms < fastest,
        }
        for name, value in _values(trial, answer):
            stimulus = key.stimuli[name]
            place = {"benchmark": stimulus.benchmark, "image": stimulus.image, "version": stimulus.version}
            yield common | place | {"value": value}


def _values(trial: Trial, answer: Answer) -> list[tuple[str, int]]:
    """Stimulus -> score, or its place in the order."""
    if isinstance(answer.answer, int):
        return [(trial.shown[0], answer.answer)]
    return [(trial.shown[place], rank) for rank, place in enumerate(answer.answer, start=1)]


def _calibration(key: Key, rater: str, result: Result) -> Iterator[dict[str, Any]]:
    answered = zip(key.raters[rater].calibration, result.calibration, strict=True)
    for number, (trial, answer) in enumerate(answered, start=1):
        stimulus = key.stimuli[trial.shown[0]]
        yield {
            "rater": rater,
            "number": number,
            "version": stimulus.version,
            "value": answer.answer,
            "expected": stimulus.expected,
            "ms": answer.ms,
        }
