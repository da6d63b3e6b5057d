"""The one jinja2 environment behind every page and table."""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

# The form of a page that another page embeds: its body alone, without the title.
BODY = "body.html"


def environment(suffix: str, **marks: Any) -> Environment:
    """Templates of this package for output in the format `suffix`; a missing value is an error.

    What is put into HTML and Markdown is escaped, whether a template asks for it or not.

    marks: other delimiters, for formats that use braces themselves.
    """
    options: dict[str, Any] = {**marks, "finalize": _pipe} if suffix == "md" else marks
    found = Environment(
        **options,
        loader=PackageLoader("sr.pages"),
        autoescape=suffix.endswith("html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["pipe"] = _pipe
    return found


def headings(suffix: str, name: str) -> dict[str, Any]:
    """What a template of HTML needs to know of where it stands: on a page of its own, or in another's body.

    top: the level of its largest heading. anchor: what its anchors begin with, the page's name where it is
    embedded, so that those of several pages do not meet.
    """
    return {"top": 4, "anchor": f"{name}-"} if suffix == BODY else {"top": 2, "anchor": ""}


class _Escaped(str):
    """Markdown that needs no escaping any more."""

    __slots__ = ()


def _pipe(text: object) -> str:
    """Text that in Markdown is nothing but itself: no end of a cell, no emphasis, tag, link or line break."""
    if isinstance(text, _Escaped):
        return text
    return _Escaped(re.sub(r"([\\`*_\[\]<>|&~!#])", r"\\\1", " ".join(str(text).split())))
