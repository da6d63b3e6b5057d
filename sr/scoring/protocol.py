"""One paper's way to measure, as data: replications/<paper>/protocol.yaml.

Every value there carries its source as a comment on its line; `sources` reads them for display.
"""

import re
from pathlib import Path

from pydantic import Field, field_validator

from sr.config import load_model, nearest
from sr.metrics.known import BY_NAME
from sr.metrics.metric import Conventions
from sr.project import paper_folder


class Protocol(Conventions):
    """Everything that two people must agree on to get the same number from the same images: which metrics,
    on which benchmarks, under which conventions.
    """

    metrics: list[str] = Field(min_length=1)
    benchmarks: list[str] = Field(min_length=1)

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


def load_protocol(paper: str) -> Protocol:
    """The protocol of a replicated paper. Raises InputError for an unknown paper or a faulty file."""
    return load_model(protocol_file(paper), Protocol)


def metric_assets(protocol: Protocol) -> list[str]:
    """What the metrics that the paper reports need of the catalogue."""
    return list(dict.fromkeys(name for one in protocol.metrics for name in BY_NAME[one].assets(protocol)))


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
