"""What papers and their items are called where people read of them."""

import re
from collections.abc import Iterable

from sr.project import paper_folder

_ITEM = re.compile(r"(?P<kind>table|fig)(?P<number>\d+)(?P<supplement>_supp)?")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_KINDS = {"table": "Table", "fig": "Fig."}


def title_of(paper: str) -> str:
    """The method's name as people write it: the heading of the paper's README.md, or the folder's name."""
    path = paper_folder(paper) / "README.md"
    if not path.is_file():
        return paper
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("#").strip()


def year_of(paper: str) -> int | None:
    """When the paper appeared: the year in the first paragraph of its README.md, where it is cited."""
    path = paper_folder(paper) / "README.md"
    paragraphs = path.read_text(encoding="utf-8").split("\n\n") if path.is_file() else []
    years = _YEAR.findall(paragraphs[1]) if len(paragraphs) > 1 else []
    return int(years[-1]) if years else None


def by_year(papers: Iterable[str]) -> list[str]:
    """The papers as they appeared, the earliest first; those whose year is not known stand last."""
    return sorted(papers, key=lambda paper: (year_of(paper) or 9999, paper))


def place_of(item: str) -> str:
    """Where an item stands: `table1_supp` is supplement Table 1, `fig5` is Fig. 5; others say so already."""
    match = _ITEM.fullmatch(item)
    if match is None:
        return item
    return f"{'supplement ' if match['supplement'] else ''}{_KINDS[match['kind']]} {match['number']}"
