"""`sr compare`: two runs side by side."""

from typing import Annotated, Any

import typer

_WIDTH = 118


def compare(
    first: Annotated[str, typer.Argument(help="A run's folder, or a recipe PAPER/RECIPE with one run.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
) -> None:
    """Show where two runs differ: in settings, in what they were made from, and in what they reached."""
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from sr.recipes.run_record import load_record
    from sr.weights.choice import run_of

    folders = [Path(name) if Path(name).is_dir() else run_of(name) for name in (first, second)]
    ours, theirs = (_flat(load_record(folder).model_dump(mode="json")) for folder in folders)
    table = Table("", first, second)
    keys = list(dict.fromkeys((*ours, *theirs)))
    reached = [key for key in keys if key.startswith("validation.")]
    different = [key for key in keys if ours.get(key) != theirs.get(key) and key not in reached]
    for key in different:
        table.add_row(key, ours.get(key, "absent"), theirs.get(key, "absent"))
    table.add_section()
    for key in reached:
        table.add_row(key, ours.get(key, "absent"), theirs.get(key, "absent"))
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=_WIDTH)
    console.print(table, markup=False)


def _flat(value: Any, prefix: str = "") -> dict[str, str]:
    """Nested values by dotted keys, in words."""
    if isinstance(value, dict):
        return {k: v for key, part in value.items() for k, v in _flat(part, f"{prefix}{key}.").items()}
    words = ", ".join(map(str, value)) if isinstance(value, list) else value
    shown = f"{words:.6g}" if isinstance(words, float) else str(words)
    return {prefix.removesuffix("."): shown or "none"}
