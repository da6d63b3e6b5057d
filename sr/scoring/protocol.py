"""One paper's way to measure, as data: replications/<paper>/protocol.yaml.

Every value there carries its source as a comment on its line; `sources` reads them for display. What a paper
leaves open stands among the assumptions, and its other readings among the variants.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from sr.assumption import Assumption
from sr.comments import line_comments
from sr.config import Strict, load_model, nearest, validate
from sr.errors import InputError
from sr.metrics.views import View
from sr.project import paper_folder

# Keys that say something of the settings and are none.
_WORDS = ("assumptions", "variants")

MetricName = Literal["PSNR", "SSIM", "LPIPS", "DISTS", "FID", "NIQE", "PI", "RMSE", "Ma", "GMSD"]


class Lpips(Strict):
    """LPIPS: backbone, version of its linear weights, and pixels cut at each side before."""

    backbone: Literal["alex", "vgg"]
    version: Literal["0.1"]
    border: int = Field(ge=0)


class Dists(Strict):
    """DISTS on the images at their own size, after cutting a border."""

    border: int = Field(ge=0)


class Fid(Strict):
    """FID between the two sets of images, each image one sample."""

    images: Literal["whole"]


class Protocol(Strict):
    """Everything that two people must agree on to get the same number from the same images.

    assumptions: by name, what the paper leaves open and how it was read. variants: by name, the settings that
    another reading changes.
    """

    metrics: list[MetricName] = Field(min_length=1)
    benchmarks: list[str] = Field(min_length=1)
    channel: Literal["Y", "RGB"]
    y_rounded: bool
    border: int = Field(ge=0)
    grey: Literal["as_stored", "as_rgb"]
    ssim: Literal["wang", "daala"]
    niqe: Literal["release", "pirm"]
    lpips: Lpips
    dists: Dists
    fid: Fid
    assumptions: dict[str, Assumption] = Field(default_factory=dict)
    variants: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("metrics", "benchmarks")
    @classmethod
    def _no_repetition(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("a name appears twice")
        return names

    def rules(self) -> dict[str, Any]:
        """As plain values, everything that decides a score: no words."""
        return self.model_dump(mode="json", exclude=set(_WORDS))

    @property
    def view(self) -> View:
        """What PSNR, SSIM and RMSE look at."""
        return View(self.channel, self.y_rounded, self.border, self.grey)


def load_protocol(name: str) -> Protocol:
    """The protocol of a replicated paper, or one of its variants (`srgan-unrounded`).

    Raises InputError for an unknown paper or variant, or a faulty file.
    """
    paper, separator, variant = name.partition("-")
    protocol = load_model(protocol_file(paper), Protocol)
    if not separator:
        return protocol
    if variant not in protocol.variants:
        raise InputError(
            f"'{variant}' is no variant of {paper}'s protocol; {nearest(variant, list(protocol.variants))}"
        )
    changed = protocol.model_dump() | protocol.variants[variant]
    return validate(changed, Protocol, f"{protocol_file(paper)}: variants.{variant}")


def protocol_file(paper: str) -> Path:
    """Where a paper's protocol stands."""
    return paper_folder(paper) / "protocol.yaml"


def sources(paper: str) -> dict[str, str]:
    """Where each setting of a protocol comes from: dotted key -> the comment on its line."""
    comments = line_comments(protocol_file(paper))
    return {key: text for key, text in comments.items() if key.partition(".")[0] not in _WORDS}
