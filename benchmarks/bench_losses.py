"""Beby-GAN's and LDL's losses: ours against versions that unfold every patch (`naive_losses`).

Sizes are the papers' batches: 8 crops of 192x192 for Beby-GAN, 16 crops of 128x128 for LDL. A loss is timed
with its gradient, the mask without. Each time is the median of several, taken in turns, so that other work
on the machine disturbs both alike. Memory is what a call adds at its peak to the process' resident memory.
Both settings of the allocator are measured, each in a process of its own.
"""

import ctypes
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import torch

from benchmarks import naive_losses as naive
from benchmarks.report import print_table
from sr.allocator import keep_memory
from sr.degradation import bicubic
from sr.losses.artifact import ArtifactSettings
from sr.losses.batch import Batch
from sr.losses.best_buddy import BestBuddySettings
from sr.losses.region_mask import RegionMaskSettings

Work = Callable[[], object]
DEFAULT, KEPT = "default allocator", "memory kept"


def main(setting: str | None = None) -> None:
    """Print the table of one setting of the allocator; without one, start a process for each."""
    if setting is None:
        for each in (DEFAULT, KEPT):
            subprocess.run([sys.executable, "-m", "benchmarks.bench_losses", each], check=True)
        return
    if setting == KEPT and not keep_memory():
        return
    rows = [_row(name, plain, ours) for name, plain, ours in _cases()]
    title = f"{torch.get_num_threads()} threads, {setting}: milliseconds and added peak memory in megabytes"
    print_table(title, ("", "plain", "ours", "ratio", "plain MB", "ours MB", "ratio"), rows)


def _cases() -> list[tuple[str, Work, Work]]:
    beby, ldl = _batch(8, 192), _batch(16, 128)
    buddy = BestBuddySettings(
        weight=0.1, alpha=1.0, beta=1.0, patch=3, stride=3, levels=3, antialias=True
    ).build()
    mask = RegionMaskSettings(patch=11, threshold=0.025, image="hr").build()
    cases: list[tuple[str, Work, Work]] = [
        ("region mask", partial(naive.region_mask, beby.hr, 11, 0.025), partial(mask, beby)),
        (
            "best buddy",
            partial(_with_gradient, lambda: naive.best_buddy(beby.sr, beby.hr, 1.0, 1.0), beby),
            partial(_with_gradient, lambda: buddy(beby), beby),
        ),
    ]
    for name, residual in (("artifact, signed", "signed"), ("artifact, summed", "absolute_sum")):
        ours = ArtifactSettings.model_validate(
            {
                "weight": 1.0,
                "window": 7,
                "root": 5,
                "map": "refined",
                "residual": residual,
                "gradient_through_map": True,
            }
        ).build()
        plain = partial(naive.artifact, ldl.sr, ldl.hr, ldl.sr_ema, signed=residual == "signed")
        cases.append(
            (
                name,
                partial(_with_gradient, plain, ldl),
                partial(_with_gradient, partial(ours, ldl), ldl),
            )
        )
    return cases


def _with_gradient(loss: Callable[[], torch.Tensor], batch: Batch) -> None:
    torch.autograd.grad(loss(), batch.sr)


def _batch(count: int, size: int) -> Batch:
    """Something with the spectrum of photographs, and two degraded versions of it."""
    random = torch.Generator().manual_seed(0)
    fields = torch.randn(count, 3, size, size, generator=random).cumsum(2).cumsum(3)
    low, high = fields.amin((1, 2, 3), keepdim=True), fields.amax((1, 2, 3), keepdim=True)
    hr = (fields - low) / (high - low)
    sr, sr_ema = ((hr + 0.02 * torch.randn(hr.shape, generator=random)).clamp(0, 1) for _ in range(2))
    return Batch(bicubic(hr, 1 / 4), hr, sr.requires_grad_(), sr_ema=sr_ema)


def _row(name: str, plain: Work, ours: Work) -> list[str]:
    ours()  # builds what is kept between calls
    ours_peak, plain_peak = _added_peak(ours), _added_peak(plain)
    plain_times, ours_times = [], []
    for _ in range(3):
        plain_times.append(_time(plain))
        ours_times += [_time(ours) for _ in range(5)]
    slow, fast = median(plain_times), median(ours_times)
    row = [name, f"{1e3 * slow:.1f}", f"{1e3 * fast:.1f}", f"{slow / fast:.1f}"]
    if plain_peak is None or ours_peak is None:
        return [*row, "", "", ""]
    return [*row, f"{plain_peak:.0f}", f"{ours_peak:.0f}", f"{plain_peak / max(ours_peak, 1.0):.0f}"]


def _time(work: Work) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _added_peak(work: Work) -> float | None:
    """Megabytes that a call adds at its peak to the resident memory; None where Linux does not tell."""
    if not sys.platform.startswith("linux"):
        return None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)  # what earlier calls left behind would hide this one's need
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    before = _status("VmRSS")
    work()
    return _status("VmHWM") - before


def _status(key: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith(f"{key}:"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
