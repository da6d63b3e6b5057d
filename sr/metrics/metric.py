"""What a metric is: a descriptor that says everything about it that other code has to know.

A paper's conventions decide how its numbers come about, so a descriptor builds the object that computes them
from those: `FullReference`, `NoReference` or `OfSets`, by the descriptor's kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import Field

from sr.config import Strict
from sr.data.assets import Assets
from sr.images import Pixels
from sr.metrics.views import View, without_border


class FullReference(Protocol):
    """Compares an image with the original; `reference` holds what is computed once per original."""

    def reference(self, hr: Pixels) -> Any:
        """Whatever is worth computing once per HR image."""
        ...

    def score(self, sr: Pixels, reference: Any) -> float:
        """Value of one image."""
        ...


class NoReference(Protocol):
    """Judges an image by itself."""

    def score(self, sr: Pixels) -> float:
        """Value of one image."""
        ...


class OfSets(Protocol):
    """Compares two sets of images as wholes, by what it takes from each image."""

    def features(self, image: Path) -> list[float]:
        """What it takes from one image."""
        ...

    def score(self, sr: Sequence[Sequence[float]], hr: Sequence[Sequence[float]]) -> float:
        """Value of one set: of the features of its images and of the originals."""
        ...


class LpipsConvention(Strict):
    """LPIPS: backbone, version of its linear weights, and pixels cut at each side before."""

    backbone: Literal["alex", "vgg"]
    version: Literal["0.1"]
    border: int = Field(ge=0)


class DistsConvention(Strict):
    """DISTS on the images at their own size, after cutting a border."""

    border: int = Field(ge=0)


class FidConvention(Strict):
    """FID between the two sets of images, each image one sample."""

    images: Literal["whole"]


class Conventions(Strict):
    """How one paper computes its numbers from images: what its metrics are built from."""

    channel: Literal["Y", "RGB"]
    y_rounded: bool
    border: int = Field(ge=0)
    grey: Literal["as_stored", "as_rgb"]
    ssim: Literal["wang", "daala"]
    niqe: Literal["release", "pirm"]
    lpips: LpipsConvention
    dists: DistsConvention
    fid: FidConvention

    @property
    def view(self) -> View:
        """What PSNR, SSIM, RMSE and GMSD look at."""
        return View(self.channel, self.y_rounded, self.border, self.grey)


def mean(values: Sequence[float]) -> float:
    """How nearly every metric's values of single images become that of a set."""
    return sum(values) / len(values)


def no_assets(_conventions: Conventions) -> tuple[str, ...]:
    """Of a metric that is arithmetic alone."""
    return ()


def few_megabytes(_conventions: Conventions) -> int:
    """Of a metric that filters planes of an image (measured: 20 to 105 MB), on the processor or on a GPU."""
    return 110


@dataclass(frozen=True)
class Metric:
    """One metric. name: as papers print it. better: which end of its scale is.

    kind: what it looks at: an image and its original, an image alone, or two sets of images.
    build: the object that computes it in a paper's way; raises Unavailable where something is missing.
    assets: what it needs of the catalogue under a paper's conventions.
    pool: a set's value from those of its images; of no use to a metric of sets.
    megabytes: memory for each megapixel of an HR image, at most. fixed_megabytes: what it takes at any size.
    light: needs megabytes an image and little time, so that several images are scored at once. Others run
    networks or hundreds of filters and use all threads on one image.
    """

    name: str
    better: Literal["higher", "lower"]
    kind: Literal["full reference", "no reference", "of sets"]
    build: Callable[[Conventions, Assets], Any]
    assets: Callable[[Conventions], tuple[str, ...]] = no_assets
    pool: Callable[[Sequence[float]], float] = mean
    megabytes: Callable[[Conventions], int] = few_megabytes
    fixed_megabytes: int = 0
    light: bool = False


@dataclass(frozen=True)
class Cropped:
    """A full-reference metric on images without their border."""

    metric: FullReference
    border: int

    def reference(self, hr: Pixels) -> Any:
        """The inner metric's reference of the cropped HR image."""
        return self.metric.reference(without_border(hr, self.border))

    def score(self, sr: Pixels, reference: Any) -> float:
        """The inner metric's value of the cropped image."""
        return self.metric.score(without_border(sr, self.border), reference)


@dataclass(frozen=True)
class CroppedAlone:
    """A no-reference metric on images without their border."""

    metric: NoReference
    border: int

    def score(self, sr: Pixels) -> float:
        """The inner metric's value of the cropped image."""
        return self.metric.score(without_border(sr, self.border))
