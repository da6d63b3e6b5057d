"""Tables that were written as pages of their own, taken into another page."""

import re
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from sr.errors import InputError

_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_FIRST_HEADING = re.compile(r"<h1>.*?</h1>", re.DOTALL)
_HEADING = re.compile(r"<(/?)h([234])\b")
_ANCHOR = re.compile(r'\b(id="|href="#)')


@dataclass(frozen=True)
class Fragment:
    """The body of a page. name: the file's stem, which its anchors begin with."""

    name: str
    title: Markup
    body: Markup


def load_fragment(path: Path) -> Fragment:
    """Read a page that this suite wrote: its body without the title, headings two levels down.

    Raises InputError for a file without title or body.
    """
    text = path.read_text(encoding="utf-8")
    body, title = _BODY.search(text), _TITLE.search(text)
    if not body or not title:
        raise InputError(f"{path}: not a page with a title and a body; delete it and make it again.")
    content = _FIRST_HEADING.sub("", body[1], count=1)
    content = _HEADING.sub(lambda match: f"<{match[1]}h{min(int(match[2]) + 2, 6)}", content)
    content = _ANCHOR.sub(lambda match: f"{match[1]}{path.stem}-", content)
    return Fragment(path.stem, Markup(title[1]), Markup(content))
