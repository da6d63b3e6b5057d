"""Bicubic rows computed again under many conventions: which of them gives the printed numbers?

Bicubic needs no training, so a printed bicubic row tells how a paper measured: Y rounded or not, images
stored as grey taken as they are or as RGB, how HR was cropped, and which SSIM. A convention explains a row
only when PSNR and SSIM come out together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Literal

import numpy as np

from sr.audit.disagreements import CommonNames
from sr.degradation import downscale, upscale
from sr.images import Pixels, crop_to_multiple, read_image
from sr.metrics.daala import DaalaSSIM
from sr.metrics.psnr import PSNR
from sr.metrics.ssim import SSIM
from sr.metrics.views import View
from sr.papers.published import Cell
from sr.papers.tolerances import load_tolerances
from sr.progress import progress

SCALE = 4
MULTIPLES = (SCALE, 3 * SCALE)

Channel = Literal["Y", "Y rounded", "RGB"]
Window = Literal["Wang", "daala"]
Grey = Literal["as_stored", "as_rgb", "left out"]

WINDOWS: tuple[Window, ...] = ("Wang", "daala")
CHANNELS: tuple[Channel, ...] = ("Y", "Y rounded", "RGB")
GREY: dict[Grey, str] = {"as_stored": "grey as stored", "as_rgb": "grey as RGB", "left out": "grey left out"}


@dataclass(frozen=True)
class Convention:
    """One way to measure PSNR and SSIM.

    channel and border as in `View`; multiple: HR is cropped to a multiple of it; grey: what becomes of
    images without colour, where `left out` drops also those that are stored as RGB; window: whose SSIM.
    """

    window: Window
    channel: Channel
    grey: Grey
    border: int
    multiple: int

    def __str__(self) -> str:
        return (
            f"{self.window} SSIM, {self.channel}, {GREY[self.grey]}, border {self.border}, "
            f"cropped to {self.multiple}"
        )

    def with_window(self, window: Window) -> "Convention":
        """The same with another SSIM."""
        return replace(self, window=window)

    def view(self) -> View:
        """What the metrics look at."""
        channel: Literal["Y", "RGB"] = "RGB" if self.channel == "RGB" else "Y"
        grey: Literal["as_stored", "as_rgb"] = "as_rgb" if self.grey == "as_rgb" else "as_stored"
        return View(channel=channel, y_rounded=self.channel == "Y rounded", border=self.border, grey=grey)


# daala reads video, whose luma is whole numbers.
CONVENTIONS = [
    Convention(window, channel, grey, border, multiple)
    for multiple, border, channel, grey, window in product(MULTIPLES, (SCALE, 0), CHANNELS, GREY, WINDOWS)
    if window == "Wang" or channel == "Y rounded"
]


@dataclass(frozen=True)
class Trial:
    """What one convention gives for bicubic, as a mean over a benchmark or on one image."""

    convention: Convention
    psnr: float
    ssim: float


@dataclass(frozen=True)
class Check:
    """A printed bicubic row (its PSNR and SSIM) against every convention tried, nearest first."""

    psnr: Cell
    ssim: Cell
    trials: tuple[Trial, ...]

    @property
    def agreeing(self) -> list[Trial]:
        """The conventions that give both numbers within the bands for baselines."""
        return [trial for trial in self.trials if self.psnr_agrees(trial) and self.ssim_agrees(trial)]

    @property
    def depends_on_grey(self) -> bool:
        """Whether the treatment of grey images changes anything here."""
        own = {trial.convention: trial for trial in self.trials}
        return any(trial.psnr != own[replace(one, grey="as_stored")].psnr for one, trial in own.items())

    def psnr_agrees(self, trial: Trial) -> bool:
        """Whether the printed PSNR comes out."""
        return abs(trial.psnr - self.psnr.value) <= _band(self.psnr)

    def ssim_agrees(self, trial: Trial) -> bool:
        """Whether the printed SSIM comes out."""
        return abs(trial.ssim - self.ssim.value) <= _band(self.ssim)


@dataclass(frozen=True)
class Habit:
    """The convention that gives most bicubic rows of a paper, and those that it does not give."""

    paper: str
    convention: Convention
    rows: int
    missed: tuple[Check, ...]


Trials = dict[str, list[Trial]]


def recompute(images: Mapping[str, Iterable[Path]], printed: Iterable[Cell]) -> Trials:
    """Bicubic x4 of every image: per benchmark, and for the single images that `printed` names.

    images: benchmark -> its HR files. Returns benchmark or image -> one trial for each convention.
    """
    wanted = {cell.dataset for cell in printed}
    trials: Trials = {}
    for benchmark, paths in images.items():
        scores, files = {}, list(paths)
        with progress(f"bicubic on {benchmark}", len(files)) as report:
            for done, path in enumerate(files, start=1):
                scores[path.stem] = _scores(path)
                report(done)
        trials[benchmark] = _means(list(scores.values()))
        trials.update({name: _means([own]) for name, own in scores.items() if name in wanted})
    return trials


def check(trials: Trials, cells: Iterable[Cell], names: CommonNames) -> list[Check]:
    """Every printed bicubic row whose images are among the trials."""
    rows: dict[tuple[str, str, str], dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        if names(cell) == "bicubic" and cell.dataset in trials:
            rows[cell.paper, cell.item, cell.dataset][cell.metric] = cell
    return [_check(row["PSNR"], row["SSIM"], trials) for row in rows.values() if {"PSNR", "SSIM"} <= set(row)]


def habits(checks: Iterable[Check]) -> list[Habit]:
    """For each paper the one convention under which most of its bicubic rows come out, nearest on a tie."""
    by_paper: dict[str, list[Check]] = defaultdict(list)
    for one in checks:
        by_paper[one.psnr.paper].append(one)
    return [_habit(paper, own) for paper, own in by_paper.items()]


def _habit(paper: str, checks: list[Check]) -> Habit:
    def order(convention: Convention) -> tuple[int, float]:
        own = [next(trial for trial in one.trials if trial.convention == convention) for one in checks]
        agreeing = sum(trial in one.agreeing for one, trial in zip(checks, own, strict=True))
        return -agreeing, sum(_distance(one, trial) for one, trial in zip(checks, own, strict=True))

    best = min((trial.convention for trial in checks[0].trials), key=order)
    missed = [one for one in checks if best not in {trial.convention for trial in one.agreeing}]
    return Habit(paper, best, len(checks), tuple(missed))


def _check(psnr: Cell, ssim: Cell, trials: Trials) -> Check:
    unordered = Check(psnr, ssim, tuple(trials[psnr.dataset]))
    return Check(psnr, ssim, tuple(sorted(unordered.trials, key=lambda trial: _distance(unordered, trial))))


def _distance(row: Check, trial: Trial) -> float:
    """How far a trial is from a printed row, in bands."""
    pairs = ((trial.psnr, row.psnr), (trial.ssim, row.ssim))
    return sum(abs(value - cell.value) / _band(cell) for value, cell in pairs)


def _band(cell: Cell) -> float:
    return load_tolerances(cell.paper).for_verdict("baseline", cell.metric).band


Scores = dict[Convention, tuple[float, float]]


def _scores(path: Path) -> Scores:
    """PSNR and SSIM of one image under every convention that does not leave it out."""
    stored = read_image(path)
    colourless = stored.ndim == 2 or not np.ptp(stored, axis=2).any()
    pairs = {multiple: _hr_and_bicubic(stored, multiple) for multiple in MULTIPLES}
    scores: Scores = {}
    for convention in CONVENTIONS:
        usual = replace(convention, grey="as_stored")
        if stored.ndim == 3 and usual in scores:  # only images stored as grey can be treated differently
            values = scores[usual]
        else:
            values = _pair(*pairs[convention.multiple], convention)
        if not (colourless and convention.grey == "left out"):
            scores[convention] = values
    return scores


def _hr_and_bicubic(stored: Pixels, multiple: int) -> tuple[Pixels, Pixels]:
    hr = crop_to_multiple(stored, multiple)
    return hr, upscale(downscale(hr, SCALE), SCALE)


def _pair(hr: Pixels, bicubic: Pixels, convention: Convention) -> tuple[float, float]:
    view = convention.view()
    decibels = PSNR(view).score(bicubic, PSNR(view).reference(hr))
    if convention.window == "daala":
        return decibels, DaalaSSIM(view).score(bicubic, DaalaSSIM(view).reference(hr))
    return decibels, SSIM(view).score(bicubic, SSIM(view).reference(hr))


def _means(images: list[Scores]) -> list[Trial]:
    """One trial for each convention that leaves at least one image."""
    trials = []
    for convention in CONVENTIONS:
        own = [scores[convention] for scores in images if convention in scores]
        if own:
            trials.append(Trial(convention, fmean(p for p, _ in own), fmean(s for _, s in own)))
    return trials
