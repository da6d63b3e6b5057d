"""How many seeds decide a claim, or tell a table's cells from their neighbours, before any is trained.

The effect is what the paper prints, the spread of trainings what is stated of it (replications/spread.yaml),
the test the one that will judge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite

from sr.claims.chance import units_of
from sr.claims.verdicts import unmeasurable
from sr.config import nearest
from sr.data.catalogue import size_of
from sr.errors import InputError
from sr.papers.claim_language import PrintedNumbers
from sr.papers.claim_terms import Single, Subject, singles
from sr.papers.claims import Judgement, judge_printed, load_claims, needed
from sr.papers.published import Cell, load_published
from sr.papers.spread import margin, spread_of
from sr.papers.tables import Table, load_layouts
from sr.planning.cost import RunCost
from sr.planning.plan import Plan
from sr.results.intervals import LEVEL
from sr.results.measurement import Measurement
from sr.results.power import detectable, seeds_against_one, seeds_to_match, seeds_to_tell
from sr.results.source import Group, Kind, Source

# Of a set of no fixed size.
_USUAL_IMAGES = 100


class NoPowerError(Exception):
    """Nothing can be planned; the message says why, in words for the reader of the plan."""


@dataclass(frozen=True)
class Decision:
    """What decides a claim. seeds: of every recipe, None where `why` says why there is no number.

    comparisons: how many of the claim's could be planned.
    """

    paper: str
    claim: str
    rule: str
    comparisons: int
    recipes: tuple[str, ...]
    seeds: int | None
    why: str


@dataclass(frozen=True)
class Matches:
    """What a table's trained cells take. seeds: with which a right training is shown equal in most cases.

    plain: how many of the cells are then also told from all other printed numbers of their row.
    """

    paper: str
    item: str
    cells: int
    plain: int
    recipes: tuple[str, ...]
    seeds: int | None


def decisions(plan: Plan, paper: str) -> list[Decision]:
    """What every claim of a paper takes."""
    cells = {cell.key: cell for cell in load_published(paper)}
    table = PrintedNumbers(paper, cells, load_claims(paper).groups)
    return [_decision(plan, one, table) for one in judge_printed(paper)]


def decision(plan: Plan, name: str) -> Decision:
    """What one claim takes, or all parts of one (L11 of L11a, L11b, ...) together.

    Raises InputError for a name that no configured paper's claim has.
    """
    known = {one.id: paper for paper in plan.configuration.papers for one in load_claims(paper).claims}
    parts = [one for one in known if one == name or one.rstrip("abcdefgh") == name]
    if not parts:
        raise InputError(f"'{name}' is no claim; {nearest(name, list(known))}")
    found = [one for one in decisions(plan, known[parts[0]]) if one.claim in parts]
    seeds = [one.seeds for one in found]
    return Decision(
        paper=known[parts[0]],
        claim=name,
        rule=found[0].rule,
        comparisons=sum(one.comparisons for one in found),
        recipes=tuple(dict.fromkeys(recipe for one in found for recipe in one.recipes)),
        seeds=None if None in seeds else max(seed for seed in seeds if seed),
        why="; ".join(dict.fromkeys(one.why for one in found if one.why)),
    )


def matches(plan: Plan, paper: str, item: str) -> Matches:
    """What the trained cells of a table take."""
    table, rows = load_layouts(paper).table(paper, item), load_published(paper)
    trained = [cell for cell in rows if cell.item == item and _recipe(table, cell) and _spread(table, cell)]
    each = [_seeds_of_a_match(cell) for cell in trained]
    seeds = max(each, default=None) if all(each) else None  # type: ignore[type-var]
    plain = sum(_is_told(cell, rows, table, seeds) for cell in trained) if seeds else 0
    return Matches(paper, item, len(trained), plain, tuple(plan.recipes_of([(paper, item)])), seeds)


def hours(runs: Mapping[str, RunCost], plan: Plan, recipes: Iterable[str], seeds: int, rate: float) -> float:
    """Hours of computing that so many seeds of some recipes take, all begins with counted once.

    rate: operations a second. runs: the cost of every recipe.
    """
    wanted = list(recipes)
    starts = {part for recipe in wanted for part in plan.trainings.chain(recipe)[1:]}
    own = sum(runs[name].operations for name in _made(plan, wanted))
    before = sum(runs[name].operations for name in _made(plan, starts - set(wanted)))
    return (own * seeds + before) / rate / 3600


def _made(plan: Plan, recipes: Iterable[str]) -> set[str]:
    """The recipes whose trainings these are; two may be one training."""
    return {plan.trainings.twin(name) or name for name in recipes}


def _decision(plan: Plan, printed: Judgement, table: PrintedNumbers) -> Decision:
    claim, why = printed.claim, unmeasurable(printed.claim)
    texts = [] if why else claim.measured or claim.comparisons
    found = [one for text in texts for one in singles(text, table) if one.metric]
    level = LEVEL if claim.rule == "all" else 1 - (1 - LEVEL) / max(1, len(found))
    each: list[tuple[str, float]] = []
    recipes: dict[str, None] = {}
    reasons: dict[str, None] = {}
    for single in found:
        try:
            each.append((single.metric, _seeds(plan, table, single, level, recipes)))
        except NoPowerError as reason:
            reasons[str(reason)] = None
    if claim.shown:
        reasons["figures decide it, and no spread of theirs is stated"] = None
    why = why or "; ".join(list(reasons)[:2])
    seeds = _by_rule(claim.rule, each) if each else inf
    if each and not isfinite(seeds):
        why = "what is printed differs too little for any number of seeds"
    number = int(seeds) if isfinite(seeds) else None
    return Decision(printed.paper, claim.id, claim.rule, len(each), tuple(recipes), number, why)


def _by_rule(rule: str, each: Sequence[tuple[str, float]]) -> float:
    """The seeds with which as many comparisons are decided as the rule needs."""
    if rule == "most of each metric":
        metrics = {metric for metric, _ in each}
        return max(_by_rule("majority", [one for one in each if one[0] == metric]) for metric in metrics)
    return sorted(seeds for _, seeds in each)[needed(rule, len(each)) - 1]  # type: ignore[arg-type]


def _seeds(
    plan: Plan, table: PrintedNumbers, single: Single, level: float, recipes: dict[str, None]
) -> float:
    """Seeds that decide a single comparison, infinite for none; its recipes are added to `recipes`.

    Raises NoPowerError with the reason for no number.
    """
    samples = {subject: _printed(plan, table, subject, single.metric) for subject in single.subjects}
    recipes |= dict.fromkeys(
        sample.group.source.name for sample in samples.values() if sample.group.kind == Kind.TRAINED
    )
    spread = spread_of(single.metric)
    if spread is None:
        raise NoPowerError(f"no spread of trainings is stated for {single.metric}")
    means = {subject: sample.mean for subject, sample in samples.items()}
    left, right = single.left.coefficients(means), single.right.coefficients(means)
    if left is None or right is None:
        raise NoPowerError("a count of methods has no effect size")
    weights = {one: left.get(one, 0.0) - right.get(one, 0.0) for one in samples}
    units = units_of({one: weight for one, weight in weights.items() if weight}, samples, spread).units
    if not all(unit.variance for unit in units):
        raise NoPowerError("nothing has to be trained")
    difference = single.left.of(means) - single.right.of(means)
    if any(value != value for value in means.values()):
        count = len(plan.configuration.seeds)
        finds = detectable(units, count, level)
        raise NoPowerError(
            f"no effect is printed; {count} seed{'s' * (count > 1)} find {finds:.2g} {single.metric}"
        )
    gap = abs(difference)
    if single.relation in ("=", "~"):
        gap = abs(float(single.tolerance or 0) - gap)
    return seeds_to_tell(gap, units, level) or inf


def _printed(plan: Plan, table: PrintedNumbers, subject: Subject, metric: str) -> Measurement:
    """A training as the paper prints it: its number, `nan` where there is none, and how many images."""
    layout = load_layouts(table.paper).tables.get(subject.item)
    if subject.item and layout is None:
        raise NoPowerError(f"{subject.item} is no table whose methods are known")
    benchmark, images = subject.dataset, 0
    if layout is not None:
        benchmark = layout.benchmark(subject.dataset)
        images = 1 if layout.dataset(subject.dataset).image else 0
    cell = table.cells.get((table.paper, subject.item, subject.dataset, subject.method, metric))
    source = _source(plan, table.paper, subject, layout)
    return Measurement(
        group=Group(source.without_seed, (source,)),
        benchmark=benchmark,
        metric=metric,
        seeds=() if source.seed is None else (source.seed,),
        images=tuple(f"{benchmark} {number}" for number in range(images or _images(benchmark))),
        of_seeds=(cell.value if cell else float("nan"),),
        per_image=None,
        deviations=(),
        stale="",
        unscored=(),
    )


def _source(plan: Plan, paper: str, subject: Subject, table: Table | None) -> Source:
    if table is None:
        kind, _, baseline = subject.method.partition("/")
        if kind == Kind.BASELINE:
            return Source.baseline(baseline)
        return plan.trainings.run(subject.method if "/" in subject.method else f"{paper}/{subject.method}", 0)
    method = table.methods.get(subject.method)
    if method is not None and method.baseline:
        return Source.baseline(method.baseline)
    recipe = method.full_recipe(paper) if method else None
    if recipe is None:
        raise NoPowerError(f"{subject.method} has no recipe")
    return plan.trainings.run(recipe, 0)


def _images(benchmark: str) -> int:
    return size_of(benchmark) or _USUAL_IMAGES


def _recipe(table: Table, cell: Cell) -> str | None:
    method = table.methods.get(cell.method)
    return method.full_recipe(cell.paper) if method and isfinite(cell.value) else None


def _spread(table: Table, cell: Cell) -> bool:
    metric = table.metrics.get(cell.metric)
    return metric is not None and not metric.rated and spread_of(cell.metric) is not None


def _seeds_of_a_match(cell: Cell) -> int | None:
    spread = spread_of(cell.metric)
    return seeds_to_match(margin(), spread.alone.worth) if spread else None


def _is_told(cell: Cell, rows: Sequence[Cell], table: Table, seeds: int) -> bool:
    """Whether so many seeds most likely tell a cell from every other printed number of its row."""
    spread = spread_of(cell.metric)
    assert spread is not None
    images = 1 if table.dataset(cell.dataset).image else _images(table.benchmark(cell.dataset))
    own = spread.alone.variance(images) ** 0.5
    place = (cell.item, cell.dataset, cell.metric)
    others = [one for one in rows if (one.item, one.dataset, one.metric) == place and one.key != cell.key]
    gaps = [abs(one.value - cell.value) for one in others if isfinite(one.value)]
    if not gaps or min(gaps) == 0:
        return not gaps
    most = seeds_against_one(min(gaps), own, spread.alone.worth)
    return most is not None and most <= seeds
