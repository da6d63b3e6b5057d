"""A grid as Markdown, HTML or LaTeX, by the templates beside this file."""

import re
from typing import Any

from sr.replication.grid import Grid
from sr.replication.templating import environment

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
    "_": r"\_",
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
}
_TEX_PATTERN = re.compile("|".join(map(re.escape, _TEX_SPECIAL)))


def render(grid: Grid, suffix: str) -> str:
    """The grid as text of the format `suffix`: md, html or tex."""
    # LaTeX is full of braces and percent signs, so its template is marked up with angle brackets.
    marks: dict[str, Any] = _TEX_MARKS if suffix == "tex" else {}
    templates = environment(suffix, **marks)
    templates.filters["tex"] = _tex
    return templates.get_template(f"table.{suffix}.j2").render(grid=grid)


def _tex(text: str) -> str:
    return _TEX_PATTERN.sub(lambda match: _TEX_SPECIAL[match[0]], text)
