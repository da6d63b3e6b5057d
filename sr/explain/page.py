"""An explanation as one page of text, and as JSON."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sr.explain.accidents import Accident
from sr.explain.conventions import MEAN, Value
from sr.explain.explanation import PIXEL_METRICS, Explanation
from sr.explain.printed import Printed
from sr.explain.ranking import Candidate

_SHOWN = 4  # conventions listed
_NAMED = 3  # images named


def page(found: Explanation) -> str:
    """What a person reads."""
    parts = [_head(found), _accidents(found.accidents)]
    if found.printed:
        parts += [list(_conventions(found)), *(list(_alone(found, n)) for n in found.printed)]
    parts.append(list(_papers(found)))
    if found.untried:
        parts.append(["What could not be tried", *(f"  {reason.rstrip('.')}." for reason in found.untried)])
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def as_json(found: Explanation) -> dict[str, Any]:
    """Everything that was computed."""
    return {
        "images": [pair.path.name for pair in found.pairs],
        "printed": {number.metric: number.text for number in found.printed},
        "accidents": [
            {"kind": each.kind, "text": each.text, "images": list(each.images)} for each in found.accidents
        ],
        "conventions": [_candidate(candidate, found.printed) for candidate in found.candidates],
        "alone": {metric: asdict(told) for metric, told in found.alone.items()},
        "papers": {paper: _candidate(candidate, found.printed) for paper, candidate in found.papers.items()},
        "values": [_value(value) for value in found.values],
        "untried": list(found.untried),
    }


def _head(found: Explanation) -> list[str]:
    count = len(found.pairs)
    images = "1 image" if count == 1 else f"{count} images"
    lines = [f"{images} of {found.sr} against {found.hr}"]
    if found.printed:
        numbers = ", ".join(f"{number.metric} {number.text}" for number in found.printed)
        lines.append(f"to be explained: {numbers}")
    return lines


def _accidents(accidents: Sequence[Accident]) -> list[str]:
    if not accidents:
        return [
            "What may be wrong with the images",
            "  Nothing was recognised: not shifted, mixed up, of another size or JPEG-compressed, red and",
            "  blue not swapped, and nothing speaks for other low-resolution images than MATLAB's bicubic.",
        ]
    lines = ["What is wrong with the images"]
    for accident in accidents:
        lines.append(f"  {accident.kind}: {accident.text}{_which(accident.images)}")
    return lines


def _which(images: Sequence[str]) -> str:
    if not images:
        return ""
    more = f" and {len(images) - _NAMED} more" if len(images) > _NAMED else ""
    return f" ({', '.join(images[:_NAMED])}{more})"


def _conventions(found: Explanation) -> Iterator[str]:
    """Settings that PSNR and SSIM share."""
    numbers = [number for number in found.printed if number.metric in PIXEL_METRICS]
    if not numbers:
        return
    together = " and ".join(number.metric for number in numbers)
    fitting = sum(candidate.fits for candidate in found.candidates)
    yield f"How {together} may have been computed"
    of = f"of {len(found.candidates)} settings with different results"
    give = "gives" if len(numbers) == 1 else "gives both"
    if fitting:
        also = "" if fitting == 1 else "; these images can not tell them apart"
        yield f"  {fitting} {of} {give} as printed{also}:"
    else:
        yield f"  None {of} {give} as printed; the nearest:"
    for candidate in found.candidates[: max(_SHOWN, min(fitting, 2 * _SHOWN))]:
        sign = "=" if candidate.fits else " "
        values = "; ".join(
            _said(value, number) for value, number in zip(candidate.values, numbers, strict=True)
        )
        yield f"  {sign} {candidate.values[0].setting}: {values}"


def _alone(found: Explanation, number: Printed) -> Iterator[str]:
    """One number by itself: how many conventions give it, so that a coincidence is seen as one."""
    told = found.alone[number.metric]
    if not told.of:
        yield f"{number.metric} by itself: could not be computed here."
        return
    own = sorted(
        (value for value in found.values if value.metric == number.metric),
        key=lambda value: number.distance(value.value),
    )
    chance = f"{told.by_chance:.1f} would by chance, as densely as they lie there"
    yield f"{number.metric} {number.text} by itself: {told.fit} of {told.of} values give it; {chance}"
    if number.metric not in PIXEL_METRICS:
        for value in own[:_SHOWN]:
            sign = "=" if number.fits(value.value) else " "
            yield f"  {sign} {value.detail}, border {value.setting.border}: {value.value:.4f}"


def _papers(found: Explanation) -> Iterator[str]:
    if not found.papers:
        return
    yield "What the papers' ways to measure give" + (", the nearest first" if found.printed else "")
    groups: dict[str, list[str]] = {}
    for paper, candidate in found.papers.items():
        groups.setdefault(_line(candidate, found.printed), []).append(paper)
    for line, papers in groups.items():
        yield f"  {', '.join(papers)}: {line}"


def _line(candidate: Candidate, printed: Sequence[Printed]) -> str:
    known = {number.metric: number for number in printed}
    parts = []
    for value in candidate.values:
        number = known.get(value.metric)
        parts.append(_said(value, number))
    return f"{'= ' if printed and candidate.fits else ''}{candidate.values[0].setting}: {'; '.join(parts)}"


def _said(value: Value, number: Printed | None) -> str:
    digits = 4 if value.metric != "PSNR" else 3
    shown = "infinite" if math.isinf(value.value) else f"{value.value:.{digits}f}"
    off = ""
    if number is not None and not number.fits(value.value):
        off = f" (off by {value.value - number.value:+.{digits}f})"
    detail = "" if value.detail == MEAN else f" by {value.detail}"
    return f"{value.metric} {shown}{detail}{off}"


def _candidate(candidate: Candidate, printed: Sequence[Printed]) -> dict[str, Any]:
    return {
        "fits": bool(printed) and candidate.fits,
        "half_units_off": round(candidate.distance, 3)
        if printed and math.isfinite(candidate.distance)
        else None,
        "values": [_value(value) for value in candidate.values],
    }


def _value(value: Value) -> dict[str, Any]:
    setting = value.setting
    return {
        "metric": value.metric,
        "value": value.value if math.isfinite(value.value) else str(value.value),
        "detail": value.detail,
        "channel": setting.channel,
        "border": setting.border,
        "grey": setting.grey,
        "multiple": setting.multiple,
        "without_grey": setting.without_grey,
    }
