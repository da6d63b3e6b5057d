"""`sr show` and `sr protocols`: what is trained and how it is measured, and where each setting comes from."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sr.assumption import Assumption


def show(
    recipe: Annotated[str, typer.Argument(help="paper/recipe, for instance ldl/rrdb_ldl_df2k.")],
    budget: Annotated[str, typer.Option(help="Name what this budget changes.")] = "paper",
) -> None:
    """Show a recipe: settings and their sources, differences to its parent, deviations, assumptions."""
    from rich.table import Table

    from sr.recipes.budget import apply, load_budget
    from sr.recipes.recipe import load_recipe
    from sr.recipes.sources import parent, settings, sources

    found, below = load_recipe(recipe), parent(recipe)
    ours, origins = settings(found), sources(recipe)
    theirs = settings(load_recipe(below)) if below else {}
    table = Table("setting", "value", "source", *([below] if below else []), title=f"{recipe}: {found.title}")
    for key in dict.fromkeys((*ours, *theirs)):
        other = "" if ours.get(key) == theirs.get(key) else _shown(theirs.get(key, "absent"))
        row = [key, _shown(ours.get(key, "absent")), origins.get(key, "")]
        table.add_row(*row, *([other] if below else []))
    console = _console()
    console.print(table, markup=False)
    resolved = apply(load_budget(budget), found, found.training_set)
    _print_lines(console, f"Deviations of the budget {budget} from the paper", resolved.deviations)
    _print_assumptions(console, "Assumptions", found.assumptions)


def protocols() -> None:
    """Show how the replicated papers measure, where each setting comes from, and what they leave open."""
    from rich.table import Table

    from sr.project import papers
    from sr.scoring.protocol import load_protocol, sources

    found = {paper: load_protocol(paper) for paper in papers()}
    flat = {paper: _flatten(protocol.rules()) for paper, protocol in found.items()}
    table = Table("setting", *flat, show_lines=True)
    keys = list(dict.fromkeys(key for settings in flat.values() for key in settings))
    for key in keys:
        table.add_row(key, *(settings.get(key, "") for settings in flat.values()))
    console = _console()
    console.print(table)
    for key in keys:
        console.print(f"[bold]{key}[/bold]")
        for paper in flat:
            for name, source in sources(paper).items():
                if name == key or (name.startswith(f"{key}.") and key in ("metrics", "benchmarks")):
                    console.print(f"  {paper} {name.removeprefix(key + '.')}: {source}", markup=False)
    for paper, protocol in found.items():
        _print_assumptions(console, f"Assumptions of {paper}'s protocol", protocol.assumptions)
        variants = (f"{paper}-{name}: {_shown(changes)}" for name, changes in protocol.variants.items())
        _print_lines(console, f"Variants of {paper}'s protocol", variants)


def _console() -> "Console":
    from rich.console import Console

    console = Console(highlight=False)
    # A log has no width of its own.
    return console if console.is_terminal else Console(width=150, highlight=False)


def _print_assumptions(console: "Console", title: str, assumptions: "Mapping[str, Assumption]") -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(f"[bold]{title}[/bold]")
    for name, one in assumptions.items():
        console.print(f"  {name}: {one.chosen}", markup=False)
        tried = [f"tried by: {', '.join(one.tried_by)}"] if one.tried_by else []
        for line in (f"because: {one.because}", f"otherwise: {one.otherwise}", *tried):
            console.print(Padding(Text(line), (0, 0, 0, 6)))


def _print_lines(console: "Console", title: str, lines: Iterable[str]) -> None:
    console.print(f"[bold]{title}[/bold]")
    for line in list(lines) or ["none"]:
        console.print(f"  {line}", markup=False)


def _flatten(settings: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = _shown(value)
    return flat


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
