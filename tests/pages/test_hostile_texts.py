"""Names and notes that look like Markdown, HTML or formulas come out as the text they are."""

import re

import pytest
from jinja2 import DictLoader
from markdown_it import MarkdownIt

from sr.csv_text import as_text, csv_text, from_text
from sr.pages.templating import environment

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](javascript:alert(1))",
    "\\<b>bold\\</b>",
    "\\[click](javascript:alert(1))",
    "\\\\<i>x</i>",
    "`code` **bold** _thin_ ~~out~~",
    "a | b | c",
    "<javascript:alert(1)>",
    "line\n\n# heading\n\n<hr>",
    "[a]: javascript:alert(1)",
    "&lt;b&gt; &amp;",
)


def rendered(template: str, text: str) -> str:
    found = environment("md")
    found.loader = DictLoader({"t": template})
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        found.get_template("t").render(x=text)
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "template", ["# {{ x }}\n", "{{ x }}\n", "- **{{ x | pipe }}** and\n", "| a |\n|---|\n| {{ x }} |\n"]
)
def test_markdown_holds_no_live_tag_or_link(template: str, text: str) -> None:
    html = rendered(template, text)
    tags = set(re.findall(r"<(\w+)", html))
    assert tags <= {"h1", "p", "ul", "li", "strong", "table", "thead", "tbody", "tr", "th", "td"}, html
    shown = re.sub(r"<[^>]+>", "", html)
    for escaped, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        shown = shown.replace(escaped, character)
    assert " ".join(text.split()) in " ".join(shown.split())
    assert html.count("<td>") <= 1


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-1 +cmd|'x'!A0", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_a_csv_is_computed(text: str) -> None:
    assert as_text(text) == f"'{text}"
    assert from_text(as_text(text)) == text
    assert csv_text(("a",), [(text,)]).count("'") >= 1


@pytest.mark.parametrize(
    "text", ["-0.5", "+1e-5", "-inf", "-0.1 [-0.2, +0.1] against", "plain", "'quoted'", ""]
)
def test_numbers_and_plain_texts_stay_and_all_come_back(text: str) -> None:
    assert from_text(as_text(text)) == text
    if not text.startswith("'"):
        assert as_text(text) == text
