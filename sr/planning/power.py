"""How many seeds decide a claim, or tell a table's cells from their neighbours, before any is trained.

The effect is what the paper prints, the test the one that will judge. The spread of trainings is what is
stated of it (replications/spread.yaml), corrected by the seeds that were measured so far.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, isfinite
from pathlib import Path

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
from sr.planning.cost import RunCost, cost_of_recipes
from sr.planning.plan import Plan
from sr.results.intervals import LEVEL, Unit, mean_of_trainings, moderated
from sr.results.measurement import Measurement, Results
from sr.results.power import detectable, seeds_against_one, seeds_to_match, seeds_to_tell
from sr.results.source import Group, Kind, Source

# Of a set of no fixed size.
_USUAL_IMAGES = 100

# Before anything was trained.
NOTHING = Results(Path("results/scores"), [], {})
_UNPLANNED = 3  # reasons that stand beside a claim at most


class NoPowerError(Exception):
    """Nothing can be planned; the message says why, in words for the reader of the plan."""


@dataclass(frozen=True)
class Decision:
    """What decides a claim. seeds: of every recipe, None where `why` says why there is no number.

    comparisons: how many of the claim's could be planned. hardest: the one that takes these seeds.
    """

    paper: str
    claim: str
    rule: str
    comparisons: int
    hardest: str
    recipes: tuple[str, ...]
    seeds: int | None
    why: str

    @property
    def words(self) -> str:
        """What takes the seeds, and what is not planned."""
        if self.seeds is None:
            return self.why
        return self.hardest + (f"; not planned: {self.why}" if self.why else "")


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


@dataclass(frozen=True)
class Outlook:
    """What some tables take and the claims of their papers, each with hours of computing, None for no number.

    beyond: how many claims are left out that no training decides.
    """

    tables: tuple[tuple[Matches, float | None], ...]
    claims: tuple[tuple[Decision, float | None], ...]
    beyond: int


def outlook(
    plan: Plan, tables: Sequence[tuple[str, str]], known: Iterable[RunCost], rate: float, results: Results
) -> Outlook:
    """What tables (paper, item) take, and the claims: all of a paper whose tables are all among them, else
    those that these tables' trainings decide.

    known: the cost of these trainings. rate: operations a second. results: what was measured by now.
    """
    runs = {run.recipe: run for run in known}
    filled = [matches(plan, paper, item, results) for paper, item in tables]
    claims, beyond = [], 0
    for paper in dict.fromkeys(paper for paper, _ in tables):
        whole = {one for one in plan.tables() if one[0] == paper} <= set(tables)
        for one in decisions(plan, paper, results):
            if not one.comparisons and not one.recipes:
                beyond += 1
            elif whole or set(one.recipes) <= runs.keys():
                claims.append(one)
    of_studies = [name for one in claims if one.seeds for name in one.recipes if name not in runs]
    runs |= {run.recipe: run for run in cost_of_recipes(plan, of_studies).runs}

    def price(one: Decision | Matches) -> float | None:
        return hours(runs, plan, one.recipes, one.seeds, rate) if one.seeds else None

    return Outlook(
        tuple((one, price(one)) for one in filled if one.cells),
        tuple((one, price(one)) for one in claims),
        beyond,
    )


def decisions(plan: Plan, paper: str, results: Results = NOTHING) -> list[Decision]:
    """What every claim of a paper takes."""
    cells = {cell.key: cell for cell in load_published(paper)}
    basis = _Basis(plan, PrintedNumbers(paper, cells, load_claims(paper).groups), results)
    return [_decision(basis, one) for one in judge_printed(paper)]


def decision(plan: Plan, name: str, results: Results = NOTHING) -> Decision:
    """What one claim takes, or all parts of one (L11 of L11a, L11b, ...) together.

    Raises InputError for a name that no configured paper's claim has.
    """
    known = {one.id: paper for paper in plan.configuration.papers for one in load_claims(paper).claims}
    parts = [one for one in known if one == name or one.rstrip("abcdefgh") == name]
    if not parts:
        raise InputError(f"'{name}' is no claim; {nearest(name, list(known))}")
    found = [one for one in decisions(plan, known[parts[0]], results) if one.claim in parts]
    seeds = [one.seeds for one in found]
    hardest = max(found, key=lambda one: one.seeds or inf).hardest
    return Decision(
        paper=known[parts[0]],
        claim=name,
        rule=found[0].rule,
        comparisons=sum(one.comparisons for one in found),
        hardest=hardest,
        recipes=tuple(dict.fromkeys(recipe for one in found for recipe in one.recipes)),
        seeds=None if None in seeds else max(seed for seed in seeds if seed),
        why="; ".join(dict.fromkeys(one.why for one in found if one.why)),
    )


def matches(plan: Plan, paper: str, item: str, results: Results = NOTHING) -> Matches:
    """What the trained cells of a table take."""
    table, rows = load_layouts(paper).table(paper, item), load_published(paper)
    basis = _Basis(plan, PrintedNumbers(paper, {cell.key: cell for cell in rows}, {}), results)
    trained = [cell for cell in rows if cell.item == item and _recipe(table, cell) and _spread(table, cell)]
    each = [_seeds_of_a_match(cell) for cell in trained]
    seeds = max(each, default=None) if all(each) else None  # type: ignore[type-var]
    plain = sum(_is_told(basis, cell, rows, seeds) for cell in trained) if seeds else 0
    return Matches(paper, item, len(trained), plain, tuple(plan.printed_recipes([(paper, item)])), seeds)


def hours(runs: Mapping[str, RunCost], plan: Plan, recipes: Iterable[str], seeds: int, rate: float) -> float:
    """Hours of computing that so many seeds of some recipes take, with what they begin with: once, unless
    each seed has a start of its own.

    rate: operations a second. runs: the cost of every recipe.
    """
    wanted = list(recipes)
    starts = {part for recipe in wanted for part in plan.trainings.chain(recipe)[1:]}
    own = sum(runs[name].operations for name in _made(plan, wanted))
    before = sum(runs[name].operations for name in _made(plan, starts - set(wanted)))
    begun = seeds if plan.trainings.own_starts else 1
    return (own * seeds + before * begun) / rate / 3600


def _made(plan: Plan, recipes: Iterable[str]) -> set[str]:
    """The recipes whose trainings these are; two may be one training."""
    return {plan.trainings.twin(name) or name for name in recipes}


@dataclass(frozen=True)
class _Basis:
    """What a paper's power is planned from: the configuration, what is printed, what was measured by now."""

    plan: Plan
    table: PrintedNumbers
    results: Results

    @property
    def paper(self) -> str:
        """Whose numbers these are."""
        return self.table.paper

    @cached_property
    def _tables(self) -> Mapping[str, Table]:
        return load_layouts(self.paper).tables

    def printed(self, subject: Subject, metric: str) -> Measurement:
        """A training as the paper prints it: its number, `nan` where there is none, and how many images.

        Raises NoPowerError for what no run here could give.
        """
        benchmark, image = self._place(subject)
        source = _source(self.plan, self.paper, subject, self._layout(subject))
        cell = self.table.cells.get((self.paper, subject.item, subject.dataset, subject.method, metric))
        return Measurement(
            group=Group(source.without_seed, (source,)),
            benchmark=benchmark,
            metric=metric,
            seeds=() if source.seed is None else (source.seed,),
            images=tuple(f"{benchmark} {number}" for number in range(1 if image else _images(benchmark))),
            of_seeds=(cell.value if cell else float("nan"),),
            per_image=None,
            deviations=(),
            stale="",
            unscored=(),
        )

    def so_far(self, subject: Subject, printed: Measurement) -> Measurement:
        """The seeds of this very training that were measured; where they are not two, the printed number."""
        group = self.results.group_of(printed.group.source) if printed.group.kind == Kind.TRAINED else None
        if group is None:
            return printed
        found = self.results.measure(
            self.paper, group, printed.benchmark, printed.metric, self._place(subject)[1]
        )
        if not isinstance(found, Measurement) or found.stale or len(found.seeds) < 2:
            return printed
        return replace(printed, seeds=found.seeds, of_seeds=found.of_seeds)

    def _place(self, subject: Subject) -> tuple[str, str | None]:
        """The benchmark, and the one image of it that is meant, if only one is."""
        layout = self._layout(subject)
        if layout is None:
            return subject.dataset, None
        return layout.benchmark(subject.dataset), layout.dataset(subject.dataset).image

    def _layout(self, subject: Subject) -> Table | None:
        layout = self._tables.get(subject.item)
        if subject.item and layout is None:
            raise NoPowerError(f"{subject.item} is no table whose methods are known")
        return layout


def _decision(basis: _Basis, printed: Judgement) -> Decision:
    claim, why = printed.claim, unmeasurable(printed.claim)
    texts = [] if why else claim.measured or claim.comparisons
    found = [one for text in texts for one in singles(text, basis.table) if one.metric]
    level = LEVEL if claim.rule == "all" else 1 - (1 - LEVEL) / max(1, len(found))
    each: list[tuple[float, Single]] = []
    recipes: dict[str, None] = {}
    reasons: dict[str, None] = {}
    for single in found:
        try:
            each.append((_seeds(basis, single, level, recipes), single))
        except NoPowerError as reason:
            reasons |= dict.fromkeys(str(reason).split("; "))
    if claim.shown:
        reasons["figures decide it, and no spread of theirs is stated"] = None
    why = why or "; ".join(list(reasons)[:_UNPLANNED])
    seeds, hardest = _by_rule(claim.rule, each) if each else (inf, "")
    if each and not isfinite(seeds):
        why = "what is printed differs too little for any number of seeds"
    number = int(seeds) if isfinite(seeds) else None
    return Decision(printed.paper, claim.id, claim.rule, len(each), str(hardest), tuple(recipes), number, why)


def _by_rule(rule: str, each: Sequence[tuple[float, Single]]) -> tuple[float, Single]:
    """The seeds with which as many comparisons are decided as the rule needs, and the one that takes them."""
    if rule == "most of each metric":
        metrics = {single.metric for _, single in each}
        parts = [[one for one in each if one[1].metric == metric] for metric in sorted(metrics)]
        return max((_by_rule("majority", own) for own in parts), key=lambda one: one[0])
    return sorted(each, key=lambda one: one[0])[needed(rule, len(each)) - 1]  # type: ignore[arg-type]


def _seeds(basis: _Basis, single: Single, level: float, recipes: dict[str, None]) -> float:
    """Seeds that decide a single comparison, infinite for none; its recipes are added to `recipes`.

    Raises NoPowerError with the reason for no number.
    """
    samples = {subject: basis.printed(subject, single.metric) for subject in single.subjects}
    recipes |= dict.fromkeys(
        sample.group.source.name for sample in samples.values() if sample.group.kind == Kind.TRAINED
    )
    units, difference = _units(basis, single, samples)
    if not all(unit.variance for unit in units):
        raise NoPowerError("nothing has to be trained")
    if any(sample.mean != sample.mean for sample in samples.values()):
        count = len(basis.plan.configuration.seeds)
        finds = detectable(units, count, level)
        said = "1 seed finds" if count == 1 else f"{count} seeds find"
        raise NoPowerError(f"no effect is printed; {said} {finds:.2g} {single.metric}")
    gap = abs(difference)
    if single.relation in ("=", "~"):
        gap = abs(float(single.tolerance or 0) - gap)
    return seeds_to_tell(gap, units, level) or inf


def _units(basis: _Basis, single: Single, samples: Mapping[Subject, Measurement]) -> tuple[list[Unit], float]:
    """What varies in a comparison by what is known of it now, and the difference that is printed.

    Raises NoPowerError where either is not known.
    """
    spread = spread_of(single.metric)
    if spread is None:
        raise NoPowerError(f"no spread of trainings is stated for {single.metric}")
    means = {subject: sample.mean for subject, sample in samples.items()}
    left, right = single.left.coefficients(means), single.right.coefficients(means)
    if left is None or right is None:
        raise NoPowerError("a count of methods has no effect size")
    weights = {one: left.get(one, 0.0) - right.get(one, 0.0) for one in samples}
    seen: Mapping[Subject, Measurement] = {one: basis.so_far(one, sample) for one, sample in samples.items()}
    # Trainings are paired by their seeds, which those that are still planned do not have yet.
    if any(seen[one] is sample for one, sample in samples.items() if sample.group.kind == Kind.TRAINED):
        seen = samples
    found = units_of({one: weight for one, weight in weights.items() if weight}, seen, spread).units
    return moderated(found), single.left.of(means) - single.right.of(means)


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


def _is_told(basis: _Basis, cell: Cell, rows: Sequence[Cell], seeds: int) -> bool:
    """Whether so many seeds most likely tell a cell from every other printed number of its row."""
    spread = spread_of(cell.metric)
    subject = Subject(cell.item, cell.dataset, cell.method)
    sample = basis.so_far(subject, basis.printed(subject, cell.metric))
    mean = mean_of_trainings(sample)
    assert spread is not None
    assert mean is not None
    own = mean.error * len(sample.of_seeds) ** 0.5
    place = (cell.item, cell.dataset, cell.metric)
    others = [one for one in rows if (one.item, one.dataset, one.metric) == place and one.key != cell.key]
    gaps = [abs(one.value - cell.value) for one in others if isfinite(one.value)]
    if not gaps or min(gaps) == 0:
        return not gaps
    most = seeds_against_one(min(gaps), own, spread.alone.worth)
    return most is not None and most <= seeds
