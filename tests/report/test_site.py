"""What is published of a page: all that it links to, nothing else, and every link leads somewhere."""

import html
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from sr.errors import InputError
from sr.report.gather import gather
from sr.report.page import write_page
from sr.report.site import write_site
from tests.report.results_tree import make_results

LINK = re.compile(r"(?:href|src|url)=[\"']?([^\"'\s>]+)")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    for body in (tmp_path / "results" / "tables").glob("*.body.html"):
        for form in ("csv", "md", "tex", "json"):
            (body.parent / f"{body.name.removesuffix('.body.html')}.{form}").touch()
    material = gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path / "images", 9)
    write_page(material, tmp_path / "results" / "report" / "index.html")
    return tmp_path / "results"


def test_every_link_of_what_is_published_leads_to_a_file_beside_it(results: Path, tmp_path: Path) -> None:
    (results / "secret.txt").write_text("not linked")
    count = write_site(results, tmp_path / "site")
    files = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert len(files) == count + 2  # index.html leads to the page; a mark tells whose folder it is
    assert not (tmp_path / "site" / "secret.txt").exists()
    linked = 0
    for page in (path for path in files if path.suffix == ".html"):
        text = page.read_text(encoding="utf-8")
        for link in map(html.unescape, LINK.findall(text)):
            if link.startswith(("#", "data:")):
                continue
            assert not link.startswith(("/", "http", "file")), link
            assert (page.parent / unquote(link.partition("#")[0])).is_file(), link
            linked += 1
        assert str(tmp_path) not in text
    assert linked > 10


def test_a_site_is_made_again_and_takes_no_other_folders_place(results: Path, tmp_path: Path) -> None:
    write_site(results, tmp_path / "site")
    (tmp_path / "site" / "old.txt").write_text("of an earlier page")
    write_site(results, tmp_path / "site")
    assert not (tmp_path / "site" / "old.txt").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious.txt").write_text("precious")
    with pytest.raises(InputError, match="mine"):
        write_site(results, tmp_path / "mine")
    assert (tmp_path / "mine" / "precious.txt").is_file()


def test_a_site_of_another_make_is_kept(results: Path, tmp_path: Path) -> None:
    """It has an index.html, as every site has."""
    (tmp_path / "public_html").mkdir()
    (tmp_path / "public_html" / "index.html").write_text("my own page")
    with pytest.raises(InputError, match="public_html: holds other files, which would be lost"):
        write_site(results, tmp_path / "public_html")
    assert (tmp_path / "public_html" / "index.html").read_text() == "my own page"


@pytest.mark.parametrize("place", ["results/report", "results/tables", "results", ".", "results/runs/site"])
def test_the_results_themselves_are_kept(place: str, results: Path, tmp_path: Path) -> None:
    before = sorted(results.rglob("*"))
    with pytest.raises(InputError, match=r"holds other files|holds the results|in a folder of the results"):
        write_site(results, tmp_path / place)
    assert sorted(results.rglob("*")) == before


def test_a_site_may_lie_beside_the_results_own_folders(results: Path) -> None:
    for _ in range(2):
        write_site(results, results / "site")
    assert (results / "site" / "report" / "index.html").is_file()
    assert not (results / "site" / "site").exists()


def test_folders_of_the_results_may_lie_on_other_disks(results: Path, tmp_path: Path) -> None:
    """The site is the same as without the link, and holds files in place of it."""
    count = write_site(results, tmp_path / "whole")
    (results / "tables").rename(tmp_path / "disk")
    (results / "tables").symlink_to(tmp_path / "disk")
    assert write_site(results, tmp_path / "linked") == count
    names = [
        sorted(p.relative_to(s) for p in s.rglob("*")) for s in (tmp_path / "whole", tmp_path / "linked")
    ]
    assert names[0] == names[1]
    assert not (tmp_path / "linked" / "tables").is_symlink()


def test_a_link_that_leaves_the_results_is_called_that(results: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not of the results")
    page = results / "report" / "index.html"
    page.write_text(page.read_text() + '<a href="../../notes.txt">notes</a>')
    with pytest.raises(InputError, match=r"links to ../../notes.txt, which lies outside of the results"):
        write_site(results, tmp_path / "site")


def test_without_a_page_or_with_a_dead_link_nothing_is_written(results: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no page of results yet; make it with `make all`"):
        write_site(tmp_path / "nowhere", tmp_path / "site")
    (results / "tables" / "verdicts.csv").unlink()
    with pytest.raises(InputError, match=r"links to ../tables/verdicts.csv, which is not there"):
        write_site(results, tmp_path / "site")
    assert not (tmp_path / "site").exists()
