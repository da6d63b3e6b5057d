"""Metrics per second: ours against straightforward NumPy and SciPy (`naive_metrics`), in one process.

A metric's ratio is for one pair of images in memory, once with everything (HR share included) and once
with the HR share already there, as it is for every further source; PSNR and SSIM also at the size of Set14's
images. The last row is `sr score`'s work:
PNG files in, PSNR, SSIM and NIQE out. Each time is the least of several, so that other work on the
machine disturbs little; ours uses all threads, so a busy processor still lowers its ratio. NIQE's
parameters are made up here; the time does not depend on them.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks import naive_metrics as naive
from benchmarks.report import print_table
from benchmarks.scored import OneFile, niqe_parameters, pair
from sr.allocator import keep_memory
from sr.images import Pixels, read_image, write_png
from sr.metrics.niqe import NIQE
from sr.metrics.psnr import PSNR
from sr.metrics.ssim import SSIM
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import score_folders

HEIGHT, WIDTH, BORDER, IMAGES = 768, 1024, 4, 8
SMALL = 512  # most of Set14's images are about so large
PROTOCOL = load_protocol("gmgan")


def main() -> None:
    """Print megapixels per second of both and their ratio, under both settings of the allocator."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parameters = niqe_parameters(folder)
        for number in range(IMAGES):
            sr, hr = pair(number, HEIGHT, WIDTH)
            write_png(folder / "sr" / f"{number}.png", sr)
            write_png(folder / "hr" / f"{number}.png", hr)
        for setting in ("default allocator", "memory kept"):
            if setting == "memory kept" and not keep_memory():
                continue
            title = f"{WIDTH}x{HEIGHT}, {torch.get_num_threads()} threads, {setting}: megapixels per second"
            rows = [
                *_pair_rows(*pair(0, HEIGHT, WIDTH)),
                *_pair_rows(*pair(0, SMALL, SMALL), f", {SMALL}x{SMALL}"),
                _niqe_row(parameters, pair(0, HEIGHT, WIDTH)[0]),
                _folder_row(folder, parameters),
            ]
            print_table(title, ("", "plain", "ours", "ratio", "HR reused", "ratio"), rows)


def _pair_rows(sr: Pixels, hr: Pixels, size: str = "") -> list[list[str]]:
    psnr, ssim = PSNR(PROTOCOL.view), SSIM(PROTOCOL.view)
    rows = []
    for name, metric, plain in (("PSNR", psnr, naive.psnr), ("SSIM", ssim, naive.ssim)):
        reference = metric.reference(hr)
        rows.append(
            _row(
                name + size,
                hr.shape[0] * hr.shape[1],
                _time(lambda plain=plain: plain(sr, hr, BORDER)),
                _time(lambda metric=metric: metric.score(sr, metric.reference(hr))),
                _time(lambda metric=metric, reference=reference: metric.score(sr, reference)),
            )
        )
    return rows


def _niqe_row(parameters: OneFile, sr: Pixels) -> list[str]:
    niqe = NIQE(parameters, "pirm")
    plain = _time(lambda: naive.niqe(sr, niqe.mean, niqe.covariance))
    return _row("NIQE", HEIGHT * WIDTH, plain, _time(lambda: niqe.score(sr)))


def _folder_row(folder: Path, parameters: OneFile) -> list[str]:
    niqe = NIQE(parameters, "pirm")

    def plain() -> None:
        for number in range(IMAGES):
            sr, hr = (read_image(folder / kind / f"{number}.png") for kind in ("sr", "hr"))
            naive.psnr(sr, hr, BORDER)
            naive.ssim(sr, hr, BORDER)
            naive.niqe(sr, niqe.mean, niqe.covariance)

    def ours() -> None:
        sources = {"sr": folder / "sr"}
        score_folders(sources, folder / "hr", PROTOCOL, parameters, ["PSNR", "SSIM", "NIQE"])

    return _row(
        "files to PSNR, SSIM, NIQE", HEIGHT * WIDTH, _time(plain, 2) / IMAGES, _time(ours, 4) / IMAGES
    )


def _row(name: str, pixels: int, plain: float, ours: float, shared: float | None = None) -> list[str]:
    def rate(seconds: float) -> str:
        return f"{pixels / 1e6 / seconds:.1f}"

    row = [name, rate(plain), rate(ours), f"{plain / ours:.1f}"]
    return [*row, *(("", "") if shared is None else (rate(shared), f"{plain / shared:.1f}"))]


def _time(work: Callable[[], object], repetitions: int = 8) -> float:
    times = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


if __name__ == "__main__":
    main()
