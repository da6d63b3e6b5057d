"""What a set of images scores under every convention in use; each base quantity is computed once.

PSNR and SSIM of one publication look at the same pixels, so they share a `Setting`; how the window, the mean
or a network enters is a detail of each metric.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sr.explain.pairs import SCALE, Pair
from sr.explain.similarity import WINDOWS, Map, similarity_map, size_of_window
from sr.images import Pixels
from sr.metrics.daala import DaalaSSIM
from sr.metrics.threads import workers
from sr.metrics.views import Plane, View, rgb2gray

Channel = Literal["RGB", "Y", "Y, rounded"]
Grey = Literal["as RGB", "as stored"]

CHANNELS: tuple[Channel, ...] = ("Y", "Y, rounded", "RGB")
BORDERS = (SCALE, 0, SCALE + 6)
MULTIPLES = (SCALE, 8, 12)

MEAN, OF_MEAN = "the mean of the images", "the mean squared error of all"
# TensorFlow's is Wang's.
WANG, DAALA = "Wang's window", "daala's"
OWN_SIZE = "the images at their own size"
NIQE_WAYS = {"release": "the release's way (rgb2gray)", "pirm": "the PIRM kit's way (rounded Y)"}
_KINDS = {"wang": WANG, "scikit-image": "scikit-image's default (7x7)", "uniform": "a uniform window (8x8)"}


@dataclass(frozen=True)
class Setting:
    """The pixels that are compared.

    grey: what an image stored as a single channel counts as. border: pixels cut at each side, after the
    images were cut to multiples of `multiple`. without_grey: such images are left out.
    """

    channel: Channel
    border: int
    grey: Grey = "as RGB"
    multiple: int = SCALE
    without_grey: bool = False

    def __str__(self) -> str:
        parts = [self.channel, f"border {self.border}"]
        if self.without_grey:
            parts.append("grey images left out")
        elif self.grey == "as stored":
            parts.append("grey images as stored")
        if self.multiple != SCALE:
            parts.append(f"cut to multiples of {self.multiple}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Value:
    """What the set scores in one metric under one convention."""

    metric: str
    setting: Setting
    detail: str
    value: float


@dataclass(frozen=True)
class _Measured:
    """One image under all settings: mean squared errors, and SSIM by setting and detail."""

    is_grey: bool
    errors: dict[Setting, float]
    similarity: dict[tuple[Setting, str], float]


def pixel_values(
    pairs: list[Pair], metrics: Iterable[str], report: Callable[[int], None] = lambda _done: None
) -> list[Value]:
    """PSNR and SSIM, as far as they are among `metrics`, under every convention that makes a difference."""
    wanted = set(metrics)
    settings = _settings(pairs)
    measured = []
    with workers() as each:
        for done, found in enumerate(each(lambda pair: _measure(pair, settings, wanted), pairs), start=1):
            measured.append(found)
            report(done)
    values = []
    for setting in _pooled(settings, pairs):
        base = Setting(setting.channel, setting.border, setting.grey, setting.multiple)
        counted = [image for image in measured if not (setting.without_grey and image.is_grey)]
        if "PSNR" in wanted:
            values += _psnr(setting, [image.errors[base] for image in counted])
        if "SSIM" in wanted:
            details = [detail for own, detail in counted[0].similarity if own == base]
            values += [
                Value("SSIM", setting, detail, _mean([image.similarity[base, detail] for image in counted]))
                for detail in details
            ]
    return values


def _settings(pairs: list[Pair]) -> list[Setting]:
    """Every way to look at one image that makes a difference for these images."""
    greys: tuple[Grey, ...] = ("as RGB", "as stored") if any(pair.is_grey for pair in pairs) else ("as RGB",)
    multiples = [m for m in MULTIPLES if m == SCALE or any(s % m for p in pairs for s in p.hr.shape[:2])]
    smallest = min(min(pair.hr.shape[:2]) for pair in pairs)
    borders = [border for border in BORDERS if smallest - max(multiples) - 2 * border >= 11]
    return [
        Setting(channel, border, grey, multiple)
        for multiple in multiples
        for grey in greys
        for border in borders
        for channel in CHANNELS
    ]


def _pooled(settings: list[Setting], pairs: list[Pair]) -> list[Setting]:
    """The settings, and those that leave out the grey images, where there are both kinds."""
    if len({pair.is_grey for pair in pairs}) == 1:
        return settings
    left_out = [
        Setting(s.channel, s.border, s.grey, s.multiple, True) for s in settings if s.grey == "as RGB"
    ]
    return settings + left_out


def _measure(pair: Pair, settings: list[Setting], wanted: set[str]) -> _Measured:
    # What a grey image counts as makes no difference to one in colours.
    own = settings if pair.is_grey else [setting for setting in settings if setting.grey == "as RGB"]
    errors: dict[Setting, float] = {}
    similarity: dict[tuple[Setting, str], float] = {}
    for channel, grey in {(setting.channel, setting.grey) for setting in own}:
        alike = [s for s in own if (s.channel, s.grey) == (channel, grey)]
        look = _view(channel, grey)
        # As where scores are made: an RGB reconstruction of a grey image is only there turned into grey.
        made = rgb2gray(pair.sr) if grey == "as stored" else pair.sr
        sr, hr = _planes(look(made)), _planes(look(pair.hr))
        squares = (sr - hr) ** 2
        errors |= {setting: float(_part(squares, setting).mean(dtype=np.float64)) for setting in alike}
        if "SSIM" in wanted:
            similarity |= _similarities(sr, hr, alike)
            if channel == "Y, rounded":
                similarity |= _daala(made, pair.hr, [s for s in alike if s.multiple == SCALE])
    for setting in set(settings) - set(own):
        counted = replace(setting, grey="as RGB")
        errors[setting] = errors[counted]
        similarity |= {(setting, way): value for (one, way), value in similarity.items() if one == counted}
    return _Measured(pair.is_grey, errors, similarity)


def _similarities(sr: Plane, hr: Plane, settings: list[Setting]) -> dict[tuple[Setting, str], float]:
    found = {}
    for kind in WINDOWS:
        maps = np.stack([similarity_map(one, other, kind) for one, other in zip(sr, hr, strict=True)])
        for setting in settings:
            part = _part(maps, setting, size_of_window(kind) - 1)
            found[setting, _KINDS[kind]] = float(part.mean(dtype=np.float64))
    return found


def _daala(sr: Pixels, hr: Pixels, settings: list[Setting]) -> dict[tuple[Setting, str], float]:
    """Daala's window depends on the image's height and reaches over its border: nothing can be shared."""
    found = {}
    for setting in settings:
        height, width = (side - side % setting.multiple for side in hr.shape[:2])
        metric = DaalaSSIM(_view(setting.channel, setting.grey, setting.border))
        found[setting, DAALA] = metric.score(sr[:height, :width], metric.reference(hr[:height, :width]))
    return found


def _part(plane: Plane | Map, setting: Setting, margin: int = 0) -> Plane | Map:
    """What of a plane (channels x height x width) is compared.

    margin: by how much the plane is smaller than the image it was made of.
    """
    height, width = (side + margin for side in plane.shape[-2:])
    bottom, right = (side - side % setting.multiple - setting.border - margin for side in (height, width))
    return plane[..., setting.border : bottom, setting.border : right]


def _view(channel: Channel, grey: Grey, border: int = 0) -> View:
    return View(
        "RGB" if channel == "RGB" else "Y",
        channel == "Y, rounded",
        border,
        "as_stored" if grey == "as stored" else "as_rgb",
    )


def _planes(plane: Plane) -> Plane:
    return plane if plane.ndim == 3 else plane[None]


def _psnr(setting: Setting, errors: list[float]) -> list[Value]:
    values = [Value("PSNR", setting, MEAN, _mean([_decibels(error) for error in errors]))]
    if len(errors) > 1:
        values.append(Value("PSNR", setting, OF_MEAN, _decibels(_mean(errors))))
    return values


def _decibels(error: float) -> float:
    return 10.0 * math.log10(255.0**2 / error) if error else math.inf


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
