"""The catalogue keeps its own rules, and mistakes in it are refused."""

import re
from typing import Any

import pytest

from sr.config import validate
from sr.data.catalogue import Asset, Catalogue, Manual, Package, Unavailable, Url, catalogue
from sr.errors import InputError

NAMES = catalogue().assets.keys()
REFERENCES = {
    name: asset
    for name, asset in catalogue().assets.items()
    if asset.released and asset.released.network.network in ("srcnn", "lapsrn", "enhancenet")
}
RELEASED = {name: asset for name, asset in catalogue().assets.items() if asset.kind == "released"}


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
    training = {"DIV2K_train", "Flickr2K", "OST", "BSDS500_train_test", "ImageNet", "ILSVRC2012"}
    training |= {"ImageNet_10000", "DF2K", "DF2K_OST", "OST_1342", "Flickr2K_OST_1342"}
    files = {"vgg19", "vgg16", "alexnet", "inception", "niqe", "dists", "nrqm"}
    others = {"embedded", "embedded_train", "selfexsr_Set5", "srcnn_Set5"}
    assert benchmarks | training | files | others == NAMES - RELEASED.keys()


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


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("DF2K", 3450),  # Beby-GAN and LDL
        ("DF2K_OST", 3450 + 10324),
        ("Flickr2K_OST_1342", 2650 + 1342),  # GMGAN, sec. 4.2, as printed
    ],
)
def test_sets_made_of_others_add_up_as_the_papers_say(name: str, count: int) -> None:
    parts = [catalogue().get(part) for part in catalogue().get(name).parts]
    assert sum(part.count or part.take or 0 for part in parts) == count


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_counts_of_the_literature(name: str, count: int) -> None:
    assert catalogue().get(name).count == count


@pytest.mark.parametrize("name", NAMES)
def test_hash_in_a_file_name_agrees_with_the_hash_beside_it(name: str) -> None:
    for origin in catalogue().get(name).fetchable:
        if isinstance(origin, Url) and (found := re.search(r"-([0-9a-f]{8})\.pth$", origin.url)):
            assert (origin.sha256 or origin.sha256_prefix or "").startswith(found.group(1))


def test_every_public_checkpoint_is_there() -> None:
    own = {"rrdb_psnr", "esrgan", "beby_gan", "beby_rrdb_warmup", "swinir_df2k", "swinir_div2k"}
    ldl = {"ldl_rrdb_df2k", "ldl_rrdb_div2k", "ldl_swinir_df2k", "ldl_srresnet_div2k"}
    basicsr = {"basicsr_msrresnet", "basicsr_msrgan", "mmsr_msrresnet", "mmsr_msrgan"}
    mmagic = {"mmagic_msrresnet", "mmagic_srgan", "mmagic_rrdb_psnr", "mmagic_esrgan", "mmagic_swinir"}
    package = {"krasserm_srresnet", "krasserm_srgan", "realesrgan_x4plus"}
    assert own | ldl | basicsr | mmagic | package | REFERENCES.keys() == RELEASED.keys()


# Millions of parameters, as ESRGAN, SwinIR (Table 2) and BasicSR's model zoo give them.
# SRCNN's are those of its sec. 4.1 (8,032 and 57,184 weights), LapSRN's 812 thousand of its Fig. 2.
SIZES = {"rrdb": 16.70, "swinir": 11.90, "msrresnet": 1.52, "lapsrn": 0.814}


@pytest.mark.parametrize("name", ["esrgan", "swinir_df2k", "basicsr_msrgan", "lapsrn"])
def test_networks_have_their_known_size(name: str) -> None:
    settings = RELEASED[name].released.network
    count = sum(parameter.numel() for parameter in settings.build().parameters())
    assert count / 1e6 == pytest.approx(SIZES[settings.network], abs=0.005)


@pytest.mark.parametrize("name", RELEASED)
def test_released_files_have_a_place_of_their_own(name: str) -> None:
    place = "assets/reference_methods/" if name in REFERENCES else "released/"
    assert RELEASED[name].path.startswith(place)
    # The same file may be there twice, fed otherwise.
    others = [asset for other, asset in RELEASED.items() if other != name]
    foreign = {f for asset in others if asset.sources != RELEASED[name].sources for f in asset.forms}
    assert not foreign & set(RELEASED[name].forms)


@pytest.mark.parametrize("name", RELEASED)
def test_third_parties_deviate_and_say_so(name: str) -> None:
    facts = RELEASED[name].released
    third_party = facts.trained_by in ("BasicSR", "mmsr", "mmagic", "krasserm")
    assert third_party == (facts.deviation or "").startswith("third-party training")
    if third_party and facts.training_set != "not stated":
        assert facts.training_set in facts.deviation


@pytest.mark.parametrize("name", RELEASED)
def test_instructions_name_the_command_that_takes_the_file(name: str) -> None:
    for origin in RELEASED[name].sources:
        if isinstance(origin, Manual):
            assert f"`sr assets add {name} FILE`" in origin.instructions


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
        ({"kind": "images", "folders": ["a"], "files": ["b"]}, "give one of"),
        ({"kind": "images"}, "comes from archives"),
        (source(sha256="0" * 63), "sha256"),
        (source(sha256="0" * 64), "evidence"),
        (source(url="ftp://example.org/w"), "url"),
        ({"kind": "released"}, "`released` describes"),
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
