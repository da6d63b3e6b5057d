"""`sr assets` as a user meets it."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sr.cli.assets import app
from sr.data import assets as assets_module
from sr.data import catalogue as catalogue_module
from sr.data.catalogue import Catalogue
from sr.errors import InputError

BODY = b"MATLAB" + b"parameters"


@pytest.fixture
def project(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder whose catalogue has a file on the test server and a set that never was released."""
    licence = {"text": "for study only", "non_commercial": True}
    address = server.add("/p.mat", BODY).url
    content = Catalogue.model_validate(
        {
            "assets": {
                "niqe": {
                    "kind": "parameters",
                    "title": "a file",
                    "path": "assets/p.mat",
                    "licence": licence,
                    "sources": [{"kind": "url", "url": address}],
                },
                "UH4K": {
                    "kind": "images",
                    "title": "a set",
                    "path": "uh4k",
                    "licence": licence | {"non_commercial": False},
                    "sources": [{"kind": "unavailable", "reason": "it was lost"}],
                },
            }
        }
    )
    monkeypatch.setattr(catalogue_module, "catalogue", lambda: content)
    monkeypatch.setattr(assets_module, "catalogue", lambda: content)
    monkeypatch.delenv("SR_MIRROR", raising=False)
    (tmp_path / "replications").mkdir()
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_fetch_warns_verifies_and_leaves_a_receipt(project: Path) -> None:
    result = run("fetch", "niqe", "--receipt", "data/fetched/niqe.json")
    assert result.exit_code == 0
    assert "niqe: non-commercial use only (for study only)" in result.output
    assert (project / "data/assets/assets/p.mat").read_bytes() == BODY
    receipt = json.loads((project / "data/fetched/niqe.json").read_text())
    assert receipt == {"niqe": {"sha256": sha256(BODY).hexdigest(), "size": len(BODY)}}


def test_fetch_gets_what_it_can_and_ends_in_the_reasons(project: Path) -> None:
    result = run("fetch", "UH4K", "niqe", "--receipt", "receipt.json")
    assert isinstance(result.exception, InputError)
    assert str(result.exception) == "UH4K (a set) can not be had: it was lost."
    assert (project / "data/assets/assets/p.mat").is_file()
    assert not (project / "receipt.json").exists()


def test_trying_is_no_error(project: Path) -> None:
    result = run("fetch", "UH4K", "--try", "--receipt", "receipt.json")
    assert result.exit_code == 0
    assert "it was lost" in result.output
    receipt = json.loads((project / "receipt.json").read_text())
    assert receipt == {"UH4K": {"missing": "UH4K (a set) can not be had: it was lost."}}


def test_unknown_name_fetches_nothing(project: Path) -> None:
    result = run("fetch", "niqe", "UH5K")
    assert isinstance(result.exception, InputError)
    assert "did you mean 'UH4K'" in str(result.exception)
    assert not (project / "data").exists()


def test_list_shows_place_source_and_terms(project: Path) -> None:
    before = run("list").output
    assert "missing" in before
    assert "127.0.0.1" in before
    assert "for study only (non-commercial)" in before
    assert "never released" in before
    mirror = project / "m"
    (mirror / "assets").mkdir(parents=True)
    (mirror / "assets/p.mat").write_bytes(BODY)
    after = run("list", "--mirror", "m").output
    assert "m/assets/p.mat" in after


def test_mirror_that_is_not_there(project: Path) -> None:
    result = run("list", "--mirror", str(project / "nowhere"))
    assert isinstance(result.exception, InputError)
    assert "nowhere: no such folder" in str(result.exception)


def test_quickly_what_does_not_answer_is_told_in_a_line(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.data.fetch.answering", lambda *_: set())
    result = run("fetch", "niqe", "UH4K", "--try", "--quick", "--receipt", "receipt.json")
    assert result.exit_code == 0
    (line,) = result.output.strip().splitlines()
    assert line.startswith("Not fetched: niqe, UH4K. Results go without them; with a network, ")
    assert "does not answer" in json.loads((project / "receipt.json").read_text())["niqe"]["missing"]


def test_quickly_what_answers_is_fetched(project: Path) -> None:
    """A server that knows no HEAD answers all the same."""
    assert run("fetch", "niqe", "--quick").exit_code == 0
    assert (project / "data/assets/assets/p.mat").read_bytes() == BODY
