"""Rules are frozen by what they say, and results tell by which they were judged."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sr.cli import app
from sr.errors import InputError
from sr.pages.table import write_table
from sr.project import root
from sr.verdicts import frozen
from tests.results.synthetic_scores import make_run, write_bicubic


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy whose rules may be changed."""
    shutil.copytree(root() / "replications", tmp_path / "replications")
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "kinds"),
    [
        ("tolerances.yaml", "PSNR: {band: 0.02", "PSNR: {band: 0.2", ["tolerances"]),
        ("ldl/claims.yaml", "rule: majority", "rule: all", ["claims"]),
        ("srgan/protocol.yaml", "chosen: luma is rounded", "chosen: luma is not rounded", ["assumptions"]),
        ("gmgan/tables.yaml", "comes_out: 0.7048", "comes_out: 0.7049", ["known findings"]),
        ("esrgan/tables.yaml", "band: 0.05", "band: 50", ["tolerances"]),
        ("tolerances.yaml", "# Every band carries its reason.", "# Each has one.", []),
    ],
)
def test_a_changed_rule_is_named_and_a_comment_is_none(
    project: Path, file: str, old: str, new: str, kinds: list[str]
) -> None:
    before = frozen.rules()
    change(project / "replications" / file, old, new)
    assert frozen.differing(frozen.rules(), before) == kinds


def test_a_freeze_keeps_the_earlier_ones_and_needs_a_reason(project: Path) -> None:
    frozen.frozen_file().unlink(missing_ok=True)
    assert "no rules were frozen" in frozen.judged_otherwise([])[0]
    frozen.freeze("before the first run")
    assert frozen.judged_otherwise([]) == []
    change(project / "replications/tolerances.yaml", "PSNR: {band: 0.02", "PSNR: {band: 0.2")
    (sentence,) = frozen.judged_otherwise([])
    assert "today's tolerances" in sentence
    assert "sr freeze --reason" in sentence
    result = CliRunner().invoke(app, ["freeze", "--reason", "a band was too narrow"])
    assert "new tolerances" in result.output
    reasons = [one["reason"] for one in json.loads(frozen.frozen_file().read_text())["freezes"]]
    assert reasons == ["before the first run", "a band was too narrow"]
    with pytest.raises(InputError, match="--reason"):
        frozen.freeze(" ")


def test_results_that_were_judged_otherwise_are_named(project: Path) -> None:
    frozen.freeze("now")
    same, other, silent = (project / f"{name}.json" for name in ("same", "other", "silent"))
    same.write_text(json.dumps({"rules": frozen.rules()}))
    other.write_text(json.dumps({"rules": frozen.rules() | {"claims": "0" * 16}}))
    silent.write_text("{}")
    of_other, of_silent = frozen.judged_otherwise([same, other, silent])
    assert of_other.startswith("other: judged by other claims than")
    assert of_silent.startswith("silent: judged before")


def make_table(project: Path) -> Path:
    """SRGAN's Table 2 of bicubic alone, which passes the check."""
    write_bicubic(project / "scores")
    run = make_run(project / "scores", "baseline/bicubic")
    write_table("srgan", "table2", run, project / "tables" / "table2_srgan.csv")
    return project / "tables"


def test_the_check_fails_on_other_rules_until_they_are_frozen_and_judged_by(project: Path) -> None:
    def check() -> tuple[int, str]:
        found = CliRunner().invoke(app, ["check", "--tables", str(project / "tables")])
        return found.exit_code, found.output

    frozen.freeze("now")
    make_table(project)
    assert check()[0] == 0
    # A wider band would let more numbers match.
    change(project / "replications/tolerances.yaml", "PSNR: {band: 0.02", "PSNR: {band: 0.2")
    code, said = check()
    assert code == 1
    assert "accept them with `sr freeze --reason WHY`" in said
    frozen.freeze("the band was too narrow")
    code, said = check()
    assert code == 1
    assert "table2_srgan: judged by other tolerances" in said
    make_table(project)
    assert check()[0] == 0


def test_the_check_passes_with_a_users_own_methods(project: Path) -> None:
    frozen.freeze("now")
    make_table(project)
    (project / "my").mkdir()
    (project / "my" / "recipes.yaml").write_text("srgan: {mine: {extends: srresnet_mse, title: mine}}\n")
    (project / "my" / "comparison.yaml").write_text("methods: {Mine: {images: mine}}\n")
    (project / "my" / "catalogue.yaml").write_text("assets: {}\n")
    found = CliRunner().invoke(app, ["check", "--tables", str(project / "tables")])
    assert found.exit_code == 0, found.output


def test_the_rules_that_ship_are_the_frozen_ones() -> None:
    """Whoever changes a rule says why: `sr freeze --reason WHY`."""
    assert frozen.judged_otherwise([]) == []


def test_what_a_user_lays_over_the_recipes_is_no_rule(project: Path) -> None:
    before = frozen.rules()
    (project / "my").mkdir()
    (project / "my" / "recipes.yaml").write_text("srgan: {mine: {extends: srresnet_mse, title: mine}}\n")
    assert frozen.differing(frozen.rules(), before) == []


def test_a_tables_json_that_is_none_is_one_sentence(project: Path) -> None:
    (project / "table.json").write_text("{")
    with pytest.raises(InputError, match="make the table again"):
        frozen.judged_otherwise([project / "table.json"])
