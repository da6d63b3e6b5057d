"""`sr assets add`: what a person downloaded is checked, filed where the catalogue says, and written down."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from sr.data import adding
from sr.data import assets as assets_module
from sr.data.assets import Assets
from sr.data.catalogue import Catalogue
from sr.errors import InputError

BODY, OTHER = b"the right bytes", b"other bytes"
DIGEST, OTHER_DIGEST = sha256(BODY).hexdigest(), sha256(OTHER).hexdigest()
NETWORK = {"network": "msrresnet", "blocks": 1, "channels": 4, "initialisation_scale": 0.1}
FACTS = {"network": NETWORK, "training_set": "DIV2K", "trained_by": "someone"}


def manual(**hashes: Any) -> dict[str, Any]:
    return {"kind": "manual", "instructions": "put it at {folder}"} | hashes


def url(**hashes: Any) -> dict[str, Any]:
    return {"kind": "url", "url": "https://example.org/n.pth"} | hashes


def entry(kind: str, *sources: dict[str, Any]) -> dict[str, Any]:
    licence = {"text": "MIT", "non_commercial": False}
    value = {"kind": kind, "title": "a file", "path": f"{kind}/n.pth", "licence": licence, "sources": sources}
    return value | ({"released": FACTS} if kind == "released" else {})


CATALOGUE = Catalogue.model_validate(
    {
        "assets": {
            "hashed": entry("weights", manual(sha256=DIGEST, evidence="stated by two")),
            "prefixed": entry("released", manual(sha256_prefix=DIGEST[:8], evidence="by its name")),
            "forms": entry(
                "released",
                manual(sha256=DIGEST, evidence="stated by two"),
                url(sha256=OTHER_DIGEST, evidence="stated by one", path="released/other.pth"),
            ),
            "open": entry("released", manual()),
            "unknown": entry("weights", manual()),
            "set": entry("images", manual()),
        }
    }
)


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assets:
    monkeypatch.setattr(adding, "catalogue", lambda: CATALOGUE)
    monkeypatch.setattr(assets_module, "catalogue", lambda: CATALOGUE)
    return Assets(tmp_path / "data" / "assets", None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "Downloads").mkdir()
    (tmp_path / "Downloads" / "whatever (1).pth").write_bytes(BODY)
    return tmp_path / "Downloads" / "whatever (1).pth"


def accept(_: Path) -> None:
    pass


def refuse(_: Path) -> None:
    raise InputError("holds another network")


def note(assets: Assets, name: str) -> dict[str, Any]:
    return json.loads((assets.root.with_name("fetched") / f"{name}.json").read_text())[name]


@pytest.mark.parametrize("name", ["hashed", "prefixed"])
def test_a_file_with_the_stated_hash_is_filed_where_it_is_looked_for(
    assets: Assets, file: Path, name: str
) -> None:
    path = adding.add(assets, name, file, accept)
    assert assets.find(name) == path
    assert path.read_bytes() == file.read_bytes() == BODY
    assert (note(assets, name)["sha256"], note(assets, name)["size"]) == (DIGEST, len(BODY))


def test_the_evidence_stands_in_the_receipt(assets: Assets, file: Path) -> None:
    adding.add(assets, "prefixed", file, accept)
    assert note(assets, "prefixed")["verified"] == "its hash was checked (by its name)"


def test_another_form_of_the_same_weights_keeps_its_own_name(assets: Assets, file: Path) -> None:
    file.write_bytes(OTHER)
    assert adding.add(assets, "forms", file, accept).name == "other.pth"
    assert assets.find("forms") is not None
    assert "stated by one" in note(assets, "forms")["verified"]


@pytest.mark.parametrize("name", ["hashed", "prefixed", "forms"])
def test_a_wrong_file_is_refused_and_leaves_nothing(assets: Assets, file: Path, name: str) -> None:
    file.write_bytes(b"wrong")
    with pytest.raises(InputError, match=f"is not {name}.*{DIGEST[:8]}"):
        adding.add(assets, name, file, accept)
    assert not assets.root.parent.exists()


def test_without_a_published_hash_the_network_decides_and_the_receipt_says_so(
    assets: Assets, file: Path
) -> None:
    with pytest.raises(InputError, match="another network"):
        adding.add(assets, "open", file, refuse)
    assert not assets.root.parent.exists()
    adding.add(assets, "open", file, accept)
    assert note(assets, "open") == {"sha256": DIGEST, "size": len(BODY), "verified": adding.NO_HASH}
    assert "no hash was published" in adding.NO_HASH


def test_without_a_published_hash_the_first_file_is_remembered(assets: Assets, file: Path) -> None:
    path = adding.add(assets, "open", file, accept)
    file.write_bytes(OTHER)
    with pytest.raises(InputError, match=f"now has sha256 {OTHER_DIGEST}"):
        adding.add(assets, "open", file, accept)
    assert path.read_bytes() == BODY


def test_released_weights_must_hold_their_network_whatever_their_hash(assets: Assets, file: Path) -> None:
    with pytest.raises(InputError, match="another network"):
        adding.add(assets, "prefixed", file, refuse)
    assert not assets.root.parent.exists()


def test_what_can_not_be_added(assets: Assets, file: Path) -> None:
    with pytest.raises(InputError, match="is a set of images; put them into"):
        adding.add(assets, "set", file, accept)
    with pytest.raises(InputError, match="no hash to check"):
        adding.add(assets, "unknown", file, accept)
    with pytest.raises(InputError, match="no such file"):
        adding.add(assets, "hashed", file.with_name("absent.pth"), accept)
    with pytest.raises(InputError, match="did you mean 'hashed'"):
        adding.add(assets, "hashd", file, accept)


@pytest.mark.parametrize(
    "written",
    [None, "", "# mine\n", "assets:\n  # old\n  one: {kind: images}\n", "assets:\n"],
)
def test_own_weights_are_one_more_line_of_the_own_catalogue(
    written: str | None, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "root", lambda: tmp_path)
    path = tmp_path / "my" / "catalogue.yaml"
    path.parent.mkdir()
    if written is not None:
        path.write_text(written)
    adding.add_to_own_catalogue("my_net", file, {"network": "rrdb"})
    before = yaml.safe_load(written or "") or {}
    found = yaml.safe_load(path.read_text())
    assert found["assets"].pop("my_net")["released"]["network"] == {"network": "rrdb"}
    assert found["assets"] == (before.get("assets") or {})
    comments = [line for line in (written or "").splitlines() if "#" in line]
    assert all(line in path.read_text().splitlines() for line in comments)


@pytest.mark.parametrize("written", ["assets: {one: {kind: images}}\n", "assets:\n    one: {kind: images}\n"])
def test_a_catalogue_that_takes_no_line_is_left_as_it_is(
    written: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "root", lambda: tmp_path)
    path = tmp_path / "my" / "catalogue.yaml"
    path.parent.mkdir()
    path.write_text(written)
    with pytest.raises(InputError, match="takes no further line"):
        adding.add_to_own_catalogue("my_net", file, {"network": "rrdb"})
    assert path.read_text() == written
