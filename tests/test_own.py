"""my/: a user's own recipes, images and weights, laid over what ships and kept out of git."""

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from sr.cli import app
from sr.config import load_yaml
from sr.data.catalogue import catalogue
from sr.errors import InputError
from sr.figures.values import table_values
from sr.pages.table import RENDERINGS, write_table
from sr.papers.comparison import comparison_files, load_comparison_layout
from sr.papers.tables import layouts_files, layouts_path, load_layouts
from sr.planning.plan import Plan
from sr.project import root
from sr.recipes.recipe import load_recipe, load_recipes
from sr.recipes.sources import parent, sources
from sr.report.next_steps import smallest_training
from sr.report.seeds import forecasts
from sr.verdicts.against import changes, missing
from sr.verdicts.check import check_rows
from sr.verdicts.reference import compare_with_references, update_reference
from sr.verdicts.rows import Verdict, count_verdicts, read_rows
from tests.results.synthetic_scores import make_run, write_bicubic, write_score


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = root()
    for name in ("replications", "workflow"):
        shutil.copytree(here / name, tmp_path / name)
    shutil.copy(here / "Snakefile", tmp_path)
    (tmp_path / "my").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SR_MIRROR", raising=False)
    return tmp_path


def test_a_recipe_of_ones_own_extends_one_that_ships(project: Path) -> None:
    text = "esrgan:\n  mine:\n    extends: esrgan\n    title: Mine\n    losses:\n"
    text += "      relativistic_gan: {weight: 0.02}  # a guess\n"
    (project / "my" / "recipes.yaml").write_text(text)
    mine, shipped = load_recipe("esrgan/mine"), load_recipe("esrgan/esrgan")
    assert mine.losses.relativistic_gan.weight == 0.02
    assert mine.losses.perceptual == shipped.losses.perceptual
    assert "mine" not in load_recipes("srgan")
    assert parent("esrgan/mine") == "esrgan/esrgan"
    told = sources("esrgan/mine")
    assert told["losses.relativistic_gan.weight"] == "a guess"
    assert told["batch"] == sources("esrgan/esrgan")["batch"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("esrgan: {esrgan: {title: x}}", r"my/recipes\.yaml: esrgan has a recipe 'esrgan' already"),
        ("esrgam: {mine: {extends: esrgan}}", "did you mean 'esrgan'"),
        ("esrgan: {mine: {extends: esrgna}}", r"my/recipes\.yaml.*did you mean 'esrgan'"),
        ("esrgan: {mine: {extends: esrgan, bacth: 4}}", r"my/recipes\.yaml: mine: unknown key 'bacth'"),
        ("- mine", "expected a mapping"),
    ],
)
def test_a_fault_is_said_with_the_users_own_file(project: Path, text: str, reason: str) -> None:
    (project / "my" / "recipes.yaml").write_text(text)
    with pytest.raises(InputError, match=reason):
        load_recipes("esrgan")


def test_methods_of_ones_own_are_rows_of_the_comparison_by_one_line(
    project: Path, rrdb: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(load_comparison_layout().methods)
    torch.save({"params": rrdb.state_dict()}, project / "my.pth")
    added = CliRunner().invoke(app, ["assets", "add", "mine", "my.pth"])
    assert added.exit_code == 0, added.output
    assert "mine" in catalogue().assets
    lines = "  My weights: {group: Mine, released: [mine]}\n  My images: {group: Mine, images: my_method}\n"
    (project / "my" / "comparison.yaml").write_text("methods:\n" + lines)
    assert list(load_comparison_layout().methods) == [*before, "My weights", "My images"]
    assert comparison_files()[1] == project / "my" / "comparison.yaml"
    plan = Plan(load_yaml(project / "workflow" / "config.yaml"))
    assert "released/mine" in map(str, plan.shown.compared())
    again = CliRunner().invoke(app, ["assets", "add", "mine", "my.pth"])
    assert again.exit_code == 0, again.output
    monkeypatch.chdir(root())


def test_a_misspelt_method_is_refused_with_the_users_own_file(project: Path) -> None:
    (project / "my" / "comparison.yaml").write_text("methods:\n  Mine: {relased: [esrgan]}\n")
    with pytest.raises(
        InputError, match=r"my/comparison\.yaml: unknown key .*relased.*did you mean 'released'"
    ):
        load_comparison_layout()


OWN = "srgan: {table2: {My method: {images: mine}}}\n"
MEASURED = {"PSNR": [29.0, 31.0], "SSIM": [0.85, 0.87]}  # on Set5; nothing on Set14 and BSD100


@pytest.fixture
def own_row(project: Path) -> Path:
    """The one line, and scores of the method's images."""
    (project / "my" / "tables.yaml").write_text(OWN)
    write_bicubic(project / "scores")
    write_score(project / "scores", "images/mine", "Set5", MEASURED)
    return project


def test_a_method_of_ones_own_is_a_row_of_a_papers_table_by_one_line(own_row: Path) -> None:
    run = make_run(own_row / "scores", "baseline/bicubic", "images/mine")
    path = own_row / "tables" / "table2_srgan.csv"
    write_table("srgan", "table2", run, path)
    rows = [row for row in read_rows(path) if row.method == "My method"]
    measured = {(row.dataset, row.metric): row.measured for row in rows if row.measured is not None}
    assert measured == {("Set5", "PSNR"): 30.0, ("Set5", "SSIM"): 0.86}
    empty = {(row.dataset, row.metric): row.note for row in rows if row.measured is None}
    assert set(empty) == {(name, metric) for name in ("Set14", "BSD100") for metric in ("PSNR", "SSIM")}
    for row in rows:
        assert (row.verdict, row.published, row.difference) == (Verdict.OWN, "", None)
        assert not row.assumptions
        assert "a method of your own (my/tables.yaml), which is not judged" in row.note
    for suffix in RENDERINGS:
        text = path.with_suffix(f".{suffix}").read_text(encoding="utf-8")
        assert text.count("My method (your own)") >= 1, suffix
        assert "30.00" in text, suffix
        assert "own (6)" in text, suffix


def test_nothing_is_judged_otherwise_beside_a_method_of_ones_own(own_row: Path) -> None:
    run = make_run(own_row / "scores", "baseline/bicubic", "images/mine")
    beside = write_table("srgan", "table2", run, own_row / "tables" / "table2_srgan.csv")
    (own_row / "my" / "tables.yaml").unlink()
    alone = write_table("srgan", "table2", run, own_row / "tables" / "table2_srgan.csv")
    assert [row for row in beside if row.verdict is not Verdict.OWN] == alone
    assert count_verdicts(beside) == count_verdicts(alone)
    assert check_rows(beside) == check_rows(alone)
    drawn, without = (table_values("srgan", "table2", rows, run).table for rows in (beside, alone))
    assert drawn.equals(without)


def test_no_earlier_run_is_held_against_a_method_of_ones_own(own_row: Path) -> None:
    """Other images under its name, or none, are no drift of this project and no verdict."""
    run = make_run(own_row / "scores", "baseline/bicubic", "images/mine")
    tables, reference = own_row / "tables", own_row / "reference"
    rows = write_table("srgan", "table2", run, tables / "table2_srgan.csv")
    update_reference(tables, reference, force=False)
    judged = [row for row in rows if row.verdict is not Verdict.OWN]
    measured = sum(row.measured is not None for row in judged)
    assert len(judged) < len(rows)
    write_score(own_row / "scores", "images/mine", "Set5", {"PSNR": [25.0, 26.0], "SSIM": [0.5, 0.6]})
    same = [f"{len(judged)} of {len(judged)} verdicts are the same"]
    for mine in (OWN, "{}"):
        (own_row / "my" / "tables.yaml").write_text(mine)
        write_table("srgan", "table2", run, tables / "table2_srgan.csv")
        compared = compare_with_references(tables, reference)
        assert (compared.compared, compared.drifts, dict(compared.skipped)) == (measured, [], {})
        assert changes(tables, reference) == same
        assert set(missing(tables, reference).values()) == {0}


def test_what_fills_it_is_planned_for_its_table_alone(own_row: Path) -> None:
    folder = own_row / "images" / "mine" / "embedded"
    folder.mkdir(parents=True)
    (folder / "astronaut.png").touch()
    plan = Plan(load_yaml(own_row / "workflow" / "config.yaml"))
    assert "images/mine" in map(str, plan.sources("srgan", "table2"))
    assert "images/mine" not in map(str, plan.sources("srgan", "table1"))
    assert layouts_files("srgan") == [layouts_path("srgan"), own_row / "my" / "tables.yaml"]
    assert list(load_layouts("srgan").table("srgan", "table2").own) == ["My method"]
    assert not load_layouts("srgan").table("srgan", "table1").own


def test_a_training_of_ones_own_is_planned_but_moves_no_number_of_the_papers(project: Path) -> None:
    """It is a run of the plan; a table's seeds and hours, the page's and what to do next stay as they are."""
    rates = Path("results/reference/gpu")
    shutil.copytree(Path(__file__).parents[1] / rates, project / rates)
    command = ["plan", "table2_srgan", "--teraflops", "1", "--results", "none"]
    told, alone = [], (forecasts(["srgan"], project), smallest_training(["srgan"]))
    for mine in (False, True):
        if mine:
            own = "srgan: {mine: {extends: srgan_vgg54, title: Mine, batch: 8}}\n"
            (project / "my" / "recipes.yaml").write_text(own)
            (project / "my" / "tables.yaml").write_text("srgan: {table2: {Mine: {recipe: mine}}}\n")
        runs, seeds, rest = CliRunner().invoke(app, command).output.partition("seeds with which 80 %")
        assert ("srgan/mine" in runs) == mine
        told.append(seeds + rest)
    assert told[0] == told[1]
    assert "srgan table2" in told[0]
    assert (forecasts(["srgan"], project), smallest_training(["srgan"])) == alone


def test_a_training_that_ships_is_no_copy_of_one_of_ones_own(project: Path) -> None:
    """`kept` and `same` train as srgan_mse does; as it keeps generators, `kept` would come first."""
    config = load_yaml(project / "workflow" / "config.yaml")
    own = "srgan:\n  kept: {extends: srgan_mse, title: Mine, keep_every: 50}\n"
    own += "  same: {extends: srgan_mse, title: Mine too}\n"
    twin = Plan(config).trainings.twin
    alone = {name: twin(f"srgan/{name}") for name in load_recipes("srgan")}
    (project / "my" / "recipes.yaml").write_text(own)
    trainings = Plan(config).trainings
    assert {name: trainings.twin(f"srgan/{name}") for name in alone} == alone
    assert trainings.twin("srgan/kept") is None
    original = trainings.twin("srgan/same")
    assert original is not None
    assert trainings.twin(original) is None
    (project / "my" / "recipes.yaml").write_text(own.replace(", keep_every: 50", ""))
    assert Plan(config).trainings.twin("srgan/same") == "srgan/srgan_mse"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "srgna: {table2: {Mine: {images: mine}}}",
            "'srgna' is not a replicated paper; did you",
        ),
        (
            "srgan: {tabel2: {Mine: {images: mine}}}",
            "'tabel2' is not a table of srgan; did you",
        ),
        ("srgan: {table2: {SRCNN: {images: mine}}}", "table2 of srgan has a method 'SRCNN' already"),
        ("srgan: {table2: {Mine: {image: mine}}}", "unknown key .*image'; did you mean 'images'"),
        ("srgan: {table2: {Mine: {released: [esrgen]}}}", "is no released generator; did you mean 'esrgan'"),
        (
            "srgan: {table2: {Mine: {recipe: srgan_msee}}}",
            "srgan.table2.Mine: 'srgan/srgan_msee' is not a recipe of srgan; did you mean 'srgan_mse'",
        ),
        (
            "srgan: {table2: {Mine: {recipe: srgam/srgan_mse}}}",
            "srgan.table2.Mine: 'srgam' is not a replicated paper; did you mean 'srgan'",
        ),
        (
            "srgan: {table2: {Mine: {baseline: bicubik}}}",
            "key 'srgan.table2.Mine.baseline': 'bicubik' is no baseline; did you mean 'bicubic'",
        ),
        (
            "srgan: {table2: {Mine: {images: a/b}}}",
            "key 'srgan.table2.Mine.images': name a folder inside images/, without a slash",
        ),
        ("srgan: {table2: {Mine: {}}}", "name baseline, recipe, released or images"),
        ("srgan: {table2: [Mine]}", "srgan.table2"),
        ("", "my/tables.yaml"),
    ],
)
def test_a_fault_of_a_tables_line_is_said_with_the_users_own_file(
    project: Path, text: str, reason: str
) -> None:
    (project / "my" / "tables.yaml").write_text(text)
    with pytest.raises(InputError, match=rf"my/tables\.yaml: .*{reason}" if text else reason):
        load_layouts("srgan")


def test_a_table_named_in_two_ways_has_the_methods_of_both(project: Path) -> None:
    text = "beby: {table1_supp: {One: {images: one}}, table1supp: {Other: {images: other}}}"
    (project / "my" / "tables.yaml").write_text(text)
    assert list(load_layouts("beby").tables["table1_supp"].own) == ["One", "Other"]
    (project / "my" / "tables.yaml").write_text(text.replace("Other", "One"))
    with pytest.raises(InputError, match=r"my/tables\.yaml: table1_supp of beby has 'One' twice"):
        load_layouts("beby")


def test_without_files_of_ones_own_nothing_changes(project: Path) -> None:
    assert "mine" not in catalogue().assets
    assert comparison_files() == [project / "replications" / "comparison.yaml"]
