"""How good a generator is while it trains: PSNR and LPIPS on images it does not train on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from sr.data.assets import Assets
from sr.data.benchmarks import Benchmark
from sr.device import exact_float32
from sr.errors import Unavailable
from sr.images import Pixels, read_image, write_png
from sr.inference.reconstruction import Reconstruction, bicubic, by_generator
from sr.metrics.lpips import LPIPS
from sr.metrics.psnr import PSNR
from sr.metrics.views import View

_PSNR = PSNR(View(channel="Y", y_rounded=False, border=4, grey="as_rgb"))


@dataclass(frozen=True)
class Quality:
    """Means over the validation images. lpips is None where its weights or package can not be had."""

    psnr: float
    lpips: float | None


class Validation:
    """Measures reconstructions of one prepared benchmark: PSNR on Y with a border of 4, LPIPS (AlexNet)."""

    def __init__(self, benchmark: Benchmark, assets: Assets) -> None:
        self.benchmark = benchmark.index.benchmark
        self._names = [path.stem for path in benchmark.hr_files()]
        self._lr = [read_image(path) for path in benchmark.lr_files()]
        self._hr = [read_image(path) for path in benchmark.hr_files()]
        self._lpips: LPIPS | None = None
        self.lpips_missing: str | None = None
        try:
            self._lpips = LPIPS("alex", assets)
            self._features = [self._lpips.reference(hr) for hr in self._hr]
        except Unavailable as reason:
            self.lpips_missing = str(reason)

    def bicubic(self) -> Quality:
        """What bicubic enlargement reaches on the same images."""
        return self._measure(self._reconstruct(bicubic))

    def generator(self, generator: nn.Module, samples: Path | None = None) -> Quality:
        """Measure a generator; its reconstructions are written into `samples` if given."""
        generator.eval()
        images = self._reconstruct(by_generator(generator))
        if samples is not None:
            for name, image in zip(self._names, images, strict=True):
                write_png(samples / f"{name}.png", image)
        return self._measure(images)

    @exact_float32()
    def _reconstruct(self, reconstruct: Reconstruction) -> list[Pixels]:
        return [reconstruct(lr) for lr in self._lr]

    def _measure(self, images: Sequence[Pixels]) -> Quality:
        values = [_PSNR.score(sr, _PSNR.reference(hr)) for sr, hr in zip(images, self._hr, strict=True)]
        if self._lpips is None:
            return Quality(float(np.mean(values)), None)
        lpips = self._lpips
        distances = [lpips.score(sr, known) for sr, known in zip(images, self._features, strict=True)]
        return Quality(float(np.mean(values)), float(np.mean(distances)))


def changes(before: Path, after: Path) -> dict[str, float]:
    """Mean absolute difference, in [0, 255], of each image in `after` to the one of its name in `before`.

    Empty when the images of the check before are gone (LDL, sec. 3.1 and Fig. 4: MAD).
    """
    pairs = [(before / path.name, path) for path in sorted(after.glob("*.png"))]
    if not all(old.is_file() for old, _ in pairs):
        return {}
    return {
        new.stem: float(np.abs(read_image(new).astype(np.float64) - read_image(old)).mean())
        for old, new in pairs
    }
