"""Which conventions give the printed numbers, how many do as well, and what the papers use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sr.explain.conventions import (
    DAALA,
    MEAN,
    NIQE_WAYS,
    OWN_SIZE,
    WANG,
    Channel,
    Grey,
    Setting,
    Value,
)
from sr.explain.printed import Printed
from sr.metrics.niqe import BORDERS
from sr.scoring.protocol import Protocol

_AROUND = 10.0


@dataclass(frozen=True)
class Candidate:
    """Conventions for all printed numbers that agree in their setting, with what they give.

    distance: of the worst number, in half units of its last printed digit; up to 1 is a fit.
    """

    values: tuple[Value, ...]
    distance: float

    @property
    def fits(self) -> bool:
        """Whether all printed numbers come out."""
        return self.distance <= 1.0 + 1e-6


def rank(values: Sequence[Value], printed: Sequence[Printed]) -> list[Candidate]:
    """Every setting with its best details: what fits in the order of `values`, then the nearest first.

    What gives the same values is one candidate, and the first stands for it: then it can not matter.
    """
    candidates = []
    for setting in dict.fromkeys(value.setting for value in values):
        own = [value for value in values if value.setting == setting]
        best = [_nearest(number, own) for number in printed]
        found = tuple(value for value in best if value is not None)
        if len(found) == len(printed):
            worst = max(n.distance(v.value) for n, v in zip(printed, found, strict=True))
            candidates.append(Candidate(found, worst))
    return sorted(_distinct(candidates), key=lambda candidate: max(candidate.distance, 1.0 + 1e-6))


@dataclass(frozen=True)
class Alone:
    """How many different values of one metric there are, fit a printed number, and would fit by chance.

    Chance is what the values around speak of: a tenth of those within ten times the printed precision.
    """

    of: int
    fit: int
    by_chance: float


def alone(values: Sequence[Value], number: Printed) -> Alone:
    """What a printed number by itself can tell."""
    different = {round(value.value, 7) for value in values if value.metric == number.metric}
    around = sum(number.distance(value) <= _AROUND for value in different)
    return Alone(len(different), sum(number.fits(value) for value in different), around / _AROUND)


def by_protocols(
    values: Sequence[Value], printed: Sequence[Printed], protocols: dict[str, Protocol]
) -> dict[str, Candidate]:
    """What each paper's way to measure gives; the nearest first."""
    found = {}
    for paper, protocol in protocols.items():
        own = [_of_protocol(protocol, number.metric, values) for number in printed]
        known = [(number, value) for number, value in zip(printed, own, strict=True) if value]
        if known:
            worst = max(number.distance(value.value) for number, value in known)
            found[paper] = Candidate(tuple(value for _, value in known), worst)
    return dict(sorted(found.items(), key=lambda entry: entry[1].distance))


def _nearest(number: Printed, values: list[Value]) -> Value | None:
    own = [value for value in values if value.metric == number.metric]
    return min(own, key=lambda value: number.distance(value.value), default=None)


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    found: dict[tuple[float, ...], Candidate] = {}
    for candidate in candidates:
        found.setdefault(tuple(round(value.value, 7) for value in candidate.values), candidate)
    return list(found.values())


def _of_protocol(protocol: Protocol, metric: str, values: Sequence[Value]) -> Value | None:
    """The value of a metric under a protocol, if it was computed."""
    setting, detail = _way(protocol, metric)
    # Where no image is grey, only one of the ways to take it was tried.
    settings = (setting, replace(setting, grey="as RGB"))
    own = (v for s in settings for v in values if (v.metric, v.setting, v.detail) == (metric, s, detail))
    return next(own, None)


def _way(protocol: Protocol, metric: str) -> tuple[Setting, str]:
    """Setting and detail that a protocol's words mean."""
    if metric == "LPIPS":
        return Setting("RGB", protocol.lpips.border), f"{protocol.lpips.backbone}, v{protocol.lpips.version}"
    if metric == "DISTS":
        return Setting("RGB", protocol.dists.border), OWN_SIZE
    if metric == "NIQE":
        return Setting("RGB", BORDERS[protocol.niqe]), NIQE_WAYS[protocol.niqe]
    channel: Channel = "RGB" if protocol.channel == "RGB" else "Y, rounded" if protocol.y_rounded else "Y"
    grey: Grey = "as stored" if protocol.grey == "as_stored" else "as RGB"
    detail = MEAN if metric == "PSNR" else DAALA if protocol.ssim == "daala" else WANG
    return Setting(channel, protocol.border, grey), detail
