"""The audit as a page for people: HTML and Markdown by the templates beside this file."""

from collections.abc import Iterator
from dataclasses import dataclass

from sr.audit.audit import Audit
from sr.audit.causes import Cause
from sr.audit.disagreements import MEANING, Disagreement
from sr.audit.recompute import GREY, SCALE, Check, Trial
from sr.audit.table import verdict
from sr.pages.templating import environment, headings
from sr.papers.claims import Judgement
from sr.papers.names import place_of


@dataclass(frozen=True)
class PaperCounts:
    """One line of the overview."""

    paper: str
    numbers: int
    holding: int
    failing: int
    undecided: int
    disagreements: int
    open: int


@dataclass(frozen=True)
class BicubicRow:
    """Bicubic on one benchmark under one treatment of Y, grey and crop, with either SSIM."""

    settings: str
    wang: Trial
    daala: Trial | None


def render(audit: Audit, suffix: str, name: str = "") -> str:
    """The audit as text of the format `suffix`: html, body.html (with the page's `name`) or md."""
    failing = [one for one in audit.judgements if one.holds is False]
    between = [one for one in audit.disagreements if one.kind == "between papers"]
    between.sort(key=lambda one: [cause.known.id for cause in _comparing(audit, one)] or ["~"])
    return (
        environment(suffix)
        .get_template(f"audit.{suffix}.j2")
        .render(
            audit=audit,
            title=audit.titles.__getitem__,
            counts=[_counts(audit, paper) for paper in audit.papers],
            failing=failing,
            holding=[one for one in audit.judgements if one.holds],
            undecided=[one for one in audit.judgements if one.holds is None],
            verdict=verdict,
            between=between,
            causes_between=lambda one: _comparing(audit, one),
            comparing=[paper for paper in audit.papers if any(paper in one.papers for one in between)],
            within=[(paper, list(_within(audit, paper, failing))) for paper in audit.papers],
            readings=[cause for cause in audit.causes if cause.by_reading],
            meaning=MEANING,
            printed=_printed,
            numbers=lambda one: _numbers(audit, one),
            item=place_of,
            bicubic=[(one, _bicubic_rows(one)) for one in audit.recomputation.checks if _is_table_row(one)],
            **headings(suffix, name),
            missed=[one for one in audit.recomputation.checks if not one.agreeing],
        )
    )


def _counts(audit: Audit, paper: str) -> PaperCounts:
    own = [one.holds for one in audit.judgements if one.paper == paper]
    return PaperCounts(
        paper,
        numbers=sum(cell.paper == paper for cell in audit.cells),
        holding=own.count(True),
        failing=own.count(False),
        undecided=own.count(None),
        disagreements=sum(paper in one.papers for one in audit.disagreements),
        open=sum(paper in one.papers for one in audit.open),
    )


def _within(audit: Audit, paper: str, failing: list[Judgement]) -> Iterator[Cause]:
    """Causes of one paper that its failing claims do not show already."""
    for cause in audit.causes:
        told = cause.judgements and not cause.disagreements and set(_ids(cause)) <= set(map(_id, failing))
        if cause.paper == paper and not cause.by_reading and not told:
            yield cause


def _comparing(audit: Audit, disagreement: Disagreement) -> list[Cause]:
    """Causes that compare papers; those of a single paper stand in its own section."""
    return [cause for cause in audit.causes_of(disagreement) if cause.paper is None]


def _ids(cause: Cause) -> list[str]:
    return [_id(judgement) for judgement in cause.judgements]


def _id(judgement: Judgement) -> str:
    return judgement.claim.id


def _printed(disagreement: Disagreement, paper: str) -> str:
    """What one paper prints of a disagreement, each number once."""
    return ", ".join(dict.fromkeys(cell.printed for cell in disagreement.cells if cell.paper == paper))


def _numbers(audit: Audit, disagreement: Disagreement) -> str:
    """Every printed number of a disagreement, by the place where it stands."""
    several = len({cell.metric for cell in disagreement.cells}) > 1
    places: dict[str, list[str]] = {}
    for cell in disagreement.cells:
        number = f"{cell.method} {cell.metric + ' ' if several else ''}{cell.printed}"
        place = f"{audit.titles[cell.paper]} {place_of(cell.item)}, {cell.dataset}"
        places.setdefault(place, []).append(number)
    return "; ".join(f"{place}: {', '.join(numbers)}" for place, numbers in places.items())


def _is_table_row(one: Check) -> bool:
    """Whether a check is about a whole benchmark and not about one image of a figure."""
    return one.psnr.item.startswith("table")


def _bicubic_rows(one: Check) -> list[BicubicRow]:
    """Luma and the usual border only; rows that another treatment of grey does not change are left out."""
    trials = {trial.convention: trial for trial in one.trials}
    rows, seen = [], set()
    for wang in sorted(trials, key=lambda own: (own.channel, own.multiple, list(GREY).index(own.grey))):
        if wang.window != "Wang" or wang.channel == "RGB" or wang.border != SCALE:
            continue
        trial = trials[wang]
        values = (wang.channel, wang.multiple, trial.psnr, trial.ssim)
        if values not in seen:
            seen.add(values)
            daala = next((own for own in one.trials if own.convention == wang.with_window("daala")), None)
            grey = f", {GREY[wang.grey]}" if one.depends_on_grey else ""
            rows.append(BicubicRow(f"{wang.channel}, cropped to {wang.multiple}{grey}", trial, daala))
    return rows
