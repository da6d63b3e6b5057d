"""A grid as Markdown, HTML (a page or its body alone) or LaTeX, by the templates beside this file."""

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from jinja2 import Environment

from sr.pages.grid import Grid
from sr.pages.templating import environment, headings

_COLUMNS = 6  # beside each other on paper

_TEX_MARKS = {
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "block_start_string": "<%",
    "block_end_string": "%>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
}
_TEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_\allowbreak{}",  # names of weights are longer than a column is wide
    "/": r"/\allowbreak{}",
    "+": r"+\allowbreak{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": r"\textbar{}",
    "∞": r"$\infty$",
    "×": r"$\times$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "→": r"$\to$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "∅": r"$\varnothing$",
    "◇": r"$\diamond$",
    "⟳": r"$\circlearrowright$",
    "±": r"$\pm$",
}
_TEX_PATTERN = re.compile("|".join(map(re.escape, _TEX_SPECIAL)))


def render(grid: Grid, suffix: str, name: str = "") -> str:
    """The grid as text of the format `suffix`: md, html, body.html (with the page's `name`) or tex."""
    found = templates(suffix).get_template(f"table.{suffix}.j2")
    return found.render(grid=grid, parts=_parts(grid), **headings(suffix, name))


@dataclass(frozen=True)
class _Part:
    """Columns of a table that stand beside each other on a page of paper, from the column `first` on."""

    first: int
    columns: list[str]
    headings: list[tuple[str, int]]


def _parts(grid: Grid) -> list[_Part]:
    """The table's columns in parts that fit a page."""
    above = [label for label, span in grid.headings for _ in range(span)]
    found = []
    for first in range(0, len(grid.columns), _COLUMNS):
        own = above[first : first + _COLUMNS]
        spans = [(label, len(list(same))) for label, same in groupby(own)]
        found.append(_Part(first, grid.columns[first : first + _COLUMNS], spans))
    return found


def templates(suffix: str) -> Environment:
    """Templates of the format `suffix`: md, html, body.html, or tex with a filter for its special signs."""
    # LaTeX is full of braces and percent signs, so its templates are marked up with angle brackets.
    marks: dict[str, Any] = _TEX_MARKS if suffix == "tex" else {}
    found = environment(suffix, **marks)
    found.filters["tex"] = _tex
    return found


def _tex(text: str) -> str:
    return _TEX_PATTERN.sub(lambda match: _TEX_SPECIAL[match[0]], text)
