"""Every printed number of SRGAN has one place, and a tables.yaml that forgets one is refused."""

import csv

import pytest

from sr.config import load_yaml, validate
from sr.errors import InputError
from sr.papers.published import load_published
from sr.papers.tables import Layouts, _check_place, load_layouts, name_in_files
from sr.papers.tolerances import Tolerances, load_tolerances
from sr.project import paper_folder


def test_the_tables_hold_30_and_81_numbers_and_13_stand_elsewhere():
    layouts = load_layouts("srgan")
    with (paper_folder("srgan") / "published.csv").open(encoding="utf-8") as stream:
        items = [row["item"] for row in csv.DictReader(stream)]
    assert {name: len(list(table.places())) for name, table in layouts.tables.items()} == {
        "table1": 30,
        "table2": 81,
    }
    assert [items.count(name) for name in layouts.tables] == [30, 81]
    assert sum(items.count(name) for name in layouts.elsewhere) == 13


def test_recipes_named_by_the_tables_are_recipes_of_the_paper():
    recipes = load_yaml(paper_folder("srgan") / "recipes.yaml")
    named = {
        m.recipe
        for table in load_layouts("srgan").tables.values()
        for m in table.methods.values()
        if m.recipe
    }
    assert named <= set(recipes)


def changed(change):
    content = load_yaml(paper_folder("srgan") / "tables.yaml")
    change(content["tables"]["table2"])
    return content


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.update(rows=["dataset"]), "once each"),
        (lambda t: t["methods"]["HR"].pop("constant"), "constant why"),
        (lambda t: t.update(marks={"Set5/HRR/MOS": "*"}), "did you mean 'HR'"),
        (lambda t: t.update(colums=["method"]), "did you mean 'columns'"),
        (lambda t: t["methods"]["HR"].update(recipe="srgan_mse"), "constant why"),
    ],
)
def test_mistakes_are_named(change, message):
    with pytest.raises(InputError, match=message):
        validate(changed(change), Layouts, "tables.yaml")


def test_a_printed_cell_without_place_is_refused(tmp_path):
    layouts = validate(changed(lambda t: t["methods"].pop("DRCN")), Layouts, "tables.yaml")
    drcn = next(cell for cell in load_published("srgan") if cell.method == "DRCN")
    with pytest.raises(InputError, match=r"DRCN.* has no place"):
        _check_place(tmp_path, layouts, drcn)


def test_a_metric_without_tolerance_is_refused_by_name():
    with pytest.raises(InputError, match=r"verdict\.baseline.*VMAF"):
        load_tolerances("srgan").for_verdict("baseline", "VMAF")


def test_every_tolerance_states_its_reason():
    content = load_yaml(paper_folder("srgan").parent / "tolerances.yaml")
    content["verdict"]["baseline"]["PSNR"]["reason"] = ""
    with pytest.raises(InputError, match="reason"):
        validate(content, Tolerances, "tolerances.yaml")


def test_a_table_is_found_by_its_item_and_by_its_name_in_files():
    beby = load_layouts("beby")
    assert name_in_files("table1_supp") == "table1supp"
    assert beby.item("beby", "table1supp") == beby.item("beby", "table1_supp") == "table1_supp"
    assert beby.table("beby", "table1supp") is beby.tables["table1_supp"]
    with pytest.raises(InputError, match="did you mean 'table1_supp'"):
        beby.table("beby", "table1_sup")
