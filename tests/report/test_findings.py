"""The first screen: its numbers are those that the audit, the check and the claims give."""

from typing import Any

from sr.papers.tables import load_layouts
from sr.report.findings import audited, checked, sayable
from sr.report.records import Records
from sr.report.unavailable import can_be_had, lacks
from sr.results.source import Kind
from sr.verdicts.rows import Verdict
from tests.report.results_tree import row


def audit(*rows: tuple[str, str, str, str]) -> Records:
    columns = ("section", "kind", "subject", "numbers", "verdict")
    return Records(
        "audit",
        "",
        columns,
        tuple(
            {"kind": "", **dict(zip(("section", "subject", "numbers", "verdict"), one, strict=True))}
            for one in rows
        ),
    )


def test_a_disagreement_between_two_papers_counts_once() -> None:
    shared = ("disagreement", "bicubic", "28.42; 28.43", "disagrees")
    claims = [("claim", "a over b", "", word) for word in ("holds", "does not hold", "needs images", "holds")]
    text = audited(
        [audit(*claims, shared), audit(shared, ("disagreement", "nearest", "1; 2", "disagrees"))]
    ).text
    assert text.startswith("1 of 3 claims")
    assert "disagree 2 times" in text


def test_without_an_audit_it_says_how_to_get_one() -> None:
    assert "`sr audit`" in audited([]).text


def measured(value: float, verdict: Verdict, **more: Any) -> Any:
    return row(
        **{"measured": value, "difference": value - 28.43, "tolerance": 0.02, "images": 5} | more,
        verdict=verdict,
        source="baseline/bicubic",
    )


def test_numbers_that_come_out_and_that_do_not_are_counted_once_each() -> None:
    table = load_layouts("srgan").table("srgan", "table2")
    assert (
        table.finding(("Set5", "bicubic", "PSNR"), Kind.BASELINE) is None
    )  # so that a difference has no known reason
    same = measured(28.42, Verdict.MATCH)
    assert "1 of 124 printed" in checked([same, same, row(method="SRResNet")], 124).text
    assert "1 comes out" not in checked([measured(28.0, Verdict.DIFFERS)], 124).text
    text = checked([same, measured(25.0, Verdict.DIFFERS, dataset="Set14", published="25.99")], 124).text
    assert "2 of 124" in text
    assert "1 come out, 0 differ for a known reason, 1 differs without one" in text
    assert "without any training" in text


def test_without_trainings_nothing_is_said_of_them() -> None:
    assert sayable([], [], []).text.startswith("Nothing was trained here")


def test_what_can_be_had_is_told_apart_from_what_does_not_exist() -> None:
    def gone(note: str, **more: Any) -> Any:
        return row(verdict=Verdict.UNAVAILABLE, note=note, **more)

    fetch = gone("Urban100 is not in the mirror; get it with `sr assets fetch Urban100` (from x.org).")
    again = gone(fetch.note, method="SRResNet")
    by_hand = gone("X is not in data, and no program can fetch it: ask its authors.", dataset="X")
    supplied = gone(
        "no images of EDSR+ were supplied; put its x4 results into images/edsr/<benchmark>/", dataset="Y"
    )
    never = gone("UH4K: never released", dataset="UH4K")
    unprinted = gone(fetch.note, published="", dataset="Z")
    found = lacks([never, supplied, by_hand, fetch, again, unprinted, row()])
    assert [(one.how, one.command, one.numbers) for one in found] == [
        ("sr assets fetch Urban100", True, 2),
        ("put its x4 results into images/edsr/<benchmark>/", False, 1),
        ("ask its authors", False, 1),
        ("", False, 1),
    ]
    assert [can_be_had(one) for one in (fetch, by_hand, supplied, never)] == [True, True, True, False]


def test_what_trainings_do_not_tell_has_not_come_out() -> None:
    text = checked([measured(28.2, Verdict.UNDECIDED)], 124).text
    assert "1 of 124" in text
    assert "0 come out, 0 differ for a known reason, 0 differ without one" in text
    assert "of 1 the trainings made do not tell" in text
