"""LPIPS, DISTS and NIQE under the conventions in use: backbones, versions, borders, sizes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from sr.data.assets import Assets
from sr.errors import InputError, Unavailable
from sr.explain.conventions import NIQE_WAYS, OWN_SIZE, Setting, Value
from sr.explain.pairs import SCALE, Pair
from sr.images import Pixels, as_rgb
from sr.metrics.dists import DISTS
from sr.metrics.lpips import LPIPS, Backbone, package_heads
from sr.metrics.niqe import NIQE
from sr.metrics.views import without_border

_BACKBONES: tuple[Backbone, ...] = ("alex", "vgg")
_RESIZED = 256

# LPIPS' third backbone: its heads come with the package, what is before them does not.
NO_SQUEEZE = "LPIPS with SqueezeNet: no Python package holds that network's weights"


@dataclass(frozen=True)
class Variant:
    """One way to compute a metric. score: the value of an image and its original."""

    metric: str
    border: int
    detail: str
    score: Callable[[Pixels, Pixels], float]


class _EarlierLPIPS(LPIPS):
    """LPIPS v0.0: other linear heads, and images that are not scaled as ImageNet's were."""

    def __init__(self, backbone: Backbone, assets: Assets) -> None:
        super().__init__(backbone, assets)
        self._heads = [head.to(self._device) for head in package_heads(backbone, "0.0")]
        self._shift, self._scale = torch.zeros_like(self._shift), torch.ones_like(self._scale)


def variants(metrics: Sequence[str], assets: Assets) -> tuple[list[Variant], list[str]]:
    """All variants of the metrics named, and in words which can not be had here."""
    makers = {"LPIPS": _lpips, "DISTS": _dists, "NIQE": _niqe}
    found: list[Variant] = []
    missing: list[str] = []
    for metric in metrics:
        try:
            found += list(makers[metric](assets)) if metric in makers else []
        except Unavailable as reason:
            missing.append(str(reason))
    if "LPIPS" in metrics:
        missing.append(NO_SQUEEZE)
    return found, missing


def deep_values(
    pairs: Sequence[Pair], wanted: Sequence[Variant], report: Callable[[int], None] = lambda _done: None
) -> list[Value]:
    """What the set scores under every variant, with and without its grey images where it has both kinds.

    An image that is too small for a variant takes the variant away.
    """
    values = []
    kinds = (False, True) if len({pair.is_grey for pair in pairs}) == 2 else (False,)
    for number, variant in enumerate(wanted):
        try:
            scores = []
            for done, pair in enumerate(pairs, start=1):
                scores.append(variant.score(pair.sr, pair.hr))
                report(number * len(pairs) + done)
        except InputError:
            continue
        for without_grey in kinds:
            counted = [
                s for s, pair in zip(scores, pairs, strict=True) if not (without_grey and pair.is_grey)
            ]
            setting = Setting("RGB", variant.border, without_grey=without_grey)
            values.append(Value(variant.metric, setting, variant.detail, float(np.mean(counted))))
    return values


def _lpips(assets: Assets) -> Iterator[Variant]:
    for backbone in _BACKBONES:
        for version, kind, borders in (("0.1", LPIPS, (0, SCALE)), ("0.0", _EarlierLPIPS, (0,))):
            score = _compared(kind(backbone, assets))
            for border in borders:
                yield Variant("LPIPS", border, f"{backbone}, v{version}", _cut(score, border))


def _dists(assets: Assets) -> Iterator[Variant]:
    score = _compared(DISTS(assets))
    yield Variant("DISTS", 0, OWN_SIZE, score)
    yield Variant("DISTS", SCALE, OWN_SIZE, _cut(score, SCALE))
    yield Variant(
        "DISTS",
        0,
        f"the images at {_RESIZED} pixels",
        lambda sr, hr: score(_resized(sr), _resized(hr)),
    )


def _niqe(assets: Assets) -> Iterator[Variant]:
    release, pirm = NIQE(assets, "release"), NIQE(assets, "pirm")
    yield Variant("NIQE", 0, NIQE_WAYS["release"], lambda sr, _hr: release.score(sr))
    yield Variant("NIQE", SCALE, NIQE_WAYS["pirm"], lambda sr, _hr: pirm.score(sr))
    yield Variant("NIQE", SCALE, "rgb2gray", lambda sr, _hr: release.score(without_border(sr, SCALE)))


def _compared(metric: Any) -> Callable[[Pixels, Pixels], float]:
    def score(sr: Pixels, hr: Pixels) -> float:
        value: float = metric.score(sr, metric.reference(hr))
        return value

    return score


def _cut(score: Callable[[Pixels, Pixels], float], border: int) -> Callable[[Pixels, Pixels], float]:
    return lambda sr, hr: score(without_border(sr, border), without_border(hr, border))


def _resized(pixels: Pixels) -> Pixels:
    """The shorter side at 256 pixels, as in DISTS' demonstration; smaller images stay."""
    height, width = pixels.shape[:2]
    factor = _RESIZED / min(height, width)
    if factor >= 1.0:
        return pixels
    # The longer side is cut off to a whole number, as torchvision's `resize` does.
    size = (int(_RESIZED * width / min(height, width)), int(_RESIZED * height / min(height, width)))
    return np.array(Image.fromarray(as_rgb(pixels)).resize(size, Image.Resampling.BILINEAR))
