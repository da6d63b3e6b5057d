"""Tables as LaTeX sets them: every one fits its page, whatever its length and width."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sr.pages.grid import build_grid
from sr.pages.render import render
from sr.papers.tables import load_layouts
from sr.project import papers
from sr.verdicts.judge import table_rows
from sr.verdicts.rows import Verdict
from tests.results.synthetic_scores import READY, make_run, write_score

DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs, longtable, amssymb, xcolor, array}
\begin{document}
%s
\end{document}
"""
SOURCES = ("baseline/nearest", "baseline/bicubic", "released/krasserm_srgan", "released/esrgan")


def tables(folder: Path) -> dict[str, str]:
    """Every table of every paper, with one source measured and a reason in every other cell."""
    for paper in papers():
        values = {"PSNR": [25.0, 26.0], "SSIM": [0.7, 0.8], "LPIPS": [0.2, 0.3]}
        deviations = ["fed with the suite's own inputs, and not with those of the paper"] * 4
        write_score(folder, SOURCES[-1], "Set5", values, protocol=paper, deviations=deviations)
    results = make_run(folder, *SOURCES, embedded=READY)
    return {
        f"{item}_{paper}": render(build_grid(table, table_rows(paper, item, table, results)), "tex")
        for paper in papers()
        for item, table in load_layouts(paper).tables.items()
    }


def test_every_verdict_has_its_colour() -> None:
    table = load_layouts("srgan").table("srgan", "table2")
    text = render(build_grid(table, []), "tex")
    for verdict in Verdict:
        assert rf"\definecolor{{sr{verdict.replace(' ', '')}}}" in text, verdict


@pytest.mark.slow
def test_every_table_fits_its_page(tmp_path: Path) -> None:
    if not shutil.which("pdflatex"):
        pytest.skip("no pdflatex here")
    for name, text in tables(tmp_path).items():
        (tmp_path / f"{name}.tex").write_text(DOCUMENT % text, encoding="utf-8")
        # Twice: a longtable learns its widths in the first pass.
        for _ in range(2):
            made = subprocess.run(
                ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            assert made.returncode == 0, f"{name}: {made.stdout[-1500:]}"
        log = (tmp_path / f"{name}.log").read_text(errors="replace")
        assert "Float too large" not in log
        wide = [float(points) for points in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt too", log)]
        assert max(wide, default=0) < 10, f"{name}: {max(wide)} pt too large"  # 3.5 mm
