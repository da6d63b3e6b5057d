"""What papers and their items are called where people read of them."""

import re

from sr.project import paper_folder

_ITEM = re.compile(r"(?P<kind>table|fig)(?P<number>\d+)(?P<supplement>_supp)?")
_KINDS = {"table": "Table", "fig": "Fig."}


def title_of(paper: str) -> str:
    """The method's name as people write it: the heading of the paper's README.md, or the folder's name."""
    path = paper_folder(paper) / "README.md"
    if not path.is_file():
        return paper
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("#").strip()


def place_of(item: str) -> str:
    """Where an item stands: `table1_supp` is supplement Table 1, `fig5` is Fig. 5; others say so already."""
    match = _ITEM.fullmatch(item)
    if match is None:
        return item
    return f"{'supplement ' if match['supplement'] else ''}{_KINDS[match['kind']]} {match['number']}"
