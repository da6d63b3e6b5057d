"""`sr recipes`: what can be trained."""

from typing import Annotated

import typer

_WIDTH = 118


def recipes(
    paper: Annotated[str | None, typer.Argument(help="Only those of this paper; default: of all.")] = None,
) -> None:
    """List every recipe with what it trains, begins with and needs; `sr show PAPER/RECIPE` shows one."""
    from rich.console import Console
    from rich.table import Table

    from sr.project import paper_folder, papers
    from sr.recipes.recipe import load_recipes

    table = Table("recipe", "what", "network", "training set", "iterations", "begins with")
    table.columns[0].no_wrap = True
    for one in [paper_folder(paper).name] if paper else papers():
        for name, recipe in load_recipes(one).items():
            table.add_row(
                f"{one}/{name}",
                recipe.title,
                recipe.generator.network,
                recipe.training_set,
                f"{recipe.schedule.iterations:,}",
                recipe.start or "",
            )
        table.add_section()
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=_WIDTH)
    console.print(table, markup=False)
