"""Everything that can be said of some images and the numbers that were expected of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sr.data.assets import Assets
from sr.errors import InputError
from sr.explain import deep
from sr.explain.accidents import Accident, find
from sr.explain.conventions import Value, pixel_values
from sr.explain.pairs import Pair, Pairs, match
from sr.explain.printed import Printed
from sr.explain.ranking import Alone, Candidate, alone, by_protocols, rank
from sr.progress import progress
from sr.project import papers
from sr.scoring.protocol import load_protocol

PIXEL_METRICS = ("PSNR", "SSIM")


@dataclass(frozen=True)
class Explanation:
    """What came out.

    pairs: the images that were compared. candidates: conventions for the printed PSNR and SSIM together, the
    nearest first. alone: what each number by itself can tell, by metric.
    papers: what the papers' ways to measure give. untried: in words, what could not be computed.
    """

    sr: Path
    hr: Path
    pairs: Sequence[Pair]
    printed: Sequence[Printed]
    values: Sequence[Value]
    candidates: Sequence[Candidate]
    alone: dict[str, Alone]
    papers: dict[str, Candidate]
    accidents: Sequence[Accident]
    untried: Sequence[str]


def explain(sr: Path, hr: Path, printed: Sequence[Printed], assets: Assets) -> Explanation:
    """Score `sr` against `hr` (folders or images) in every way that could have given `printed`.

    Without printed numbers, PSNR and SSIM are computed. Raises InputError when nothing can be paired.
    """
    matched = match(sr, hr)
    with progress("looking for accidents", len(matched.pairs)) as report:
        accidents = find(matched, report)
    pairs = _usable(matched, accidents)
    metrics = [number.metric for number in printed] or list(PIXEL_METRICS)
    values: list[Value] = []
    if any(metric in PIXEL_METRICS for metric in metrics):
        with progress("PSNR and SSIM", len(pairs)) as report:
            values += pixel_values(pairs, metrics, report)
    variants, untried = deep.variants(metrics, assets)
    if variants:
        with progress("deep metrics", len(variants) * len(pairs)) as report:
            values += deep.deep_values(pairs, variants, report)
    of_pixels = [number for number in printed if number.metric in PIXEL_METRICS]
    protocols = {paper: load_protocol(paper) for paper in papers()}
    return Explanation(
        sr=sr,
        hr=hr,
        pairs=pairs,
        printed=printed,
        values=values,
        candidates=rank(values, of_pixels) if of_pixels else [],
        alone={number.metric: alone(values, number) for number in printed},
        papers=by_protocols(values, printed or [Printed(name, "0") for name in metrics], protocols),
        accidents=accidents,
        untried=untried,
    )


def _usable(matched: Pairs, accidents: Sequence[Accident]) -> list[Pair]:
    """The pairs, or in words why there are none."""
    if not matched.pairs:
        reasons = " ".join(accident.text for accident in accidents if accident.kind == "size")
        raise InputError(f"nothing can be compared: {reasons or 'there are no images.'}")
    return matched.pairs
