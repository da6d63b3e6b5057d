"""A paper brings figures of its own by one file in its folder, which nothing else names."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sr.cli import app
from sr.errors import InputError
from sr.figures.own import own_figures
from sr.project import papers, root

FIGURES = """
import pandas as pd
from sr.figures.figure import Description, Missing, drawing, write_figure
from sr.figures.own import OwnFigure

def squares(results, output):
    table = pd.DataFrame({"x": [0, 1, 2], "y": [0, 1, 4]})
    with drawing() as (figure, axis):
        axis.plot(table["x"], table["y"])
        write_figure(figure, table, Description("Squares", results.paper, "Fig. 1", "Squares."), output)

def never(results, output):
    raise Missing("the paper does not say what it shows.")

FIGURES = (
    OwnFigure("squares", "images", squares, "Fig. 1: squares"),
    OwnFigure("curves", "numbers", squares, "Fig. 2: squares again"),
    OwnFigure("never", "numbers", never, "Fig. 3: unknown"),
)
"""


@pytest.fixture
def sixth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a further paper in a copy of the project: another's, with figures of its own."""
    shutil.copytree(root() / "replications", tmp_path / "replications")
    (tmp_path / "Snakefile").touch()
    folder = tmp_path / "replications" / tmp_path.name  # a new name each time: layouts are read once
    shutil.copytree(tmp_path / "replications" / "gmgan", folder)
    published = folder / "published.csv"
    published.write_text(published.read_text().replace("gmgan,", f"{folder.name},"))
    (folder / "figures.py").write_text(FIGURES)
    monkeypatch.chdir(tmp_path)
    return folder


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_its_figure_of_images_is_drawn_with_the_common_ones(sixth: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run("image-figures", sixth.name, "--results", str(tmp_path / "results"))
    folder = tmp_path / "results" / "figures" / sixth.name
    index = json.loads((folder / "images.json").read_text())
    assert index["made"] == ["squares"]
    assert "panels_fig5" in index["missing"]
    assert (folder / "squares.csv").read_text() == "x,y\n0,0\n1,1\n2,4\n"
    assert json.loads((folder / "squares.json").read_text())["paper"] == sixth.name
    assert (folder / "squares.png").stat().st_size > 0


def test_its_figures_can_be_listed_and_drawn_alone(sixth: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    listed = run("figure", sixth.name).splitlines()
    assert [line.split()[0] for line in listed] == ["squares", "curves", "never"]
    run("figure", sixth.name, "curves", "--results", str(tmp_path / "results"))
    assert (tmp_path / "results" / "figures" / sixth.name / "curves.svg").is_file()
    with pytest.raises(InputError, match="never can not be drawn: the paper does not say"):
        run("figure", sixth.name, "never", "--results", str(tmp_path / "results"))
    with pytest.raises(InputError, match="did you mean 'curves'"):
        run("figure", sixth.name, "curve")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FIGURE = ()", "has no FIGURES"),
        ("FIGURES = (1,)", "has no FIGURES"),
        (f"{FIGURES}\nFIGURES = (FIGURES[0], FIGURES[0])", "two of FIGURES have one name"),
    ],
)
def test_a_file_that_lists_no_figures_is_refused(sixth: Path, text: str, message: str) -> None:
    (sixth / "figures.py").write_text(text)
    with pytest.raises(InputError, match=message):
        own_figures(sixth.name)


@pytest.mark.parametrize("paper", papers())
def test_own_figures_say_what_they_show(paper: str) -> None:
    for name, figure in own_figures(paper).items():
        assert name == figure.name
        assert figure.shows


def test_a_paper_need_not_have_any(sixth: Path) -> None:
    (sixth / "figures.py").unlink()
    assert own_figures(sixth.name) == {}
