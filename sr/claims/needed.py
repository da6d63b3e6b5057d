"""What it would take to decide a claim: what must be trained or had, and measured on which images."""

from collections.abc import Iterable

from sr.papers.claim_language import PrintedNumbers
from sr.papers.claim_terms import Single, Subject, singles
from sr.papers.claims import Claim, load_claims
from sr.papers.published import load_published
from sr.papers.tables import Layouts, load_layouts
from sr.results.filling import Way, ways
from sr.results.image_sets import never_released
from sr.results.source import Kind

_PEOPLE = "people who rate the images (`sr opinions`)"


def what_it_takes(paper: str, claim: Claim) -> str:
    """In a sentence without its full stop; a claim that nothing here can decide says why."""
    if claim.kind in ("arithmetic", "consistency"):
        return "nothing but the printed numbers: the audit decides it"
    if claim.reason or claim.needs:
        return claim.reason or claim.needs or ""
    if claim.shown:
        figures = _list(dict.fromkeys(one.figure for one in claim.shown))
        return f"the figure {figures} with what it is made of (`sr figure {paper}` and `sr plan` say of what)"
    cells = {cell.key: cell for cell in load_published(paper)}
    table = PrintedNumbers(paper, cells, load_claims(paper).groups)
    found = [one for text in claim.measured or claim.comparisons for one in singles(text, table)]
    return _of_singles(paper, [one for one in found if one.metric])


def _of_singles(paper: str, found: list[Single]) -> str:
    layouts = load_layouts(paper)
    subjects = dict.fromkeys(subject for single in found for subject in single.subjects)
    unnamed = (layouts.elsewhere.get(subject.item) for subject in subjects)
    if nowhere := next((place.reason for place in unnamed if place), ""):
        return nowhere
    taken = dict.fromkeys(text for subject in subjects for text in _sources(paper, layouts, subject))
    sets = dict.fromkeys(_benchmark(layouts, subject) for subject in subjects)
    metrics = dict.fromkeys(single.metric for single in found)
    rated = any(_is_rated(layouts, subject, single.metric) for single in found for subject in single.subjects)
    had = [name for name in sets if not never_released(name)]
    lost = [name for name in sets if never_released(name)]
    text = f"{_list(metrics)} on {_list(had)} of {_list(taken)}"
    text += f"; by {_PEOPLE}" if rated else ""
    return text + (f"; {_list(lost)} can not be had by anybody" if lost else "")


def _sources(paper: str, layouts: Layouts, subject: Subject) -> list[str]:
    """The ways to have what is asked for, in words; not weights that others than its authors trained."""
    table = layouts.tables.get(subject.item)
    if table is None:
        baseline = subject.method.startswith(f"{Kind.BASELINE}/")
        name = subject.method if baseline or "/" in subject.method else f"{paper}/{subject.method}"
        return [name if baseline else f"trained {name}"]
    method = table.methods.get(subject.method)
    if method is None or method.constant:
        return [subject.method]
    own = [way for way in ways(paper, method) if not way.by_third_party]
    return [" or ".join(map(_words, own))] if own else [subject.method]


def _words(way: Way) -> str:
    return f"trained {way.name}" if way.kind == Kind.TRAINED else str(way)


def _benchmark(layouts: Layouts, subject: Subject) -> str:
    table = layouts.tables.get(subject.item)
    return table.benchmark(subject.dataset) if table else subject.dataset


def _is_rated(layouts: Layouts, subject: Subject, metric: str) -> bool:
    table = layouts.tables.get(subject.item)
    return bool(table and metric in table.metrics and table.metrics[metric].rated)


def _list(names: Iterable[str]) -> str:
    *first, last = list(names) or ["nothing"]
    return f"{', '.join(first)} and {last}" if first else last
