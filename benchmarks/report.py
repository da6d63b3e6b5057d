"""Printing benchmark results, and pages that programs write."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sr.files import write_text


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout, numbers to the right."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def repeated_page(description: str, text: Callable[[int], str], repetitions: int) -> None:
    """A program that prints a page made by so many repetitions, or writes it.

    Its options: --repetitions, and --output, the file to write.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repetitions", type=int, default=repetitions)
    parser.add_argument("--output", type=Path)
    wanted = parser.parse_args()
    page = text(wanted.repetitions)
    if wanted.output is None:
        print(page)
    else:
        write_text(wanted.output, page)
