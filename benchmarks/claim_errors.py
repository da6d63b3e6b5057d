"""How often claims err where there is nothing to find: simulated scores, judged as claims are.

`python -m benchmarks.claim_errors [--repetitions N] [--output docs/claim_errors.md]`

Two methods are equal on average; each training adds a chance of its own to all images and to single ones.
The true spread is drawn anew in every repetition from what replications/spread.yaml states, for a stated
spread is itself uncertain; or it is fixed at the stated one, half or twice that. With a correlation of 0 the
methods have another start and other crops; with 0.95 they share both, and are paired.

`before` is how an earlier version judged: a percentile bootstrap over images and, for each method by itself,
over seeds, and with a single seed a band.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.report import repeated_page
from sr.claims.statistics import Evidence, measure
from sr.claims.verdicts import Atom, ClaimVerdict, corrected, decide
from sr.papers.claim_terms import Quantity, Single, Subject
from sr.papers.spread import MetricSpread, spread_of
from sr.results.measurement import Measurement
from sr.results.source import Group, Source

SEEDS = (1, 2, 3, 5, 10)
IMAGES = (5, 14, 100)
METRICS = ("PSNR", "LPIPS")
CORRELATION = 0.95
# The first two begin alike and see the same crops, the first and the last do not.
RECIPES = ("beby/bebygan", "beby/bebygan_without_best_buddy", "srgan/srgan_vgg54")
# Standard deviation between images; the difference of two methods varies a tenth of it.
OF_IMAGES = {"PSNR": 4.0, "LPIPS": 0.05}
BANDS = {"PSNR": 0.25, "LPIPS": 0.01}
COMPARISONS = 15
DRAWS = 500


@dataclass(frozen=True)
class Case:
    """One line of the table. factor: of the true spread to the stated one; None where it is drawn anew."""

    metric: str
    paired: bool
    seeds: int
    images: int
    factor: float | None = None


def main() -> None:
    """Print the tables, or write them as a page."""
    repeated_page(str(__doc__), text, repetitions=300)


def text(repetitions: int) -> str:
    """The page: error rates and coverage, what a wrong spread does, and claims of many comparisons."""
    noise = round(196 * (0.05 * 0.95 / repetitions) ** 0.5, 1)
    others = max(1, repetitions // 4)
    parts = [HEAD.format(repetitions=repetitions, noise=noise, others=others, correlation=CORRELATION)]
    for factor, title in (
        (None, "The spread as uncertain as stated"),
        (1.0, "The spread exactly the stated one"),
        (0.5, "The spread half the stated one"),
        (2.0, "The spread twice the stated one"),
    ):
        times = repetitions if factor is None else others
        parts.append(f"## {title}\n\n" + "\n".join(_lines(times, factor)))
    return "\n\n".join([*parts, MANY, "\n".join(_many(others))]) + "\n"


def _lines(repetitions: int, factor: float | None) -> Iterator[str]:
    yield "| metric | correlation | images |" + "".join(
        f" {seeds} seed{'s' * (seeds > 1)} |" for seeds in SEEDS
    )
    yield "| --- | ---: | ---: |" + " ---: |" * len(SEEDS)
    for metric in METRICS:
        for paired in (False, True):
            for images in IMAGES:
                cases = [Case(metric, paired, seeds, images, factor) for seeds in SEEDS]
                yield f"| {metric} | {CORRELATION if paired else 0} | {images} |" + "".join(
                    f" {_rates(case, repetitions, before=factor is None)} |" for case in cases
                )


def _rates(case: Case, repetitions: int, before: bool) -> str:
    random = np.random.default_rng(0)
    found = [judged(case, random) for _ in range(repetitions)]
    errors = np.mean([error for error, _, _ in found])
    covered = np.mean([inside for _, inside, _ in found])
    cell = f"{100 * errors:.1f} / {100 * covered:.1f}"
    if not before:
        return cell
    return cell + f" / {100 * np.mean([_before(samples, case.metric) for _, _, samples in found[::4]]):.0f}"


def judged(case: Case, random: np.random.Generator) -> tuple[bool, bool, tuple[np.ndarray, np.ndarray]]:
    """Whether one simulated comparison of equal methods is decided, whether the interval of one whose true
    difference is not zero holds that, and the scores of both.
    """
    left, right = simulated(case, random)
    wrong = evidence(case, left, right)
    # Methods do not differ alike on all images; what counts is the mean over these.
    truth = random.normal(1, 0.1, case.images) * OF_IMAGES[case.metric]
    shifted = evidence(case, left + truth, right).interval
    assert wrong.interval is not None
    assert shifted is not None
    decided = decide(_single(case.metric, case.paired), wrong) is not ClaimVerdict.UNDECIDED
    return decided, shifted[0] <= truth.mean() <= shifted[1], (left, right)


def simulated(case: Case, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scores of two equal methods, seeds x images each.

    Paired ones differ by the stated spread of pairs, and have so much in common that their correlation is
    CORRELATION: each is what they share and half a difference, of opposite signs.
    """
    spread = _spread(case.metric)
    stated = spread.paired if case.paired else spread.alone
    factor = case.factor or np.sqrt(stated.worth / random.chisquare(stated.worth))
    shape = (case.seeds, case.images)

    def chance(scale: float) -> np.ndarray:
        by_seed = random.normal(0, stated.seed, (case.seeds, 1))
        return scale * factor * (by_seed + random.normal(0, stated.seed_by_image, shape))

    images = random.normal(0, OF_IMAGES[case.metric], case.images)
    if not case.paired:
        return images + chance(1), images + chance(1)
    shared, half = chance(0.5 * np.sqrt((1 + CORRELATION) / (1 - CORRELATION))), chance(0.5)
    return images + shared + half, images + shared - half


def evidence(case: Case, left: np.ndarray, right: np.ndarray) -> Evidence:
    """The suite's own judgement of two tables of scores."""
    single = _single(case.metric, case.paired)
    return measure(
        single,
        {
            single.left.subjects[0]: _measurement(RECIPES[0], left),
            single.right.subjects[0]: _measurement(_other(case.paired), right),
        },
    )


def _many(repetitions: int) -> Iterator[str]:
    yield "| metric | comparisons |" + "".join(f" {seeds} seed{'s' * (seeds > 1)} |" for seeds in SEEDS)
    yield "| --- | ---: |" + " ---: |" * len(SEEDS)
    for metric in METRICS:
        shares = [f" {100 * contradicted(metric, seeds, repetitions):.1f} |" for seeds in SEEDS]
        yield f"| {metric} | {COMPARISONS} |" + "".join(shares)


def contradicted(metric: str, seeds: int, repetitions: int) -> float:
    """Share of claims of many independent comparisons of equal methods that are contradicted by chance."""
    random, single = np.random.default_rng(1), _single(metric, paired=False)
    count = 0
    for _ in range(repetitions):
        case = Case(metric, False, seeds, 14)
        found = [evidence(case, *simulated(case, random)) for _ in range(COMPARISONS)]
        atoms = corrected("all", [Atom(single, one, decide(single, one), "") for one in found])
        count += any(atom.verdict is ClaimVerdict.CONTRADICTED for atom in atoms)
    return count / repetitions


def _before(samples: tuple[np.ndarray, np.ndarray], metric: str) -> bool:
    """Whether the earlier version decided."""
    seeds, images = samples[0].shape
    of_images = _shares(0, images)
    left, right = (
        np.einsum("ds,si,di->d", _shares(1 + side, seeds), values, of_images, optimize=True)
        for side, values in enumerate(samples)
    )
    low, high = np.quantile(left - right, [0.025, 0.975])
    band = BANDS[metric] if seeds == 1 else 0.0
    return bool(low - band > 0 or high + band < 0)


@cache
def _shares(number: int, count: int) -> np.ndarray:
    generator = np.random.default_rng([number, count])
    return generator.multinomial(count, np.full(count, 1 / count), size=DRAWS) / count


@cache
def _spread(metric: str) -> MetricSpread:
    found = spread_of(metric)
    assert found is not None
    return found


def _other(paired: bool) -> str:
    return RECIPES[1] if paired else RECIPES[2]


@cache
def _single(metric: str, paired: bool) -> Single:
    left, right = (Subject("", "set", recipe) for recipe in (RECIPES[0], _other(paired)))
    sides = [Quantity(one.method, "method", (one,)) for one in (left, right)]
    return Single(metric, "set", sides[0], ">", sides[1])


def _measurement(recipe: str, values: np.ndarray) -> Measurement:
    source = Source.trained("paper", "set", recipe)
    seeds = tuple(range(len(values)))
    return Measurement(
        group=Group(source, tuple(source.with_seed(seed) for seed in seeds)),
        benchmark="set",
        metric="",
        seeds=seeds,
        images=tuple(str(number) for number in range(values.shape[1])),
        of_seeds=tuple(values.mean(axis=1).tolist()),
        per_image=values,
        deviations=(),
        stale="",
        unscored=(),
    )


HEAD = """# How often claims err by chance

This page is written by `python -m benchmarks.claim_errors --repetitions {repetitions} --output
docs/claim_errors.md`; do not edit it. It says what becomes of comparisons of two methods that are equal,
judged by the suite's own code on simulated scores, {repetitions} times each: chance alone moves a rate of 5 %
by {noise} percentage points (two standard errors). The tables after the first rest on {others} repetitions.

A cell holds the share of comparisons that are decided although nothing is there (5 % is meant), and behind
the stroke the share of 95 % intervals that hold a true difference, in per cent. In the first table a third
number is the share that an earlier version decided: by a bootstrap over images and seeds, and with a single
seed by a band.

With a correlation of 0, two methods have another start and other crops. With {correlation}, they share both,
and are paired seed by seed. What is stated of the spread (`replications/spread.yaml`) is uncertain, so the
first table draws the true one anew each time, as stated. The others say what happens where it is another:
with few seeds a spread twice the stated one makes too many claims, and each seed makes that better."""

MANY = """## A claim of many comparisons

Share of claims (rule `all`, 14 images, methods that are equal and not paired) that are contradicted by
chance, in per cent: Holm's correction keeps it below 5 %, however many comparisons a claim has."""


if __name__ == "__main__":
    main()
