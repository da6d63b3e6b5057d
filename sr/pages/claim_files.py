"""Measured claims on disk: two CSV files, and the page as HTML and Markdown."""

from collections.abc import Sequence
from pathlib import Path

from sr.claims.rows import ClaimRow, ComparisonRow, as_csv, claim_row, comparison_rows
from sr.claims.verdicts import Measured
from sr.files import write_text
from sr.pages.claims import render


def comparisons_path(output: Path) -> Path:
    """Where the single comparisons behind the claims in `output` lie."""
    return output.with_name(f"{output.stem}_comparisons.csv")


def write_claims(judged: Sequence[Measured], output: Path) -> None:
    """Write `output` (CSV) last, and before it its companions: comparisons, .html and .md."""
    comparisons = [row for one in judged for row in comparison_rows(one)]
    write_text(comparisons_path(output), as_csv(comparisons, ComparisonRow))
    for suffix in ("html", "md"):
        write_text(output.with_suffix(f".{suffix}"), render(judged, suffix))
    write_text(output, as_csv([claim_row(one) for one in judged], ClaimRow))
