"""The page of results: everything is on it, nothing is loaded, and it is said what is missing."""

import base64
import csv
import io
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from sr.cli import tables as commands
from sr.data.assets import MIRROR_VARIABLE
from sr.errors import InputError
from sr.papers.tables import load_layouts, name_in_files
from sr.project import papers
from sr.report.gather import gather
from sr.report.page import duration, render, sentence, size, write_page
from sr.verdicts.rows import Verdict, write_rows
from sr.verdicts.summary import all_verdicts
from tests.report.results_tree import ROWS, RUN, make_results, row

cli = typer.Typer()
cli.add_typer(commands.app)

VOID = {"meta", "img", "input", "br", "hr", "link", "col", "wbr"}
ADDRESSES = ("src", "srcset", "poster", "data", "action", "background")


class Page(HTMLParser):
    """Elements in order, with the errors of nesting that a browser would repair silently."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.errors: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> at line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.text += " " + " ".join(data.split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    make_results(folder / "results", folder / "benchmarks")
    material = gather(folder / "results", folder / "benchmarks", folder / "images", 9)
    write_page(material, folder / "results" / "report" / "index.html")
    return folder


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "results" / "report" / "index.html").read_text()


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_table_claim_figure_and_run_is_shown(page: Page) -> None:
    for paper in papers():
        for item in load_layouts(paper).tables:
            name = f"{name_in_files(item)}_{paper}"
            assert " ".join(load_layouts(paper).tables[item].title.split()) in page.text
            assert f"body of {name}" in page.text
    for words in (
        "statement S01 & <more>",
        "Reason S01.",
        "Depth against PSNR",
        "What depth gives.",
        "no run was kept",
    ):
        assert words in page.text
    for words in (
        "a reason that the page repeats",
        "batch: 8 instead of 16",
        "955fa9fb",
        "device cpu, tf32 no",
        "1 min 15 s",
    ):
        assert words in page.text


def test_it_is_well_formed_and_anchors_are_unique_and_lead_somewhere(page: Page) -> None:
    assert not page.errors
    assert not page.open
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    links = [attributes["href"] or "" for tag, attributes in page.elements if tag == "a"]
    # Behind a question mark stands what the viewer is asked to show.
    assert {link[1:].partition("?")[0] for link in links if link.startswith("#")} <= set(names)


def test_nothing_is_loaded_from_elsewhere(page: Page, text: str) -> None:
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        for name in ADDRESSES:
            assert (attributes.get(name) or "data:").startswith("data:")
    style = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    script = "".join(re.findall(r"<script>(.*?)</script>", text, re.DOTALL))
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"\b(fetch|XMLHttpRequest|import)\b *\(|https?://", script)


def test_pictures_decode_and_crops_are_lossless(folder: Path, page: Page) -> None:
    pictures = [attributes for tag, attributes in page.elements if tag == "img" and attributes.get("src")]
    assert len(pictures) == 1 + 2 * 4  # the figure; two images by original, two baselines and the run
    for picture in pictures:
        kind, _, code = (picture["src"] or "").partition(";base64,")
        with Image.open(io.BytesIO(base64.b64decode(code, validate=True))) as image:
            assert image.get_format_mimetype() == kind.removeprefix("data:")
            shown = image.convert("RGB").tobytes()
        if (picture["alt"] or "").startswith("bicubic: two"):
            stored = folder / "results/reconstructions/baseline/bicubic/embedded/two.png"
            with Image.open(stored) as image:
                assert shown == image.tobytes()  # smaller than a crop, so shown whole


def test_a_smaller_budget_is_marked_wherever_it_is_shown(page: Page, text: str) -> None:
    assert "Smaller budget: demo." in page.text
    assert not re.search(r'class="verdict (confirmed|contradicted)', text)
    crop = next(part for part in text.split("<figure") if "SRResNet-MSE (srgan/srresnet_mse)" in part)
    assert "⚠ demo" in crop


def test_counts_are_of_printed_numbers(page: Page, folder: Path) -> None:
    material = gather(folder / "results", folder / "benchmarks", folder / "images", 9)
    srgan = next(paper for paper in material.papers if paper.name == "srgan")
    assert {str(word): count for word, count in srgan.verdicts.items() if count} == {"match": 1, "not run": 1}
    assert srgan.unprinted == 1
    assert "1 number was measured where the papers print none" in page.text


def test_a_method_of_the_users_own_is_listed_and_counted_nowhere(folder: Path, text: str) -> None:
    verdicts = folder / "results" / "tables" / "verdicts.csv"
    mine = row(
        method="Mine", published="", measured=31.0, verdict=Verdict.OWN, source="images/mine", note="n"
    )
    try:
        write_rows(verdicts, [*ROWS, mine])
        found = render(gather(folder / "results", folder / "benchmarks", folder / "images", 9))
    finally:
        write_rows(verdicts, ROWS)
    option, listed = '<option value="own">', "<td>Mine</td>"
    assert (option in found, option in text, listed in found, listed in text) == (True, False, True, False)
    one, other = (page.partition('id="overview"')[2].partition("</section>")[0] for page in (found, text))
    assert one == other
    summaries = [re.findall(r'<summary id="numbers-.*?</summary>', page) for page in (found, text)]
    assert summaries[0] == summaries[1] != []


def test_the_overview_counts_what_the_check_counts(folder: Path) -> None:
    tables = folder / "results" / "tables"
    for paper in papers():
        for item in load_layouts(paper).tables:
            own = [one for one in ROWS if (one.paper, one.item) == (paper, item)]
            write_rows(tables / f"{name_in_files(item)}_{paper}.csv", own)
    try:
        write_rows(tables / "verdicts.csv", all_verdicts(tables))
        told = CliRunner().invoke(cli, ["check", "--tables", str(tables)]).stdout
        material = gather(folder / "results", folder / "benchmarks", folder / "images", 9)
        foot = render(material).partition("as <code>sr check</code> counts")[2].partition("</tr>")[0]
        counts = re.findall(r"<td[^>]*>(\d+)</td>", foot)
        assert counts == re.findall(r"^ *(\d+) [a-z ]+$", told, re.MULTILINE)
        assert sum(map(int, counts)) > 800
    finally:
        write_rows(tables / "verdicts.csv", ROWS)


def test_papers_stand_in_the_order_of_their_years_those_of_the_run_first(folder: Path) -> None:
    def order(*configured: str) -> list[str]:
        material = gather(folder / "results", folder / "benchmarks", folder / "images", 9, configured)
        return [paper.name for paper in material.papers]

    assert order() == ["srgan", "esrgan", "gmgan", "beby", "ldl"]
    assert order("ldl", "gmgan") == ["gmgan", "ldl", "srgan", "esrgan", "beby"]


def test_supplied_images_are_found_in_the_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    write_rows(tmp_path / "results" / "tables" / "verdicts.csv", [row(measured=30.0, source="images/theirs")])
    bicubic = tmp_path / "results" / "reconstructions" / "baseline" / "bicubic" / "embedded"
    shutil.copytree(bicubic, tmp_path / "mirror" / "images" / "theirs" / "embedded")
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path / "mirror"))
    material = gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path / "images", 9)
    crops = [crop for scene in material.gallery.scenes for crop in scene.crops]
    assert {crop.group for crop in crops if crop.source == "images/theirs"} == {"supplied images"}


def article(text: str, name: str) -> str:
    """The words of one claim's article."""
    return Page(text.split(f'id="claim-{name}"', 1)[1].split("</article>")[0].partition(">")[2]).text


def test_a_claims_article_names_budget_sources_proxy_and_note(text: str) -> None:
    paper, demo = article(text, "S01-paper"), article(text, "S02-demo")
    assert "S01 (budget: paper) statement S01" in " ".join(paper.split())
    assert "Measured in its place: A proxy in words." in paper
    assert "Note: A note for the reader." in paper
    assert "? undecided" in " ".join(paper.split())  # the sign of the page of claims
    assert "(budget: demo)" in demo
    assert f"Sources baseline/bicubic trained/{RUN}" in " ".join(demo.split())
    assert "Measured in its place" not in demo
    assert "Note" not in demo


def test_claims_are_counted_by_paper_and_budget(text: str) -> None:
    table = text.split('aria-label="Claims per paper"')[1].split("</table>")[0]
    counts = {}
    for line in table.split("<tr>")[2:]:
        paper = re.findall(r'href="#claims-(\w+)"', line)[0]
        budget, *numbers = re.findall(r"<td[^>]*>(\w+)</td>", line)
        counts[paper, budget] = [int(number) for number in numbers]
    # The columns: contradicted (demo), undecided, undecided (deviating), not run.
    assert counts == {
        ("beby", "demo"): [0, 0, 0, 1],
        ("beby", "released"): [0, 0, 1, 0],
        ("srgan", "none"): [0, 0, 0, 1],
        ("srgan", "paper"): [0, 1, 0, 0],
        ("srgan", "demo"): [1, 0, 0, 0],
    }
    assert "3 judged claims of" in Page(text).text


def test_released_weights_that_decided_nothing_are_left_out_and_said(text: str) -> None:
    assert "claim-S01-released" not in text
    assert "claim-B01-released" in text
    assert "Claims of srgan on released weights: none was measured" in text
    assert "Claims of beby on released weights" not in text


def test_claims_files_without_proxy_and_note_are_read(tmp_path: Path) -> None:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    path = tmp_path / "results" / "tables" / "claims.csv"
    with path.open(newline="") as stream:
        rows = [
            {k: v for k, v in row.items() if k not in ("proxy", "note")} for row in csv.DictReader(stream)
        ]
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    write_page(gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path, 9), tmp_path / "index.html")
    assert "statement S01" in (tmp_path / "index.html").read_text()


def test_a_listed_number_stands_in_place_of_a_printed_one_and_is_called_that(tmp_path: Path) -> None:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    listed = {"published": "", "listed": "32.73", "measured": 32.70, "difference": -0.03, "tolerance": 0.05}
    name = {"paper": "esrgan", "item": "rrdb", "method": "RRDB", "source": "released/rrdb_psnr"}
    row_of_weights = row(**listed, **name, images=5, verdict=Verdict.MATCH)
    write_rows(tmp_path / "results" / "tables" / "verdicts.csv", [*ROWS, row_of_weights])
    write_page(gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path, 9), tmp_path / "index.html")
    text = (tmp_path / "index.html").read_text()
    shown = text.split('aria-label="Numbers of ESRGAN"')[1].split("</table>")[0]
    assert re.findall(r"<td[^>]*>([^<]*)<br><span[^>]*>listed<", shown) == ["32.73"]
    assert "1 of 848 printed numbers were measured exactly" in Page(text).text, "bicubic's alone"


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv", ".json"])
def test_a_listed_figure_without_one_of_its_files_is_missing_in_words(tmp_path: Path, suffix: str) -> None:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    (tmp_path / "results" / "figures" / "srgan" / f"depth{suffix}").unlink()
    write_page(gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path, 9), tmp_path / "index.html")
    page = Page((tmp_path / "index.html").read_text())
    assert f"numbers.json lists it, but depth{suffix} is not there; draw it again" in page.text
    assert "Depth against PSNR" not in page.text


def test_a_measured_source_without_a_crop_is_named(tmp_path: Path) -> None:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    rows = [row(method=name, measured=30.0, source=f"images/{name}") for name in ("mine", "gone", "odd")]
    write_rows(tmp_path / "results" / "tables" / "verdicts.csv", rows)
    bicubic = tmp_path / "results" / "reconstructions" / "baseline" / "bicubic" / "embedded"
    for source, names in (("mine", ("onex4.bmp", "two.tif")), ("odd", ("one.png",))):
        folder = tmp_path / "images" / source / "embedded"
        folder.mkdir(parents=True)
        for name in names:
            with Image.open(bicubic / f"{name[:3]}.png") as image:
                image.save(folder / name)
    material = gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path / "images", 9)
    shown = [crop.source for scene in material.gallery.scenes for crop in scene.crops]
    assert shown.count("images/mine") == 2
    told = [text for text in material.missing if text.startswith("The viewer")]
    assert len(told) == 2
    assert any("images/odd: " in text and "has no reconstruction of two" in text for text in told)
    assert any("does not show images/gone" in text for text in told)


def test_figures_lie_beside_the_page(folder: Path) -> None:
    beside = folder / "results" / "report" / "figures" / "srgan"
    assert sorted(path.name for path in beside.iterdir()) == ["depth.csv", "depth.png", "depth.svg"]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    material = gather(tmp_path, tmp_path / "benchmarks", tmp_path / "images", 9)
    write_page(material, tmp_path / "index.html")
    page = Page((tmp_path / "index.html").read_text())
    assert not page.errors
    for words in (
        "Verdicts of all printed numbers: results/tables/verdicts.csv is not there",
        "The papers' claims: results/tables/claims.csv is not there",
        "LDL, Table 2",
        "Figures of srgan: none in",
        "The viewer: no image of a benchmark",
        "No images to compare in this run",
        "No training has ended in this folder.",
    ):
        assert words in page.text


def test_broken_files_are_refused_by_name(tmp_path: Path) -> None:
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    parts = {
        "runs/demo/embedded_train/srgan/srresnet_mse/seed0/run.json": "not valid JSON",
        "tables/claims.csv": "has no column claim",
        "figures/srgan/numbers.json": "not JSON",
    }
    for name, reason in parts.items():
        path = tmp_path / "results" / name
        before = path.read_text()
        path.write_text("{")
        with pytest.raises(InputError, match=f"{path.name}: {reason}"):
            gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path / "images", 9)
        path.write_text(before)


@pytest.mark.parametrize(
    ("seconds", "words"), [(2.44, "2.4 s"), (59.97, "60.0 s"), (75, "1 min 15 s"), (7320, "2 h 2 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_sentences() -> None:
    assert [sentence(""), sentence("why not"), sentence("So.")] == ["", "Why not.", "So."]


def test_sizes() -> None:
    assert [size(None), size(3 * 2**20), size(1.5 * 2**30)] == ["–", "3 MiB", "1.5 GiB"]


def test_a_folder_of_figures_that_is_no_pages_is_not_replaced(tmp_path: Path) -> None:
    """`sr report --output results/index.html` would take the workflow's own figures away."""
    make_results(tmp_path / "results", tmp_path / "benchmarks")
    material = gather(tmp_path / "results", tmp_path / "benchmarks", tmp_path, 9)
    mine = tmp_path / "home" / "figures" / "mine.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(InputError, match=r"figures: holds other files \(mine.png\), which would be lost"):
        write_page(material, tmp_path / "home" / "index.html")
    assert mine.read_bytes() == b"mine"
    before = sorted((tmp_path / "results" / "figures").rglob("*"))
    with pytest.raises(InputError, match="which would be lost"):
        write_page(material, tmp_path / "results" / "index.html")
    assert sorted((tmp_path / "results" / "figures").rglob("*")) == before
    for _ in range(2):
        write_page(material, tmp_path / "page" / "index.html")
