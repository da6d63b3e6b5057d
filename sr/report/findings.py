"""The first screen: what the papers' numbers say by themselves, what was checked, what this run can say."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sr.claims.verdicts import ClaimVerdict
from sr.report.records import Record, Records
from sr.results.source import PAPER_BUDGET, Kind, Source
from sr.results.trainings import Training
from sr.verdicts.check import check_rows
from sr.verdicts.rows import Row, Verdict

_DIRECTIONS = {
    ClaimVerdict.CONFIRMED: "the papers' way",
    ClaimVerdict.CONTRADICTED: "the other way",
    ClaimVerdict.UNDECIDED: "neither way for sure",
}


@dataclass(frozen=True)
class Finding:
    """One sentence of the first screen under its heading, and where on the page more is said."""

    title: str
    text: str
    anchor: str


def audited(audits: Sequence[Records]) -> Finding:
    """What the printed numbers say of the papers' own claims, and of each other. audits: one for each paper.

    A disagreement between two papers stands in both audits and counts once.
    """
    rows = [row for audit in audits for row in audit.rows]
    claims = Counter(row["verdict"] for row in rows if row["section"] == "claim")
    apart = {
        (row["kind"], row["subject"], row["numbers"]) for row in rows if row["section"] == "disagreement"
    }
    failing = claims["does not hold"]
    decided = failing + claims["holds"]
    text = (
        f"{failing} of {decided} claims that the papers' own printed numbers can decide do not hold on them,"
        f" and these numbers disagree {len(apart)} times within a paper or between papers."
        if decided
        else "The papers' printed numbers were not audited in this run: `sr audit` does it, without training."
    )
    return Finding("What the papers' own numbers say", text, "audit")


def checked(rows: Sequence[Row], printed: int) -> Finding:
    """How many of all `printed` numbers were measured just as their paper measures, and came out.

    Numbers that authors list outside their paper are none of them.
    """
    rows = [row for row in rows if row.published]
    report = check_rows(rows)
    keys = {row.key[:5] for row in rows if row.verdict is Verdict.DIFFERS}
    out = {row.key[:5] for row in rows if row.verdict is Verdict.MATCH} - keys
    known = {row.key[:5] for row, _ in report.findings} - {row.key[:5] for row in report.differing}
    compared = [row for row in rows if row.verdict.compares and row.source]
    trained = {Source.parse(row.source).kind == Kind.TRAINED for row in compared}
    how = "" if True in trained else ", without any training"
    text = f"{report.cells} of {printed} printed numbers were measured exactly as their papers measure{how}"
    if report.cells:
        text += f": {len(out)} come out, {_differing(len(known))} for a known reason"
        text += f", {_differing(len(keys) - len(known))} without one"
        undecided = report.cells - len(out) - len(keys)
        text += f"; of {undecided} the trainings made do not tell." if undecided else "."
    else:
        text += "; that takes the benchmarks' images or a training as long as the paper's."
    return Finding("What was checked exactly", text, "numbers")


def sayable(rows: Sequence[Row], runs: Sequence[Training], claims: Iterable[Record]) -> Finding:
    """What the trainings of this run can say of the papers, and what they can not."""
    own = [run.record for run in runs if run.record.same_training_as is None]
    budgets = sorted({run.record.budget for run in runs})
    title = "What this run can say"
    if not own:
        text = "Nothing was trained here, so this run says nothing of a number that takes a training."
        return Finding(title, text, "runs")
    smaller = [budget for budget in budgets if budget != PAPER_BUDGET]
    words = [f"{len(own)} {'training' if len(own) == 1 else 'trainings'} at the budget {', '.join(budgets)}"]
    directions = _directions(claims, budgets)
    words.append(
        f" say which way effects point at this size: of the claims {directions}"
        if directions
        else " decide no claim of the papers"
    )
    full = [row for row in rows if row.verdict.compares and row.budget == PAPER_BUDGET]
    if full:
        words.append(f"; {len({row.key[:5] for row in full})} numbers of trainings in full are compared")
    if smaller:
        unfit = {row.key[:5] for row in rows if row.budget in smaller and row.published and row.measured}
        words.append("; they can not say whether a printed number comes out")
        if unfit:
            words.append(f", and none of the {len(unfit)} that they measured is compared")
    return Finding(title, "".join(words) + ".", "runs")


def _differing(count: int) -> str:
    return f"{count} differs" if count == 1 else f"{count} differ"


def _directions(claims: Iterable[Record], budgets: Sequence[str]) -> str:
    """How many claims point which way, of those that some of the budgets' trainings measured."""
    found = Counter(
        str(ClaimVerdict.of(claim["verdict"]))
        for claim in claims
        if claim["budget"] in budgets and claim["verdict"] != ClaimVerdict.NOT_RUN
    )
    named = [f"{found.pop(str(word))} {way}" for word, way in _DIRECTIONS.items() if found[str(word)]]
    return ", ".join([*named, *(f"{count} {word}" for word, count in found.items() if count)])
