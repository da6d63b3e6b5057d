"""Bodies that another page embeds: what the page says, with smaller headings and anchors of their own."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sr import project
from sr.audit.audit import audit
from sr.pages import audit as audit_page
from sr.pages import comparison, render
from sr.pages.comparison import Block, Cell, Name, Page
from sr.pages.templating import BODY
from tests.pages.test_grid import grid

COMPARED = Page(
    title="All methods",
    remarks=["One remark."],
    names=[Name("Ours <x>", "demo", None, 1)],
    sections=[("Learned", [0])],
    panels=[[Block("Set5", 2, ["PSNR [dB]"], [[Cell("27.00", 2)]])]],
    notes=["of few steps", "5 images"],
)


class Outline(HTMLParser):
    """What stands between the tags, the level of each heading, and all anchors and what leads to them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.levels: list[int] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.open = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag not in ("html", "head", "body", "style", "title")
        self.open += 1
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        self.anchors += [value or "" for name, value in attributes if name == "id"]
        self.links += [value or "" for name, value in attributes if name == "href"]

    def handle_endtag(self, _tag: str) -> None:
        self.open -= 1

    def handle_data(self, data: str) -> None:
        self.words += data.split()


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], str]:
    monkeypatch.delenv("SR_MIRROR", raising=False)
    monkeypatch.setattr(project, "data_folder", lambda: tmp_path / "data")
    found = audit(None)
    return lambda suffix: audit_page.render(found, suffix, "audit")


@pytest.fixture(params=["table", "comparison", "audit"])
def rendered(request: pytest.FixtureRequest) -> tuple[str, Callable[[str], str]]:
    """The name of a page, and what renders it in a format."""
    if request.param == "audit":
        return "audit", request.getfixturevalue("audited")
    if request.param == "table":
        return "table2_p", lambda suffix: render.render(grid(), suffix, "table2_p")
    return "benchmark", lambda suffix: comparison.render_page(COMPARED, suffix, "benchmark")


def test_a_body_says_what_its_page_says(rendered: tuple[str, Callable[[str], str]]) -> None:
    name, text = rendered
    page = Outline(text("html").split("</h1>")[1].split("</body>")[0])
    body = Outline(text(BODY))
    assert body.words == page.words
    assert body.open == page.open == 0
    assert body.levels == [level + 2 for level in page.levels]
    assert min(body.levels) == 4
    assert max(body.levels) <= 6
    assert body.anchors == [f"{name}-{anchor}" for anchor in page.anchors]
    assert body.links == [f"#{name}-{link.removeprefix('#')}" for link in page.links]
    assert {link.removeprefix("#") for link in body.links} <= set(body.anchors)
