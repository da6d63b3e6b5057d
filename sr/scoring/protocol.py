"""One paper's way to measure, as data: replications/<paper>/protocol.yaml.

Every value there carries its source as a comment on its line; `sources` reads them for display.
"""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from sr.config import Strict, load_model
from sr.metrics.views import View
from sr.project import paper_folder

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
    """Everything that two people must agree on to get the same number from the same images."""

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

    @field_validator("metrics", "benchmarks")
    @classmethod
    def _no_repetition(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("a name appears twice")
        return names

    @property
    def view(self) -> View:
        """What PSNR, SSIM and RMSE look at."""
        return View(self.channel, self.y_rounded, self.border, self.grey)


def load_protocol(paper: str) -> Protocol:
    """The protocol of a replicated paper. Raises InputError for an unknown paper or a faulty file."""
    return load_model(protocol_file(paper), Protocol)


def protocol_file(paper: str) -> Path:
    """Where a paper's protocol stands."""
    return paper_folder(paper) / "protocol.yaml"


_LINE = re.compile(
    r"(?P<indent>\s*)(?P<key>-|\w+:)(?:\s+(?P<value>[^#\s][^#]*?))?\s*(?:#\s*(?P<source>.*\S))?\s*"
)


def sources(paper: str) -> dict[str, str]:
    """Where each value of a protocol comes from: dotted key -> the comment on its line.

    Items of a list are keyed `list.item`. A value without a comment is mapped to an empty text.
    """
    found: dict[str, str] = {}
    parents: list[tuple[int, str]] = []
    for line in protocol_file(paper).read_text(encoding="utf-8").splitlines():
        match = _LINE.fullmatch(line)
        if not match:
            continue
        indent, key, value = len(match["indent"]), match["key"].rstrip(":"), match["value"]
        parents = [parent for parent in parents if parent[0] < indent]
        name = value if key == "-" else key
        if value is None:
            parents.append((indent, key))
        else:
            found[".".join([*(parent for _, parent in parents), name])] = match["source"] or ""
    return found
