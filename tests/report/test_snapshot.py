"""A snapshot is a valid crate that holds what was made, and another checkout can be held against it."""

import json
import zipfile
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate
from typer.testing import CliRunner, Result

from sr.cli import app
from sr.errors import InputError
from sr.files import file_hash
from sr.pages.table import write_table
from sr.report.snapshot import METADATA, opened, snapshot
from tests.project_copy import copied_project
from tests.results.synthetic_scores import make_run, write_bicubic


def make_results(folder: Path, **psnr: float) -> Path:
    """Bicubic's scores and table, and a figure."""
    write_bicubic(folder / "scores", **psnr)
    run = make_run(folder / "scores", "baseline/bicubic")
    write_table("srgan", "table2", run, folder / "tables" / "table2_srgan.csv")
    (folder / "figures" / "srgan").mkdir(parents=True)
    (folder / "figures" / "srgan" / "fig7.csv").write_text("blocks,psnr\n16,28.4\n")
    return folder


def check(results: Path, crate: Path) -> Result:
    return CliRunner().invoke(app, ["check", "--tables", str(results / "tables"), "--against", str(crate)])


def test_the_crate_describes_every_file_with_its_hash(tmp_path: Path) -> None:
    results = make_results(tmp_path / "results")
    count = snapshot(results, tmp_path / "crate")
    crate = ROCrate(tmp_path / "crate")
    files = [path for path in (tmp_path / "crate").rglob("*") if path.is_file() and path.name != METADATA]
    assert len(files) == count
    entities = {entity.id: entity for entity in crate.data_entities if entity.id != "./"}
    assert entities.keys() == {path.relative_to(tmp_path / "crate").as_posix() for path in files}
    for path in files:
        assert entities[path.relative_to(tmp_path / "crate").as_posix()]["sha256"] == file_hash(path)
    held = set(entities)
    assert {"results/figures/srgan/fig7.csv", "replications/tolerances.yaml", "rules.json"} <= held
    assert "results/reference/scores/srgan/baseline/bicubic/Set5.csv" in held
    profiles = {one["@id"] if isinstance(one, dict) else one.id for one in crate.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles
    assert crate.mainEntity.id == "Snakefile"
    (action,) = [entity for entity in crate.contextual_entities if entity.type == "CreateAction"]
    assert action["instrument"].id == "Snakefile"
    assert crate.root_dataset["identifier"].startswith("sha256:")
    assert crate.datePublished is not None


def test_its_profiles_requirements_are_met(tmp_path: Path) -> None:
    """What a validator of Workflow Run RO-Crate 0.5 requires of the descriptor, the workflow and the run."""
    snapshot(make_results(tmp_path / "results"), tmp_path / "crate")
    graph = json.loads((tmp_path / "crate" / METADATA).read_text())["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert {"@id": "https://w3id.org/ro/crate/1.1"} in entities[METADATA]["conformsTo"]
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= set(entities["Snakefile"]["@type"])
    assert entities["./"]["mainEntity"] == {"@id": "Snakefile"}
    assert entities["./"]["mentions"] == {"@id": "#run"}
    assert entities["results/tables/table2_srgan.csv"]["encodingFormat"] == "text/csv"
    assert entities["replications/tolerances.yaml"]["encodingFormat"] in ("application/yaml", "text/yaml")


def test_a_users_own_methods_are_in_it_without_their_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copied_project(tmp_path)
    monkeypatch.chdir(project)
    results = make_results(tmp_path / "results")
    (project / "my" / "runs").mkdir(parents=True)
    (project / "my" / "recipes.yaml").write_text("srgan: {mine: {extends: srresnet_mse, title: mine}}\n")
    (project / "my" / "runs" / "generator.safetensors").write_bytes(b"weights")
    snapshot(results, tmp_path / "crate")
    held = {path.relative_to(tmp_path / "crate").as_posix() for path in (tmp_path / "crate").glob("my/**/*")}
    assert held == {"my/recipes.yaml"}
    assert "my/recipes.yaml" in {entity.id for entity in ROCrate(tmp_path / "crate").data_entities}


@pytest.mark.parametrize("name", ["crate", "crate.zip"])
def test_the_same_results_agree_with_it(tmp_path: Path, name: str) -> None:
    results = make_results(tmp_path / "results")
    snapshot(results, tmp_path / name)
    assert zipfile.is_zipfile(tmp_path / name) == name.endswith(".zip")
    found = check(results, tmp_path / name)
    assert found.exit_code == 0, found.output
    rows = json.loads((results / "tables" / "table2_srgan.json").read_text())
    assert rows["rules"]
    assert "verdicts are the same" in found.output
    assert "drift" not in found.output


def test_another_checkout_that_differs_is_told_so(tmp_path: Path) -> None:
    snapshot(make_results(tmp_path / "there"), tmp_path / "crate.zip")
    found = check(make_results(tmp_path / "here", Set5=28.5), tmp_path / "crate.zip")
    assert found.exit_code == 1
    assert "Set5, bicubic, PSNR from baseline/bicubic: differs, there match" in found.output
    assert "drift of srgan table2, Set5, bicubic, PSNR" in found.output


def test_a_snapshot_is_never_replaced_and_nothing_else_is_taken_for_one(tmp_path: Path) -> None:
    results = make_results(tmp_path / "results")
    (tmp_path / "crate").mkdir()
    with pytest.raises(InputError, match="never replaced"):
        snapshot(results, tmp_path / "crate")
    assert isinstance(check(results, tmp_path / "crate").exception, InputError)


def test_a_snapshot_of_a_stranger_can_not_fill_the_disk(tmp_path: Path) -> None:
    results, crate = make_results(tmp_path / "results"), tmp_path / "crate.zip"
    with zipfile.ZipFile(crate, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ro-crate-metadata.json", "{}")
        file.writestr("zeros", bytes(400 << 20))
    with pytest.raises(InputError, match=r"crate\.zip: .*more"), opened(crate):
        pass
    assert isinstance(check(results, crate).exception, InputError)
