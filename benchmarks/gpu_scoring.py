"""The deep metrics on this machine's GPU and on its CPU: megapixels a second, and that the values agree."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from benchmarks.gpu_measures import Row, timed
from benchmarks.material import random_weights
from sr.data.assets import Assets
from sr.errors import Unavailable
from sr.images import Pixels
from sr.metrics import dists, lpips

_CHANNELS = 1475  # of DISTS' six layers


def scoring(folder: Path, *, toy: bool) -> list[Row]:
    """LPIPS on VGG features and DISTS, with random weights, which cost what the trained ones do."""
    height, width = (48, 64) if toy else (1356, 2040)
    random = np.random.default_rng(0)
    hr = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    sr = (hr * 0.9).astype(np.uint8)
    rows = []
    for name, build in (("LPIPS (VGG)", lambda: lpips.LPIPS("vgg", Assets(Path(), None))), ("DISTS", _dists)):
        try:
            values, speeds = _on_each(folder, build, sr, hr, toy=toy)
        except Unavailable as reason:
            rows.append(
                {"what": f"{name}: {reason}", "megapixels_a_second": None, "relative_difference": None}
            )
            continue
        for place, speed in speeds.items():
            rows.append(
                {
                    "what": f"{name} on {place}",
                    "megapixels_a_second": height * width / 1e6 / speed,
                    "relative_difference": abs(values[place] / values["cpu"] - 1),
                }
            )
    return rows


def _on_each(
    folder: Path, build: Callable[[], Any], sr: Pixels, hr: Pixels, *, toy: bool
) -> tuple[dict[str, float], dict[str, float]]:
    """Values and seconds of one further source, by device."""
    values, seconds = {}, {}
    for place in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        with _random_weights(folder, torch.device(place)):
            metric = build()
            reference = metric.reference(hr)
            values[place] = metric.score(sr, reference)
            seconds[place], _ = timed(partial(metric.score, sr, reference), 1, 0 if toy else 1)
            del metric, reference
    return values, seconds


def _dists() -> dists.DISTS:
    return dists.DISTS(Assets(Path(), None))


@contextmanager
def _random_weights(folder: Path, device: torch.device) -> Iterator[None]:
    """Networks' weights and DISTS' factors that need no download, and the device that metrics use."""
    path = folder / "dists.pt"
    folder.mkdir(parents=True, exist_ok=True)
    draws = torch.Generator().manual_seed(0)
    factors = {name: torch.rand(1, _CHANNELS, 1, 1, generator=draws) for name in ("alpha", "beta")}
    torch.save(factors, path)
    with (
        patch.multiple(
            "sr.metrics.lpips",
            asset_path=lambda *_: path,
            load_backbone=lambda _assets, name: random_weights(name),
            scoring_device=lambda: device,
        ),
        patch.multiple(
            "sr.metrics.dists",
            asset_path=lambda *_: path,
            load_backbone=lambda _assets, name: random_weights(name),
            scoring_device=lambda: device,
        ),
    ):
        yield
