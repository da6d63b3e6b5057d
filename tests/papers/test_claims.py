"""The claims, unfolded by the program, are exactly the 1051 single comparisons written down by hand."""

import csv
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from sr.config import load_model
from sr.errors import InputError
from sr.papers.arithmetic import evaluate
from sr.papers.claim_language import Comparison, PrintedNumbers
from sr.papers.claim_terms import Atom, Operand, unfold
from sr.papers.claims import Claims, judge, judge_all, judge_printed
from sr.papers.published import Cell
from sr.project import papers
from tests.replications.totals import totals

FIXTURE = Path(__file__).parents[1] / "fixtures" / "claims_atomic.csv"

# Whose claims were unfolded by hand: the fixture.
UNFOLDED = ("srgan", "esrgan", "beby", "ldl", "gmgan")


def written_side(text: str, number: str) -> tuple[str, str]:
    """A side of the fixture: a cell's reference, the two methods of a gap, or nothing but its value."""
    gap = re.search(r"abs\(MOS\((.*)\)-MOS\((.*)\)\)", text)
    name = text if "{" in text else "|" + " - ".join(sorted(gap.groups())) + "|" if gap else ""
    return name, f"{float(number):.6g}"


def computed_side(operand: Operand) -> tuple[str, str]:
    is_cell, is_gap = operand.reference.endswith("}") and operand.printed, operand.name.startswith("|")
    name = operand.reference if is_cell else operand.name if is_gap else ""
    return name, f"{float(operand.value):.6g}"


def relation(atom: Atom) -> str:
    return atom.relation if atom.tolerance is None else f"~ (tol {atom.tolerance})"


@pytest.fixture(scope="module")
def truth() -> dict[str, Counter[tuple[object, ...]]]:
    comparisons: dict[str, Counter[tuple[object, ...]]] = defaultdict(Counter)
    with FIXTURE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            left = written_side(row["lhs"], row["lhs_value"])
            right = written_side(row["rhs"], row["rhs_value"])
            comparisons[row["claim"]][left, row["relation"], right, row["holds"] == "yes"] += 1
    return comparisons


def test_every_claim_unfolds_into_the_comparisons_written_by_hand(
    truth: dict[str, Counter[tuple[object, ...]]],
) -> None:
    computed = {}
    for judgement in (one for paper in UNFOLDED for one in judge_printed(paper)):
        atoms = [
            (computed_side(atom.left), relation(atom), computed_side(atom.right), atom.holds)
            for atom in judgement.atoms
        ]
        if atoms:
            computed[judgement.claim.id] = Counter(atoms)
    assert computed == truth
    assert sum(count.total() for count in computed.values()) == 1051
    assert sum(totals(paper).comparisons for paper in UNFOLDED) == 1051


def test_how_many_hold(truth: dict[str, Counter[tuple[object, ...]]]) -> None:
    for judgement in (one for paper in UNFOLDED for one in judge_printed(paper)):
        if judgement.atoms:
            counts = truth[judgement.claim.id]
            held = sum(count for key, count in counts.items() if key[-1])
            assert judgement.tally == f"{held}/{counts.total()} hold"


@pytest.mark.parametrize("paper", papers())
def test_claims_are_as_many_and_fail_as_counted(paper: str) -> None:
    counted, judgements = totals(paper), judge_printed(paper)
    assert len({judgement.claim.id for judgement in judgements}) == len(judgements) == counted.claims
    assert sum(len(judgement.atoms) for judgement in judgements) == counted.comparisons
    assert {one.claim.id for one in judgements if one.holds is False} == set(counted.do_not_hold)


def test_what_printed_numbers_do_not_decide_has_no_verdict() -> None:
    by_id = {judgement.claim.id: judgement for judgement in judge_all()}
    assert by_id["E05"].holds is None
    assert by_id["E05"].tally == "needs a measurement"
    assert by_id["S27"].holds is None, "a visual claim is not decided by its printed proxy"
    assert by_id["S27"].tally == "1/1 hold"
    assert "challenge" in by_id["E02"].tally


CELLS = [
    Cell("p", "t", "d", method, metric, printed)
    for metric, numbers in {"PSNR": ("20.0", "21.5", "21.5"), "LPIPS": ("0.3", "0.1", "0.2")}.items()
    for method, printed in zip("abc", numbers, strict=True)
]
TABLE = PrintedNumbers("p", {cell.key: cell for cell in CELLS}, {"all": ["a", "b", "c"]})


def atoms(**written: object) -> list[Atom]:
    comparison = {"item": "t", "metrics": ["PSNR"], "datasets": ["d"], **written}
    return unfold(Comparison.model_validate(comparison), TABLE)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"left": "b", "relation": ">", "right": "@all"}, [True, False]),
        ({"left": "b", "relation": ">=", "right": "@all"}, [True, True]),
        ({"left": "b", "relation": "better", "right": "@all", "metrics": ["LPIPS"]}, [True, True]),
        ({"left": "a", "relation": "as good", "right": {"best": "@all"}, "metrics": ["LPIPS"]}, [False]),
        ({"left": {"gap": ["@all", "@all"]}, "relation": "=", "right": 1.5}, [True, True, False]),
        ({"left": {"lead": "b", "over": "@all"}, "relation": "=", "right": 0}, [True]),
        ({"left": {"lead": "c", "over": "@all"}, "relation": "<", "right": 0, "metrics": "LPIPS"}, [True]),
        ({"left": {"better_than": "a", "among": "@all"}, "relation": "=", "right": 2}, [True]),
        ({"left": "a", "relation": "~", "right": 20.3, "tolerance": 0.3}, [True]),
        ({"left": "a", "relation": "~", "right": 20.31, "tolerance": 0.3}, [False]),
        ({"left": {"noted": "bold", "among": "@all"}, "relation": ">", "right": 0}, []),
    ],
)
def test_the_forms_of_the_language(written: dict[str, object], expected: list[bool]) -> None:
    assert [atom.holds for atom in atoms(**written)] == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("26 * (100*9 + 14*9 + 5*9)", "27846"),
        ("-(1.5 - 2) ** 2", "-0.25"),
        ("0.1 + 0.2", "0.3"),
        ("3/4", "0.75"),
    ],
)
def test_arithmetic(text: str, value: str) -> None:
    assert evaluate(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "1 +", "PSNR", "abs(1)", "1 if 1 else 2", "'a'", "True", "1j", "1/0", "2 % 3"]
)
def test_anything_but_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not arithmetic"):
        evaluate(text)


CLAIM = {"id": "X1", "place": "p", "left": "l", "relation": "r", "right": "r", "kind": "numeric"}
COMPARISON = {"item": "t", "metrics": "PSNR", "datasets": "d", "left": "a", "relation": "<", "right": "b"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"comparisons": []}, "X1 is numeric and needs comparisons"),
        ({"kind": "undecidable"}, "needs a reason"),
        (
            {"comparisons": [{**COMPARISON, "metric": "PSNR"}]},
            "unknown key .*metric'; did you mean 'metrics'",
        ),
        ({"comparisons": [{**COMPARISON, "left": {"best": ["a"], "number": "1"}}]}, "exactly one of"),
        ({"comparisons": [{**COMPARISON, "relation": "~"}]}, "needs a tolerance"),
        ({"comparisons": [{**COMPARISON, "left": {"lead": "a"}}]}, "'lead' and 'over' belong together"),
    ],
)
def test_a_malformed_claim_is_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    path = tmp_path / "claims.yaml"
    claim = {**CLAIM, "comparisons": [COMPARISON], **change}
    path.write_text(yaml.safe_dump({"claims": [claim]}))
    with pytest.raises(InputError, match=rf"claims\.yaml: .*{words}"):
        load_model(path, Claims)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"left": "A"}, r"claim X1: published\.csv has no PSNR\{srgan/t; d; A\}"),
        ({"right": "@every"}, "claim X1: no group 'every'"),
        ({"metrics": "sigma", "left": {"lead": "a", "over": ["b"]}}, "'sigma' has no better and worse"),
    ],
)
def test_a_claim_about_numbers_nobody_printed_is_refused(change: dict[str, object], words: str) -> None:
    claims = Claims.model_validate({"claims": [{**CLAIM, "comparisons": [{**COMPARISON, **change}]}]})
    cells = [Cell("srgan", "t", "d", method, "PSNR", "20.0") for method in "ab"]
    with pytest.raises(InputError, match=words):
        judge("srgan", claims, cells)
