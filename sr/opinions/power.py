"""What a study asks of people, and which differences that many of them can show."""

from math import comb, sqrt

from scipy import stats

from sr.opinions.study import Study

POWER = 0.8  # the chance to find a difference of the size that is named
# Standard deviations behind a difference of two versions on a scale of five: of an image's, of a rater's
# leaning to one of them, and of a single score. Chosen, from what such tests usually show; a pilot tells.
IMAGE, RATER, NOISE = 0.4, 0.3, 0.7
LIKENESS = 0.05  # chosen: correlation between two answers of one rater about the same two versions


def cases_on(study: Study, benchmark: str) -> int:
    """Questions for each image of a benchmark."""
    versions = len(study.on(benchmark))
    return {"category": versions, "ranking": 1, "pairs": comb(versions, 2)}[study.scale.kind]


def image_counts(study: Study) -> dict[str, int | None]:
    """Images of each benchmark: as the study or else the catalogue says; None where neither does."""
    from sr.data.catalogue import catalogue

    assets = catalogue().assets
    return {
        name: stated if stated != "all" else (assets[name].count if name in assets else None)
        for name, stated in study.images.items()
    }


def smallest_difference(study: Study, images: int, raters: int) -> float:
    """The difference in MOS of two versions that is found with a chance of 80 %, raters and images random.

    (z of the level + z of the power) times the standard error of a difference,
    sqrt(2 (s_rater^2 / raters + s_image^2 / images + s_noise^2 / (raters images))).
    """
    error = sqrt(2 * (RATER**2 / raters + IMAGE**2 / images + NOISE**2 / (raters * images)))
    return float(_quantiles(study)) * error


def smallest_preference(study: Study, cases: int, raters: int) -> float:
    """How often one of two versions must be the better one, beyond a half, to be found with a chance of 80 %.

    Of raters x cases comparisons, with Kish's effect of `cases` similar answers by each rater.
    """
    effective = raters * cases / (1 + (cases - 1) * LIKENESS)
    return float(_quantiles(study)) * 0.5 / sqrt(effective)


def _quantiles(study: Study) -> float:
    return float(stats.norm.ppf(1 - study.level / 2) + stats.norm.ppf(POWER))


def describe_plan(study: Study, raters: int) -> list[str]:
    """The plan in words, a line each."""
    counts = image_counts(study)
    unknown = [name for name, count in counts.items() if count is None]
    cases = sum((count or 0) * cases_on(study, name) for name, count in counts.items())
    own = min(study.shown or cases, cases)
    repeats = study.repeats.images * cases_on(study, study.repeats.benchmark) if study.repeats else 0
    practice = study.calibration.count * len(study.calibration.expected) if study.calibration else 0
    minutes = (own + repeats + practice) * study.seconds / 60
    lines = [
        f"{study.title} ({study.source})",
        f"{cases} questions in all: "
        + ", ".join(f"{counts[b] or '?'} of {b} in {len(study.on(b))} versions" for b in study.images),
        f"each of {raters} raters answers {own}"
        + (f", {repeats} of them twice" if repeats else "")
        + (f", after {practice} for practice" if practice else "")
        + f": {own + repeats + practice} answers, about {minutes:.0f} minutes at {study.seconds:g} s each",
        f"{raters * own} ratings"
        + (f" and {raters * repeats} repeated ones" if repeats else "")
        + f", {raters * minutes / 60:.0f} hours of people's time",
    ]
    if unknown:
        lines.append(f"not counted, since nobody says how many images there are: {', '.join(unknown)}")
    return lines + _differences(study, counts, cases, own, raters)


def _differences(study: Study, counts: dict[str, int | None], cases: int, own: int, raters: int) -> list[str]:
    chance = f"found with a chance of {POWER:.0%} at p < {study.level:g}"
    if study.scale.kind == "category":
        seen = max(1, round(raters * own / cases))
        lines = [
            f"on {name}, a difference of {smallest_difference(study, count, seen):.2f} in MOS is {chance}"
            for name, count in counts.items()
            if count
        ]
        return [
            *lines,
            f"assumed: standard deviations of {RATER:g} (rater), {IMAGE:g} (image) and {NOISE:g} (score)",
        ]
    better = 0.5 + smallest_preference(study, own, raters)
    return [
        f"one of two versions that is better in {better:.1%} of the cases is {chance}",
        f"assumed: answers of one rater are alike by a correlation of {LIKENESS:g}",
    ]
