"""What `sr plan` says of seeds: how many decide each claim and fill each table, and what they cost."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sr.planning.plan import Plan
    from sr.planning.power import Decision
    from sr.results.measurement import Results


def print_power(
    plan: "Plan",
    tables: Sequence[tuple[str, str]],
    rate: float,
    results: "Results",
    console: "Console",
) -> None:
    """A line for each of the tables, and for each claim of their papers that trainings can decide."""
    from rich.table import Table

    from sr.papers.comparison import COMPARISON
    from sr.planning.cost import cost_of_recipes
    from sr.planning.power import outlook

    own = [(paper, item) for paper, item in tables if item != COMPARISON]
    known = cost_of_recipes(plan, plan.printed_recipes(own)).runs
    found = outlook(plan, own, known, rate, results)
    rows = Table(title="seeds with which 80 % of right trainings are shown equal to what is printed")
    for name in ("table", "trained cells", "seeds", "then told from all others", "hours"):
        rows.add_column(name, justify="left" if name == "table" else "right")
    for table, price in found.tables:
        numbers = (str(table.cells), str(table.seeds or ""), str(table.plain))
        rows.add_row(f"{table.paper} {table.item}", *numbers, _hours(price))
    console.print(rows)
    claims = Table(title="seeds with which a claim is decided with a power of 80 %, if it is as printed")
    for name in ("claim", "rule", "comparisons", "seeds", "hours", "what takes them"):
        claims.add_column(name, justify="right" if name in ("comparisons", "seeds", "hours") else "left")
    for claim, price in found.claims:
        counts = (str(claim.comparisons), str(claim.seeds or ""), _hours(price))
        claims.add_row(claim.claim, claim.rule, *counts, _short(claim))
    console.print(claims)
    console.print(f"{found.beyond} claims that no training decides are left out: `sr claims` says why")


def measured_so_far(results: Path, budget: str) -> "Results":
    """What was measured in a results folder; which seeds it has at a budget is told on screen."""
    from sr.planning.power import NOTHING
    from sr.results.measurement import results_of_folder
    from sr.results.source import Kind

    if not (results / "scores").is_dir():
        return NOTHING
    found = results_of_folder(results / "scores")
    trained = [group for group in found.groups if group.kind == Kind.TRAINED and group.budget == budget]
    several = [group for group in trained if len(group.members) > 1]
    if several:
        typer.echo(
            f"spread: of {len(several)} recipes several seeds are in {results / 'scores'}; "
            "where all trainings of a comparison are among them, they correct what is stated of it"
        )
    return found


def print_decision(plan: "Plan", claim: str, rate: float, results: "Results") -> None:
    """Exactly what one claim takes: its recipes, seeds, hours, and the command that trains them."""
    from sr.errors import InputError
    from sr.planning.cost import cost_of_recipes
    from sr.planning.inputs import generators
    from sr.planning.power import decision, hours

    found = decision(plan, claim, results)
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
    typer.echo(f"  which {found.hardest} takes")
    for recipe in found.recipes:
        own = hours(known, plan, [recipe], found.seeds, rate)
        typer.echo(f"  {recipe}: {own:,.1f} hours, what it begins with among them")
    if found.why:
        typer.echo(f"not planned: {found.why}")
    seeds = range(found.seeds)
    targets = generators(plan.trainings.run(recipe, seed) for recipe in found.recipes for seed in seeds)
    configured = f"budget={budget} 'papers=[{found.paper}]' 'seeds={list(seeds)}'"
    if plan.configuration.mirror:
        configured += f" {shlex.quote(f'mirror={plan.configuration.mirror}')}"
    typer.echo(f"snakemake --config {configured} -- {' '.join(targets)}")


def _short(one: "Decision") -> str:
    return one.words if len(one.words) <= 60 else f"{one.words[:57]}..."


def _hours(price: float | None) -> str:
    return "" if price is None else f"{price:,.0f}"
