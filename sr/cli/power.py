"""What `sr plan` says of seeds: how many decide each claim and fill each table, and what they cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sr.planning.cost import Cost
    from sr.planning.plan import Plan
    from sr.planning.power import Decision


def print_power(
    plan: "Plan", tables: Sequence[tuple[str, str]], cost: "Cost", rate: float, console: "Console"
) -> None:
    """A line for each of the tables, and for each claim that trainings of their papers can decide."""
    from rich.table import Table

    from sr.papers.comparison import COMPARISON
    from sr.planning.power import decisions, hours, matches

    own = [(paper, item) for paper, item in tables if item != COMPARISON]
    known = {run.recipe: run for run in cost.runs}
    rows = Table(title="seeds with which 80 % of right trainings are shown equal to what is printed")
    for name in ("table", "trained cells", "seeds", "then told from all others", "hours"):
        rows.add_column(name, justify="left" if name == "table" else "right")
    for paper, item in own:
        found = matches(plan, paper, item)
        if found.cells and found.seeds:
            numbers = (str(found.cells), str(found.seeds), str(found.plain))
            total = hours(known, plan, found.recipes, found.seeds, rate)
            rows.add_row(f"{paper} {item}", *numbers, f"{total:,.0f}")
    console.print(rows)
    claims = Table(title="seeds with which a claim is decided with a power of 80 %, if it is as printed")
    for name in ("claim", "rule", "comparisons", "seeds", "hours", "why there is no number"):
        claims.add_column(name, justify="right" if name in ("comparisons", "seeds", "hours") else "left")
    undecidable = 0
    for paper in dict.fromkeys(paper for paper, _ in own):
        for one in decisions(plan, paper):
            if not one.comparisons and not one.recipes:
                undecidable += 1
            elif set(one.recipes) <= known.keys():
                price = f"{hours(known, plan, one.recipes, one.seeds, rate):,.0f}" if one.seeds else ""
                counts = (str(one.comparisons), str(one.seeds or ""))
                claims.add_row(one.claim, one.rule, *counts, price, _short(one))
    console.print(claims)
    console.print(f"{undecidable} claims that no training decides are left out: `sr claims` says why")


def print_decision(plan: "Plan", claim: str, rate: float) -> None:
    """Exactly what one claim takes: its recipes, seeds, hours, and the command that trains them."""
    from sr.errors import InputError
    from sr.planning.cost import cost_of_recipes
    from sr.planning.inputs import generators
    from sr.planning.power import decision, hours

    found = decision(plan, claim)
    if found.seeds is None:
        raise InputError(f"{claim}: no number of seeds can be planned: {found.why or 'nothing is trained'}.")
    known = {run.recipe: run for run in cost_of_recipes(plan, found.recipes).runs}
    cost = hours(known, plan, found.recipes, found.seeds, rate)
    budget = plan.configuration.budget
    typer.echo(
        f"{claim} of {found.paper} ({found.comparisons} comparisons, rule {found.rule}): {found.seeds} "
        f"seed{'s' * (found.seeds > 1)} of {len(found.recipes)} recipes at the budget {budget}, "
        f"{cost:,.1f} hours with what they begin with"
    )
    for recipe in found.recipes:
        own = hours(known, plan, [recipe], found.seeds, rate)
        typer.echo(f"  {recipe}: {own:,.1f} hours, what it begins with among them")
    if found.why:
        typer.echo(f"not planned: {found.why}")
    seeds = range(found.seeds)
    targets = generators(plan.trainings.run(recipe, seed) for recipe in found.recipes for seed in seeds)
    configured = f"budget={budget} 'papers=[{found.paper}]' 'seeds={list(seeds)}'"
    typer.echo(f"snakemake --config {configured} -- {' '.join(targets)}")


def _short(one: "Decision") -> str:
    return one.why if len(one.why) <= 60 else f"{one.why[:57]}..."
