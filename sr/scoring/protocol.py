"""One paper's way to measure, as data: replications/<paper>/protocol.yaml.

Every value there carries its source as a comment on its line; `sources` reads them for display. What a paper
leaves open stands among the assumptions, and its other readings among the variants.
"""

from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from sr.assumption import Assumption
from sr.comments import line_comments
from sr.config import load_model, nearest, validate
from sr.errors import InputError
from sr.metrics.known import BY_NAME
from sr.metrics.metric import Conventions
from sr.project import paper_folder

# Which metrics a setting of their own decides; the others decide those that look at pixels.
_OF_METRICS = {
    "lpips": ("LPIPS",),
    "dists": ("DISTS",),
    "fid": ("FID",),
    "niqe": ("NIQE", "PI"),
    "ssim": ("SSIM",),
}
_OF_PIXELS = ("PSNR", "SSIM", "RMSE", "GMSD")

# Keys that say something of the settings and are none.
_WORDS = ("assumptions", "variants")


class Protocol(Conventions):
    """Everything that two people must agree on to get the same number from the same images: which metrics,
    on which benchmarks, under which conventions.

    assumptions: by name, what the paper leaves open and how it was read. variants: by name, the settings that
    another reading changes.
    """

    metrics: list[str] = Field(min_length=1)
    benchmarks: list[str] = Field(min_length=1)
    assumptions: dict[str, Assumption] = Field(default_factory=dict)
    variants: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("metrics")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in BY_NAME:
                raise ValueError(f"'{name}' is no metric; {nearest(name, list(BY_NAME))}")
        return names

    @field_validator("metrics", "benchmarks")
    @classmethod
    def _no_repetition(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError("a name appears twice")
        return names

    def rules(self) -> dict[str, Any]:
        """As plain values, everything that decides a score: no words."""
        return self.model_dump(mode="json", exclude=set(_WORDS))


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


def bears_on(assumption: Assumption, metric: str) -> bool:
    """Whether a protocol's assumption can change a metric: whether one of its settings enters there."""
    heads = [setting.partition(".")[0] for setting in assumption.settings]
    return not heads or any(metric in _OF_METRICS.get(head, _OF_PIXELS) for head in heads)


def metric_assets(protocol: Protocol) -> list[str]:
    """What the metrics that the paper reports need of the catalogue."""
    return list(dict.fromkeys(name for one in protocol.metrics for name in BY_NAME[one].assets(protocol)))


def peak_megabytes(name: str) -> int:
    """Memory that scoring by a protocol needs at most, in MB for each megapixel of an HR image.

    What metrics keep of an original is held until all sources are compared with it.
    """
    protocol = load_protocol(name)
    return sum(BY_NAME[one].megabytes(protocol) for one in protocol.metrics)


def fixed_megabytes(name: str) -> int:
    """Memory that scoring by a protocol needs whatever the images' size, in MB."""
    return sum(BY_NAME[one].fixed_megabytes for one in load_protocol(name).metrics)


def protocol_file(paper: str) -> Path:
    """Where a paper's protocol stands."""
    return paper_folder(paper) / "protocol.yaml"


def sources(paper: str) -> dict[str, str]:
    """Where each setting of a protocol comes from: dotted key -> the comment on its line."""
    comments = line_comments(protocol_file(paper))
    return {key: text for key, text in comments.items() if key.partition(".")[0] not in _WORDS}
