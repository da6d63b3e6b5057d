"""The one jinja2 environment behind every page and table."""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(suffix: str, **marks: Any) -> Environment:
    """Templates of this package for output in the format `suffix`; a missing value is an error.

    marks: other delimiters, for formats that use braces themselves.
    """
    found = Environment(
        **marks,
        loader=PackageLoader("sr.pages"),
        autoescape=suffix == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["pipe"] = _pipe
    return found


def _pipe(text: object) -> str:
    """Text that neither ends a Markdown cell nor starts emphasis."""
    return re.sub(r"([|*_<])", r"\\\1", str(text))
