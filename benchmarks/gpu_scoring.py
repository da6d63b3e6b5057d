"""The metrics on this machine's GPU and on its CPU: megapixels a second, and that the values agree.

FID is left out: its features are a network's like LPIPS', computed on one image of 299 x 299 pixels.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from benchmarks.gpu_measures import Row, timed
from benchmarks.scored import dists_factors, niqe_parameters, pair, random_backbone
from sr.data.assets import Assets
from sr.errors import Unavailable
from sr.images import Pixels
from sr.metrics.daala import DaalaSSIM
from sr.metrics.dists import DISTS
from sr.metrics.gmsd import GMSD
from sr.metrics.lpips import LPIPS
from sr.metrics.niqe import NIQE
from sr.metrics.psnr import PSNR
from sr.metrics.ssim import SSIM
from sr.metrics.views import View

# By what they are called in results; given a folder for files that are made up.
METRICS: dict[str, Callable[[Path], Any]] = {
    "SSIM": lambda _: SSIM(View("Y", False, 4, "as_rgb")),
    "SSIM (daala)": lambda _: DaalaSSIM(View("Y", True, 4, "as_rgb")),
    "GMSD": lambda _: GMSD(),
    "NIQE": lambda folder: NIQE(niqe_parameters(folder), "pirm"),
    "LPIPS (AlexNet)": lambda _: LPIPS("alex", Assets(Path(), None)),
    "LPIPS (VGG)": lambda _: LPIPS("vgg", Assets(Path(), None)),
    "DISTS": lambda folder: DISTS(dists_factors(folder)),
}
# Computed on the processor whether there is a GPU or not (`sr.metrics.psnr`); RMSE is the same work.
_ON_THE_PROCESSOR: dict[str, Callable[[Path], Any]] = {
    "PSNR": lambda _: PSNR(View("Y", False, 4, "as_rgb")),
}
_MODULES = ("ssim", "daala", "gmsd", "niqe", "lpips", "dists")


def scoring(folder: Path, *, toy: bool) -> list[Row]:
    """Every metric of one further source, with random weights, which cost what the trained ones do."""
    sr, hr = pair(0, 112, 120) if toy else pair(0, 1356, 2040)
    folder.mkdir(parents=True, exist_ok=True)
    both = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
    named = [(name, ("cpu",)) for name in _ON_THE_PROCESSOR] + [(name, both) for name in METRICS]
    rows: list[Row] = []
    for name, places in named:
        try:
            rows += _on_each(name, places, folder, sr, hr)
        except Unavailable as reason:
            rows.append(
                {"what": f"{name}: {reason}", "megapixels_a_second": None, "relative_difference": None}
            )
    return rows


@contextmanager
def made_up(device: torch.device) -> Iterator[None]:
    """Weights that need no download, and the device that metrics built inside use."""
    with ExitStack() as stack:
        for module in _MODULES:
            stack.enter_context(patch(f"sr.metrics.{module}.scoring_device", lambda: device))
        for module in ("lpips", "dists"):
            for name, found in (
                ("asset_path", lambda assets, name: assets.find(name)),
                ("load_backbone", lambda _assets, name: random_backbone(name)),
            ):
                stack.enter_context(patch(f"sr.metrics.{module}.{name}", found))
        yield


def further_source(metric: Any, sr: Pixels, hr: Pixels) -> Callable[[], float]:
    """What one more source costs, the original's share being there."""
    if isinstance(metric, NIQE):
        return partial(metric.score, sr)
    return partial(metric.score, sr, metric.reference(hr))


def _on_each(name: str, places: tuple[str, ...], folder: Path, sr: Pixels, hr: Pixels) -> list[Row]:
    """One row a device, each compared with the first."""
    values, rows = [], []
    for place in places:
        with made_up(torch.device(place)):
            work = further_source((METRICS | _ON_THE_PROCESSOR)[name](folder), sr, hr)
        values.append(work())
        seconds, _ = timed(work, 1, 0)
        rows.append(
            {
                "what": f"{name} on {place}",
                "megapixels_a_second": hr.shape[0] * hr.shape[1] / 1e6 / seconds,
                "relative_difference": abs(values[-1] / values[0] - 1),
            }
        )
        del work
    return rows
