"""The catalogue keeps its own rules, and mistakes in it are refused."""

import re
from typing import Any

import pytest

from sr.config import validate
from sr.data.catalogue import Asset, Catalogue, Manual, Package, Unavailable, Url, catalogue
from sr.errors import InputError

NAMES = catalogue().assets.keys()


def entry(**changes: Any) -> dict[str, Any]:
    value = {
        "kind": "weights",
        "title": "a file",
        "path": "weights/w.pth",
        "licence": {"text": "MIT", "non_commercial": False},
        "sources": [{"kind": "url", "url": "https://example.org/w.pth"}],
    }
    return {"assets": {"w": value | changes}}


def source(**more: Any) -> dict[str, Any]:
    return {"sources": [{"kind": "url", "url": "https://example.org/w.pth"} | more]}


def test_names_the_project_relies_on() -> None:
    benchmarks = {"Set5", "Set14", "BSD100", "Urban100", "Manga109", "General100", "DIV2K", "PIRM", "UH4K"}
    training = {"DIV2K_train", "Flickr2K", "OST", "BSDS500_train_test", "ImageNet"}
    files = {"vgg19", "vgg16", "alexnet", "inception", "niqe", "dists", "nrqm"}
    assert benchmarks | training | files | {"embedded", "embedded_train"} == NAMES


COUNTS = {
    "Set5": 5,
    "Set14": 14,
    "BSD100": 100,
    "Urban100": 100,
    "Manga109": 109,
    "General100": 100,
    "DIV2K": 100,
    "DIV2K_train": 800,
    "Flickr2K": 2650,
    "OST": 10324,
    "PIRM": 100,
}


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_counts_of_the_literature(name: str, count: int) -> None:
    assert catalogue().get(name).count == count


@pytest.mark.parametrize("name", NAMES)
def test_hash_in_a_file_name_agrees_with_the_hash_beside_it(name: str) -> None:
    for origin in catalogue().get(name).fetchable:
        if isinstance(origin, Url) and (found := re.search(r"-([0-9a-f]{8})\.pth$", origin.url)):
            assert origin.sha256 is not None
            assert origin.sha256.startswith(found.group(1))


@pytest.mark.parametrize("name", NAMES)
def test_no_address_names_a_package_index(name: str) -> None:
    for origin in catalogue().get(name).sources:
        assert not re.search(r"py(pi|thonhosted)\.|/simple/", origin.model_dump_json())
        if isinstance(origin, Package):
            assert origin.sha256, "what a package holds is pinned"


@pytest.mark.parametrize("name", NAMES)
def test_instructions_name_the_target_and_nothing_else_in_braces(name: str) -> None:
    for origin in catalogue().get(name).sources:
        if isinstance(origin, Manual):
            assert "some/folder" in origin.instructions.format(folder="some/folder")


def test_what_can_not_be_had_says_so() -> None:
    assert [type(origin) for origin in catalogue().get("UH4K").sources] == [Unavailable]
    assert catalogue().get("Manga109").licence.non_commercial


def test_unknown_name_gives_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'vgg16'"):
        catalogue().get("vg16")


def test_valid_entry() -> None:
    assert isinstance(validate(entry(), Catalogue, "test").get("w"), Asset)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "../w"}, "below the asset root"),
        ({"path": "/w"}, "below the asset root"),
        ({"tilte": "x"}, "did you mean 'title'"),
        ({"count": 3}, "describe image sets"),
        ({"kind": "images", "folders": ["a"], "files": ["b"]}, "not both"),
        ({"kind": "images"}, "comes from archives"),
        (source(sha256="0" * 63), "sha256"),
        (source(sha256="0" * 64), "evidence"),
        (source(url="ftp://example.org/w"), "url"),
        ({"sources": []}, "sources"),
        ({"sources": [{"kind": "ulr"}]}, "ulr"),
    ],
)
def test_mistakes(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        validate(entry(**changes), Catalogue, "test")


@pytest.mark.parametrize(
    ("address", "archive"),
    [("a.zip", True), ("a.tar.gz", True), ("a.zip?dl=1", True), ("a.pth", False), ("a.mat", False)],
)
def test_archives_are_known_by_their_ending(address: str, archive: bool) -> None:
    assert Url(kind="url", url=f"https://example.org/{address}").is_archive is archive
