"""The audit: what the papers' printed numbers say by themselves, before anything is trained.

Claims are judged on the papers' own numbers, disagreements are found and linked to their known causes, and
where images are there bicubic is computed again to show which convention a paper measured with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sr.audit.causes import Cause, link, load_inconsistencies, unexplained
from sr.audit.disagreements import CommonNames, Disagreement, find
from sr.audit.recompute import Check, Habit, check, habits, recompute
from sr.errors import InputError
from sr.papers.claims import Judgement, judge_all
from sr.papers.names import title_of
from sr.papers.published import Cell, load_all
from sr.project import papers

BENCHMARKS = ("Set5", "Set14", "BSD100")


@dataclass(frozen=True)
class Recomputation:
    """Bicubic rows computed again, and a reason for every benchmark that could not be."""

    checks: tuple[Check, ...]
    habits: tuple[Habit, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """Everything the audit found. A cause without disagreements and claims was found by reading."""

    titles: dict[str, str]
    cells: tuple[Cell, ...]
    judgements: tuple[Judgement, ...]
    disagreements: tuple[Disagreement, ...]
    causes: tuple[Cause, ...]
    open: tuple[Disagreement, ...]
    recomputation: Recomputation

    @property
    def papers(self) -> list[str]:
        """The audited papers, by the names of their folders."""
        return list(self.titles)

    def causes_of(self, subject: Judgement | Disagreement) -> list[Cause]:
        """The known inconsistencies that speak of a claim or a disagreement."""
        return [cause for cause in self.causes if subject in (*cause.judgements, *cause.disagreements)]


def audit(mirror: Path | None) -> Audit:
    """Audit the printed numbers of every paper; benchmark images come from `mirror` or the project's assets.

    Raises InputError for malformed numbers, claims or causes, and for causes about nothing.
    """
    cells, judgements, known = load_all(), judge_all(), load_inconsistencies()
    names = CommonNames({paper: file.aliases for paper, file in known.items() if paper})
    disagreements = find(cells, names)
    causes = link(known, disagreements, judgements)
    return Audit(
        titles={paper: title_of(paper) for paper in papers()},
        cells=tuple(cells),
        judgements=tuple(judgements),
        disagreements=tuple(disagreements),
        causes=tuple(causes),
        open=tuple(unexplained(disagreements, causes)),
        recomputation=_recompute(mirror, cells, names),
    )


def _recompute(mirror: Path | None, cells: Iterable[Cell], names: CommonNames) -> Recomputation:
    from sr.data.assets import Assets

    assets, images, skipped = Assets.from_environment(mirror), {}, []
    for benchmark in BENCHMARKS:
        try:
            images[benchmark] = assets.images(benchmark)
        except InputError as error:
            skipped.append(str(error))
    checks = check(recompute(images, cells), cells, names)
    return Recomputation(tuple(checks), tuple(habits(checks)), tuple(skipped))
