"""What others report beside what the same weights give here, under the same convention."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from sr.csv_text import columns_of, csv_text
from sr.files import write_text
from sr.papers.third_party import BASELINES, CONVENTIONS, Reported
from sr.project import papers
from sr.results.scores import load_scores
from sr.results.source import Source, group_sources
from sr.scoring.protocol import Protocol, load_protocol


@dataclass(frozen=True)
class Beside:
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


def beside_ours(reported: Iterable[Reported], scores: Path) -> list[Beside]:
    """Every reported number beside our score of the same weights on the same images, where there is one."""
    protocols = {paper: load_protocol(paper) for paper in papers()}
    return [_beside(entry, protocols, scores) for entry in reported]


def write_beside(path: Path, rows: Iterable[Beside]) -> None:
    """Write them as CSV, atomically; what is missing stays empty."""
    write_text(path, csv_text(columns_of(Beside), map(astuple, rows), ".4f"))


def _beside(entry: Reported, protocols: dict[str, Protocol], scores: Path) -> Beside:
    fitting = [paper for paper, protocol in protocols.items() if _follows(protocol, entry)]
    found = {paper: value for paper in fitting if (value := _ours(entry, paper, scores)) is not None}
    protocol = next(iter(found), fitting[0] if fitting else "")
    ours = found.get(protocol)
    return Beside(
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
    named = Source.parse(entry.released) if entry.released in BASELINES else Source.released(entry.released)
    (group,) = group_sources([named])
    found = load_scores(scores, paper, group, entry.dataset)
    return found[0].header.set_values.get(entry.metric) if found else None
