"""What others report for released weights and their own trainings: replications/third_party.csv.

These are no claims of a paper. Where our scores follow the same convention, they stand beside ours.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from sr.config import Strict, validate
from sr.data.catalogue import catalogue
from sr.errors import InputError
from sr.files import write_text
from sr.project import papers, root
from sr.results.source import Group, load_scores
from sr.scoring.protocol import Protocol, load_protocol

BASELINES = ("baseline/nearest", "baseline/bicubic")

# Channel and number of cut pixels by name; grey images count as RGB in all of them.
CONVENTIONS: dict[str, tuple[str, int]] = {
    "RGB, border 4": ("RGB", 4),
    "Y, border 4": ("Y", 4),
    "Y, border 0": ("Y", 0),
}


class Reported(Strict):
    """One reported number as printed.

    source: who reports it. released: our catalogue's name of those weights, `baseline/NAME` where nothing is
    trained, empty where we have them not.
    convention: a key of CONVENTIONS. where: the file of the source's repository. note: what is uncertain.
    """

    source: str
    model: str
    released: str
    dataset: str
    metric: Literal["PSNR", "SSIM"]
    value: str
    convention: Literal["RGB, border 4", "Y, border 4", "Y, border 0"]
    where: str
    note: str


@dataclass(frozen=True)
class Comparison:
    """A reported number beside ours; `ours` is None where nothing was scored under its convention.

    protocol: the paper whose protocol ours was measured by, empty where none follows the convention.
    """

    source: str
    model: str
    dataset: str
    metric: str
    convention: str
    reported: str
    weights: str
    protocol: str
    ours: float | None
    difference: float | None
    where: str
    note: str


def load_reported(path: Path | None = None) -> list[Reported]:
    """All reported numbers. Raises InputError naming line and column for anything malformed."""
    path = path or root() / "replications" / "third_party.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        found = [
            _checked(validate(row, Reported, f"{path}, line {reader.line_num}"), path, reader.line_num)
            for row in reader
        ]
    keys = [(r.source, r.model, r.dataset, r.metric, r.convention) for r in found]
    repeated = next((key for key in keys if keys.count(key) > 1), None)
    if repeated:
        raise InputError(f"{path}: {', '.join(repeated)} appears twice; remove one row.")
    return found


def compare(reported: Iterable[Reported], scores: Path) -> list[Comparison]:
    """Every reported number beside our score of the same weights on the same images, where there is one."""
    protocols = {paper: load_protocol(paper) for paper in papers()}
    return [_compared(entry, protocols, scores) for entry in reported]


def write_comparisons(path: Path, comparisons: Iterable[Comparison]) -> None:
    """Write comparisons as CSV, atomically; what is missing stays empty."""
    names = [field.name for field in fields(Comparison)]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_text(getattr(entry, name)) for name in names] for entry in comparisons)
    write_text(path, stream.getvalue())


def _compared(entry: Reported, protocols: dict[str, Protocol], scores: Path) -> Comparison:
    fitting = [paper for paper, protocol in protocols.items() if _follows(protocol, entry)]
    found = {paper: value for paper in fitting if (value := _ours(entry, paper, scores)) is not None}
    protocol = next(iter(found), fitting[0] if fitting else "")
    ours = found.get(protocol)
    return Comparison(
        source=entry.source,
        model=entry.model,
        dataset=entry.dataset,
        metric=entry.metric,
        convention=entry.convention,
        reported=entry.value,
        weights=entry.released,
        protocol=protocol,
        ours=ours,
        difference=None if ours is None else ours - float(entry.value),
        where=entry.where,
        note=entry.note,
    )


def _follows(protocol: Protocol, entry: Reported) -> bool:
    """Whether a paper measures PSNR, or SSIM with Wang's window, by the entry's convention."""
    same = (protocol.channel, protocol.border) == CONVENTIONS[entry.convention] and protocol.grey == "as_rgb"
    return same and (entry.metric == "PSNR" or protocol.ssim == "wang")


def _ours(entry: Reported, paper: str, scores: Path) -> float | None:
    if not entry.released:
        return None
    source = entry.released if entry.released in BASELINES else f"released/{entry.released}"
    found = load_scores(scores, paper, Group(source, (source,)), entry.dataset)
    return found[0].header.set_values.get(entry.metric) if found else None


def _checked(entry: Reported, path: Path, line: int) -> Reported:
    place = f"{path}, line {line}"
    known = not entry.released or entry.released in BASELINES
    if not known and catalogue().get(entry.released).kind != "released":
        raise InputError(f"{place}: '{entry.released}' is no released generator of the catalogue.")
    if catalogue().get(entry.dataset).kind != "images":
        raise InputError(f"{place}: '{entry.dataset}' is no set of images.")
    try:
        float(entry.value)
    except ValueError:
        raise InputError(f"{place}: value '{entry.value}' is not a number.") from None
    return entry


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
