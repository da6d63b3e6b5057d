"""The printed numbers are complete, unique and refused when malformed."""

import math
from collections import Counter
from pathlib import Path

import pytest

from sr.errors import InputError
from sr.papers.published import load_all, load_published, read_published
from sr.project import papers
from tests.replications.totals import totals

HEADER = "paper,item,dataset,method,metric,value,note\n"


def test_every_number_of_every_paper_is_there_once() -> None:
    cells = load_all()
    counted = {paper: totals(paper).printed_numbers for paper in papers()}
    assert Counter(cell.paper for cell in cells) == counted
    assert len({cell.key for cell in cells}) == len(cells)


def test_printed_digits_survive() -> None:
    """Numbers looked up in the papers: Table 2 of SRGAN, Table 1 of LDL, Table 3 of GMGAN."""
    cells = {cell.key: cell for cell in load_all()}
    assert cells["srgan", "table2", "Set5", "SelfExSR", "SSIM"].printed == "0.872"
    assert cells["srgan", "table2", "Set5", "SelfExSR", "SSIM"].decimals == 3
    assert cells["srgan", "table2", "Set14", "nearest", "SSIM"].printed == "0.7100"
    assert cells["srgan", "table2", "Set14", "nearest", "SSIM"].decimals == 4
    assert cells["srgan", "table2", "Set5", "HR", "PSNR"].value == math.inf
    assert cells["srgan", "table2", "Set5", "HR", "PSNR"].decimals == 0
    assert cells["ldl", "table1", "DIV2K", "RRDB+LDL [train DF2K]", "PSNR"].value == 28.819
    assert cells["gmgan", "table3", "Set5", "DF2K + OST", "PI"].value == 3.43


def test_a_cell_reads_as_a_reference() -> None:
    cell = load_published("esrgan")[0]
    assert str(cell) == "activated_neurons_percent{esrgan/text; baboon; VGG19-54 after activation}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("paper,item,dataset,method,metric,value\n", "line 1: column 'note' is missing"),
        (HEADER.replace("note", "note,page"), "line 1: unknown column 'page'"),
        (HEADER + "p,t,d,m,PSNR,1.0,\np,t,d,m,PSNR,2.0,\n", "line 3: .* twice"),
        (HEADER + "p,t,d,m,PSNR,about 3,\n", "line 2: value 'about 3' is not a number"),
        (HEADER + "p,t,d,m,PSNR,nan,\n", "line 2: value 'nan' is not a number"),
        (HEADER + "p,t,d,m,PSNR\n", "line 2: the row has not 7 fields"),
        (HEADER + "p,t,d,m,PSNR,1,a,b\n", "line 2: the row has not 7 fields"),
        (HEADER + "p,t,,m,PSNR,1,\n", "line 2: column 'dataset' is empty"),
        (HEADER + "q,t,d,m,PSNR,1,\n", "line 2: paper 'q' stands in the folder of 'p'"),
    ],
)
def test_malformed_files_are_refused_with_file_and_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "published.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"published\.csv, {words}"):
        read_published(path, "p")


def test_an_unknown_paper_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'srgan'"):
        load_published("srgun")
