"""Written tables: complete, equal to their CSV in every rendering, and never misleading about a budget."""

import csv
import re
from html.parser import HTMLParser

import pytest

from sr.errors import InputError
from sr.pages.table import write_table
from sr.papers.published import load_published
from sr.verdicts.rows import COLUMNS, distinct, read_rows
from sr.verdicts.summary import table_files
from tests.results.synthetic_scores import READY, BenchmarkState, make_run, write_bicubic, write_score

DEMO = "trained/demo/embedded_train/srgan/srgan_vgg54/seed0"


@pytest.fixture
def run(tmp_path):
    scores = tmp_path / "scores"
    write_bicubic(scores)
    write_score(
        scores, DEMO, "Set5", {"PSNR": [27.0, 28.0], "SSIM": [0.8, 0.81]}, deviations=["100% less_steps"]
    )
    write_score(scores, "baseline/bicubic", "embedded", {"PSNR": [27.0, 28.0], "SSIM": [0.8, 0.81]})
    missing = BenchmarkState(status="unavailable", reason="BSD100 <could> not be | fetched")
    return make_run(scores, "baseline/bicubic", DEMO, BSD100=missing, embedded=READY)


@pytest.fixture
def table2(run, tmp_path):
    path = tmp_path / "tables" / "table2_srgan.csv"
    write_table("srgan", "table2", run, path)
    return path


class Cells(HTMLParser):
    """Text of all cells of all rows."""

    def __init__(self):
        super().__init__()
        self.rows, self.inside = [], False

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "img")
        assert not {"onclick", "onload", "src"} & dict(attrs).keys()
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data.strip() + " "


def test_all_124_numbers_survive_the_round_trip(run, tmp_path):
    from sr.verdicts.summary import all_verdicts

    for item in ("table1", "table2"):
        write_table("srgan", item, run, tmp_path / f"{item}_srgan.csv")
    rows = [row for row in all_verdicts(tmp_path) if row.paper == "srgan" and row.published]
    with (tmp_path / "table2_srgan.csv").open(encoding="utf-8") as stream:
        assert tuple(next(csv.reader(stream))) == COLUMNS
    expected = {cell.key: cell.printed for cell in load_published("srgan")}
    assert len(expected) == 124
    assert {row.key[:5]: row.published for row in rows} == expected
    others = [row for row in all_verdicts(tmp_path) if row.paper == "esrgan"]
    assert len(others) == len(load_published("esrgan"))
    assert all(row.note and row.verdict != "match" for row in others)


def test_reading_gives_back_what_was_written(run, tmp_path):
    path = tmp_path / "table2_srgan.csv"
    written = write_table("srgan", "table2", run, path)
    read = read_rows(path)
    assert [row.key for row in read] == [row.key for row in written]
    assert [(row.deviations, row.seeds, row.verdict, row.note) for row in read] == [
        (row.deviations, row.seeds, row.verdict, row.note) for row in written
    ]
    assert [row.measured for row in read] == pytest.approx(
        [row.measured for row in written], abs=1e-6, nan_ok=True
    )


def test_html_shows_the_numbers_of_the_csv_in_the_papers_layout(table2):
    cells = Cells()
    cells.feed(table2.with_suffix(".html").read_text())
    header, section, psnr, ssim = cells.rows[:4]
    names = ["nearest", "bicubic", "SRCNN", "SelfExSR", "DRCN", "ESPCN", "SRResNet", "SRGAN", "HR"]
    assert [name.strip() for name in header[1:]] == names
    assert section == ["Set5 "]
    for line, metric, decimals in ((psnr, "PSNR", 2), (ssim, "SSIM", 4)):
        for name, text in zip(names, line[1:], strict=True):
            rows = [row for row in read_rows(table2) if row.place == ("Set5", name, metric)]
            assert text.startswith(rows[0].published.replace("inf", "∞"))
            for row in rows:
                assert row.measured is None or f"{row.measured:.{decimals}f}" in text


def test_markdown_and_latex_show_every_measured_number(table2):
    rows = [row for row in read_rows(table2) if row.measured is not None]
    assert len(rows) == 4 + 2 + 2
    for suffix in (".md", ".tex"):
        text = table2.with_suffix(suffix).read_text()
        for row in rows:
            assert f"{row.measured:.{2 if row.metric == 'PSNR' else 4}f}" in text
    assert (
        len(
            {
                line.count("|")
                for line in table2.with_suffix(".md").read_text().splitlines()
                if line[:1] == "|"
            }
        )
        == 1
    )


def test_bold_is_the_papers_best_without_the_original(table2):
    bold = re.findall(r"<strong>(.*?)</strong>", table2.with_suffix(".html").read_text())
    assert bold == ["32.05", "0.9019", "3.58", "28.49", "0.8184", "3.72", "27.58", "0.7620", "3.56"]


def test_a_demo_number_is_marked_in_every_rendering(table2):
    assert re.search(r"<em>27\.50</em>.*demo", table2.with_suffix(".html").read_text())
    assert "◇ *27.50 demo*" in table2.with_suffix(".md").read_text()
    assert r"\textit{27.50 demo}\textsuperscript{c" in table2.with_suffix(".tex").read_text()
    assert "shrunk budget 'demo'" in table2.with_suffix(".md").read_text()


def test_italics_are_of_the_shrunk_budget_alone(tmp_path):
    """As the caption says of them: released weights and a training in full have a tag and upright numbers."""
    psnr = {"released/krasserm_srgan": 28.5, DEMO.replace("/demo/", "/paper/"): 29.25, DEMO: 27.5}
    for source, value in psnr.items():
        write_score(tmp_path / "scores", source, "Set5", {"PSNR": [value], "SSIM": [0.8]})
    path = tmp_path / "tables" / "table2_srgan.csv"
    write_table("srgan", "table2", make_run(tmp_path / "scores", *psnr), path)
    html, md, tex = (path.with_suffix(suffix).read_text() for suffix in (".html", ".md", ".tex"))
    assert set(re.findall(r"<em[^>]*>(.*?)</em>", html)) == {"27.50", "0.8000", "demo"}
    assert set(re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", md)) == {"27.50 demo", "0.8000 demo"}
    assert set(re.findall(r"\\textit\{([0-9][^}]*)\}", tex)) == {"27.50 demo", "0.8000 demo"}
    for upright in ("28.50 weights krasserm", "29.25 full training"):
        assert upright in md
        assert upright in tex
    assert ">weights krasserm_srgan<" in html


def test_deviations_and_reasons_become_notes_with_markup_escaped(table2):
    assert "BSD100 &lt;could&gt; not be | fetched" in table2.with_suffix(".html").read_text()
    assert r"100\% less\_\allowbreak{}steps" in table2.with_suffix(".tex").read_text()
    assert r"not be \| fetched" in table2.with_suffix(".md").read_text()


def test_the_extra_benchmark_stands_apart(table2):
    assert "embedded (not in the paper)" in table2.with_suffix(".html").read_text()
    assert table2.with_suffix(".md").read_text().count("**embedded (not in the paper)**") == 1


def test_unknown_paper_and_item_are_refused_with_the_nearest_name(run, tmp_path):
    with pytest.raises(InputError, match="did you mean 'srgan'"):
        write_table("srgann", "table2", run, tmp_path / "x.csv")
    with pytest.raises(InputError, match="did you mean 'table2'"):
        write_table("srgan", "tabel2", run, tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()


def test_tables_that_disagree_are_refused(table2):
    rows = read_rows(table2)
    with pytest.raises(InputError, match="disagree"):
        distinct([rows[0], *read_rows(table2)[1:], type(rows[0])(**{**vars(rows[0]), "note": "another"})])


def test_what_nobody_can_have_is_unavailable_although_the_run_does_not_list_it(run, tmp_path):
    rows = write_table("beby", "table1supp", run, tmp_path / "table1supp_beby.csv")
    assert {row.item for row in rows} == {"table1_supp"}
    assert {(row.dataset, str(row.verdict)) for row in rows if row.published} >= {
        ("UH4K", "unavailable"),
        ("DIV2K", "not run"),
    }
    assert all("never released" in row.note for row in rows if row.dataset == "UH4K")


def test_a_table_is_found_under_its_name_in_files(run, tmp_path):
    write_table("beby", "table1supp", run, tmp_path / "table1supp_beby.csv")
    (tmp_path / "notes.csv").write_text("mine\n")
    assert table_files(tmp_path) == [tmp_path / "table1supp_beby.csv"]


def test_a_note_sums_up_a_long_list_and_the_csv_has_it_whole(tmp_path):
    long = [f"difference {number}" for number in range(23)]
    for seed in range(2):
        source = f"trained/demo/embedded_train/srgan/srresnet_mse/seed{seed}"
        write_score(tmp_path / "scores", source, "Set5", {"PSNR": [27.0, 28.0]}, deviations=long)
    sources = [f"trained/demo/embedded_train/srgan/srresnet_mse/seed{seed}" for seed in range(2)]
    output = tmp_path / "table2_srgan.csv"
    write_table("srgan", "table2", make_run(tmp_path / "scores", *sources), output)
    text = output.with_suffix(".md").read_text()
    assert "difference 1; and 21 more, all of them in the table's CSV" in text
    assert "demo, mean of 2 seeds" in text
    assert "difference 22" in output.read_text()
