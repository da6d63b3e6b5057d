"""The page of results for publishing: it and all that it links to, for any server of static files."""

import os
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sr.errors import InputError
from sr.files import atomic_folder, refuse_other_folder

_FIRST = "report/index.html"
_MARK = ".sr-site"  # of a folder that was made here: any site has an index.html
_FORWARD = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Results</title>'
    f'<meta http-equiv="refresh" content="0; url={_FIRST}"><a href="{_FIRST}">Results</a></html>\n'
)


class _Links(HTMLParser):
    """What a page refers to, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def write_site(results: Path, output: Path) -> int:
    """Copy results/report/index.html and the files it links to, with the files that these link to; returns
    how many. They keep their places, so that links hold; index.html leads to the page.

    What is in the way is replaced if it was made here. Raises InputError for any other folder with files, for
    one that holds `results` or lies in a folder of theirs, without a page, and for a link to what is not
    there or lies outside of `results`.
    """
    root = results.resolve()
    if not (root / _FIRST).is_file():
        raise InputError(f"{results / _FIRST}: no page of results yet; make it with `make all`.")
    files = _linked(root)
    _refuse_place(root, output)
    refuse_other_folder(output, _MARK)
    with atomic_folder(output) as folder:
        for file in files:
            target = folder / file.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        (folder / "index.html").write_text(_FORWARD, encoding="utf-8")
        (folder / _MARK).write_text("Made by `sr site`, which replaces this folder.\n", encoding="utf-8")
    return len(files)


def _refuse_place(root: Path, output: Path) -> None:
    """Raise InputError for a folder with the results in it, and for one inside a folder of theirs."""
    place = output.resolve()
    if root.is_relative_to(place):
        raise InputError(f"{output}: holds the results, which would be lost; choose another folder.")
    if place.is_relative_to(root) and place.parent != root:
        raise InputError(f"{output}: lies in a folder of the results; choose another folder.")


def _linked(root: Path) -> list[Path]:
    """The page, and what can be reached from it, each once."""
    found = {root / _FIRST: None}
    waiting = list(found)
    while waiting:
        page = waiting.pop()
        for file in _files_of(root, page):
            if file not in found:
                found[file] = None
                waiting += [file] if file.suffix == ".html" else []
    return list(found)


def _files_of(root: Path, page: Path) -> Iterator[Path]:
    """The files that a page refers to."""
    links = _Links()
    links.feed(page.read_text(encoding="utf-8"))
    for link in links.found:
        way = urlsplit(link)
        if way.scheme or way.netloc or not way.path:
            continue
        # As a browser goes: folders of the results may be links to other disks.
        file = Path(os.path.normpath(page.parent / unquote(way.path)))
        if not file.is_relative_to(root):
            raise InputError(
                f"{page}: links to {link}, which lies outside of the results; make the page again"
                " (`sr report`)."
            )
        if not file.is_file():
            raise InputError(
                f"{page}: links to {link}, which is not there; make the page again (`sr report`)."
            )
        yield file
