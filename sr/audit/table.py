"""The audit of one paper as rows: audit_<paper>.csv."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from sr.audit.audit import Audit
from sr.audit.causes import Cause
from sr.audit.disagreements import Disagreement
from sr.audit.recompute import Check
from sr.csv_text import columns_of, csv_text
from sr.papers.claims import Judgement


@dataclass(frozen=True)
class Row:
    """section: claim, disagreement, reading or bicubic; ids: the claim or the known inconsistencies.

    verdict: of a claim `holds`, `does not hold` or what it needs; `disagrees`; of bicubic `comes out`
    or `does not come out`. Confidence is that of the cause; a disagreement without one is `open`.
    """

    section: str
    ids: str
    kind: str
    subject: str
    numbers: str
    verdict: str
    cause: str
    confidence: str


def rows(audit: Audit, paper: str) -> list[Row]:
    """Everything the audit says about one paper's numbers, those it shares with other papers included."""
    return [
        *(_claim(audit, one) for one in audit.judgements if one.paper == paper),
        *(_disagreement(audit, one) for one in audit.disagreements if paper in one.papers),
        *_readings(audit, paper),
        *(_bicubic(one) for one in audit.recomputation.checks if one.psnr.paper == paper),
    ]


def as_csv(table: list[Row]) -> str:
    """The rows as CSV text with a header."""
    return csv_text(columns_of(Row), map(astuple, table))


def verdict(judgement: Judgement) -> str:
    """A claim's verdict in words."""
    if judgement.holds is None:
        return judgement.claim.reason or f"{judgement.claim.kind}: needs images, not only printed numbers"
    return "holds" if judgement.holds else "does not hold"


def _claim(audit: Audit, judgement: Judgement) -> Row:
    claim, causes = judgement.claim, audit.causes_of(judgement)
    subject = f"{claim.left} {claim.relation} {claim.right} ({claim.place})"
    failing = "; ".join(map(str, judgement.failing))
    numbers = f"{judgement.tally}; fails: {failing}" if failing else judgement.tally
    return Row("claim", claim.id, claim.kind, subject, numbers, verdict(judgement), *_explained(causes))


def _disagreement(audit: Audit, disagreement: Disagreement) -> Row:
    causes = audit.causes_of(disagreement)
    ids = " ".join(cause.known.id for cause in causes)
    numbers = "; ".join(f"{cell} {cell.printed}" for cell in disagreement.cells)
    cause, confidence = _explained(causes)
    return Row(
        "disagreement",
        ids,
        disagreement.kind,
        disagreement.observation,
        numbers,
        "disagrees",
        cause or "no cause found",
        confidence or "open",
    )


def _readings(audit: Audit, paper: str) -> Iterator[Row]:
    for cause in audit.causes:
        if cause.paper == paper and cause.by_reading:
            known = cause.known
            subject = f"{known.place}: {known.says}"
            yield Row(
                "reading",
                known.id,
                "text",
                subject,
                known.against,
                "disagrees",
                known.cause,
                known.confidence,
            )


def _bicubic(one: Check) -> Row:
    nearest, count = one.trials[0], len(one.agreeing)
    numbers = f"nearest {nearest.psnr:.3f} dB, {nearest.ssim:.4f} with {nearest.convention}"
    return Row(
        "bicubic",
        "",
        "recomputation",
        f"{one.psnr} {one.psnr.printed}; {one.ssim} {one.ssim.printed}",
        f"{count} of {len(one.trials)} conventions give both numbers; {numbers}",
        "comes out" if count else "does not come out",
        "",
        "",
    )


def _explained(causes: list[Cause]) -> tuple[str, str]:
    """The causes in words and the least sure of their confidences."""
    texts = " ".join(f"[{cause.known.id}] {cause.known.cause}" for cause in causes)
    levels = [cause.known.confidence for cause in causes]
    return texts, next((level for level in ("open", "likely", "shown") if level in levels), "")
