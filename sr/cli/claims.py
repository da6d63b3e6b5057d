"""`sr audit` and `sr claims`: what the papers claim, judged on their own numbers and on measured ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr.cli.data import MirrorOption
from sr.cli.tables import ObstacleOption

if TYPE_CHECKING:
    from sr.results.measurement import Results


def audit(
    output: Annotated[Path, typer.Option(help="Folder for audit_<paper>.csv, audit.html and audit.md.")],
    mirror: MirrorOption = None,
) -> None:
    """Judge the papers' claims on their own numbers and list the numbers that disagree, with causes."""
    from sr.audit.audit import audit as run
    from sr.audit.table import as_csv, rows
    from sr.files import write_text
    from sr.pages.audit import render
    from sr.pages.templating import BODY

    found = run(mirror)
    for paper in found.papers:
        write_text(output / f"audit_{paper}.csv", as_csv(rows(found, paper)))
    for suffix in ("html", BODY, "md"):
        write_text(output / f"audit.{suffix}", render(found, suffix, "audit"))
    failing = sum(judgement.holds is False for judgement in found.judgements)
    typer.echo(
        f"{len(found.judgements)} claims, {failing} do not hold on the papers' own numbers; "
        f"{len(found.disagreements)} disagreements, {len(found.open)} without a known cause; "
        f"see {output / 'audit.html'}"
    )
    for reason in found.recomputation.skipped:
        typer.echo(f"bicubic not computed again: {reason}")


def claims(
    output: Annotated[
        Path,
        typer.Option(
            help="CSV to write; .html and .md of the same stem go beside it, and NAME_comparisons.csv."
        ),
    ],
    scores: Annotated[Path, typer.Option(help="Folder of score files.")] = Path("results/scores"),
    source: Annotated[
        list[str] | None,
        typer.Option(help="A source to use; repeat it.  [default: every source with scores in the folder]"),
    ] = None,
    benchmarks: Annotated[
        Path | None,
        typer.Option(
            help="JSON with the state of each benchmark.  [default: those with scores in the folder]"
        ),
    ] = None,
    obstacle: ObstacleOption = None,
) -> None:
    """Judge every claim of every paper on measured scores, by the spread of trainings."""
    from collections import Counter

    from sr.claims.judging import judge_measured
    from sr.pages.claims import write_claims
    from sr.project import papers

    results = _results(scores, source, benchmarks, obstacle)
    judged = [one for paper in papers() for one in judge_measured(paper, results)]
    write_claims(judged, output)
    counts = Counter(one.word for one in judged)
    typer.echo(f"{output}: {', '.join(f'{count} {word}' for word, count in counts.most_common())}")


def _results(
    scores: Path, sources: list[str] | None, benchmarks: Path | None, obstacle: list[str] | None
) -> "Results":
    from dataclasses import replace

    from sr.cli.tables import reasons
    from sr.errors import InputError
    from sr.results.image_sets import load_benchmarks
    from sr.results.measurement import results_of_folder
    from sr.results.source import group_sources, parse_sources

    if not scores.is_dir():
        raise InputError(f"--scores {scores}: no such folder; score sources first (`sr evaluate`).")
    found = replace(results_of_folder(scores), obstacles=reasons(obstacle))
    if sources is not None:
        found = replace(found, groups=group_sources(parse_sources(sources)))
    if benchmarks is not None:
        found = replace(found, benchmarks=load_benchmarks(benchmarks))
    return found
