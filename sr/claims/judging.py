"""Every claim of a paper on what a run left behind: on its scores, or on the figures that are about it."""

from sr.claims.pool import Pool, budgets
from sr.claims.shown import judge_shown
from sr.claims.verdicts import Measured, judge_claim
from sr.papers.claim_language import PrintedNumbers
from sr.papers.claims import judge, load_claims
from sr.papers.published import load_published
from sr.results.measurement import Results


def judge_measured(paper: str, results: Results) -> list[Measured]:
    """Every claim of one paper at every budget of the run, smaller budgets never mixed with others.

    Figures lie beside the folder of scores. Raises InputError for malformed claims or scores.
    """
    claims = load_claims(paper)
    table = PrintedNumbers(paper, {cell.key: cell for cell in load_published(paper)}, claims.groups)
    found = budgets(results, paper)
    pools = {(budget, own): Pool(paper, budget, results, own) for budget in found for own in (False, True)}
    judged = []
    for one in judge(paper, claims, table.cells.values()):
        if one.claim.shown:
            judged.append(judge_shown(one, results.scores.with_name("figures")))
        else:
            own = one.claim.own_training_sets
            judged += [judge_claim(one, table, pools[budget, own]) for budget in found]
    return judged
