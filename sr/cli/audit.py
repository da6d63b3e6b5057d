"""`sr audit`: what the printed numbers say before anything is trained."""

from pathlib import Path
from typing import Annotated

import typer

from sr.cli.data import MirrorOption


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
