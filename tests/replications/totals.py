"""What was counted by hand in each paper: replications/<paper>/totals.yaml."""

from sr.config import Strict, load_model
from sr.project import paper_folder, papers


class Totals(Strict):
    """Of one paper. comparisons: that its claims unfold into. do_not_hold: on its own printed numbers."""

    printed_numbers: int
    claims: int
    comparisons: int
    do_not_hold: tuple[str, ...]


def totals(paper: str) -> Totals:
    """A paper's totals."""
    return load_model(paper_folder(paper) / "totals.yaml", Totals)


def of_all() -> Totals:
    """Those of every paper found, together."""
    each = [totals(paper) for paper in papers()]
    return Totals(
        printed_numbers=sum(one.printed_numbers for one in each),
        claims=sum(one.claims for one in each),
        comparisons=sum(one.comparisons for one in each),
        do_not_hold=tuple(name for one in each for name in one.do_not_hold),
    )
