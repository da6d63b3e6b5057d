"""Finding assets in mirror and root, and saying what is missing."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sr.data import assets as module
from sr.data.assets import Assets
from sr.data.catalogue import Catalogue
from sr.errors import InputError

LICENCE = {"text": "none", "non_commercial": False}
URL = {"kind": "url", "url": "https://example.org/set.zip", "member": "set"}


def asset(kind: str, path: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "title": "a thing", "path": path, "licence": LICENCE, "sources": [URL]} | more


CATALOGUE = Catalogue.model_validate(
    {
        "assets": {
            "Set": asset("images", "benchmark/Set/HR", count=2),
            "Parts": asset("images", "parts", folders=["b", "a"], count=3, without={"a/2.png": "a reason"}),
            "Two": asset("images", "two", files=["y.png", "x.png"]),
            "net": asset(
                "weights",
                "weights/net.pth",
                sources=[URL | {"path": "weights/net.ckpt", "archive": "zip"}, URL],
            ),
            "Form": asset(
                "images",
                "form",
                sources=[{"kind": "manual", "instructions": "sign, and put it into {folder}."}],
            ),
            "Never": asset("images", "never", sources=[{"kind": "unavailable", "reason": "it was lost"}]),
            "Inside": asset(
                "images",
                "data",
                files=["a.png"],
                sources=[{"kind": "installed", "package": "no_such_package", "extra": "metrics"}],
            ),
        }
    }
)


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assets:
    monkeypatch.setattr(module, "catalogue", lambda: CATALOGUE)
    (tmp_path / "mirror").mkdir()
    return Assets(tmp_path / "root", tmp_path / "mirror")


def image(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path)
    return path


def test_mirror_before_root(assets: Assets) -> None:
    assert assets.find("Set") is None
    image(assets.root / "benchmark/Set/HR/1.png")
    assert assets.find("Set") == assets.root / "benchmark/Set/HR"
    image(assets.mirror / "benchmark/Set/HR/1.png")
    assert assets.find("Set") == assets.mirror / "benchmark/Set/HR"


def test_any_form_of_a_weight_file(assets: Assets) -> None:
    other = assets.root / "weights/net.ckpt"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"")
    assert assets.require("net") == other
    (assets.root / "weights/net.pth").write_bytes(b"")
    assert assets.require("net") == assets.root / "weights/net.pth"


def test_images_are_sorted_and_counted(assets: Assets) -> None:
    folder = assets.root / "benchmark/Set/HR"
    image(folder / "b.png")
    with pytest.raises(InputError, match="holds 1 images where Set has 2"):
        assets.images("Set")
    image(folder / "a.bmp")
    (folder / "notes.txt").write_text("")
    assert assets.images("Set") == [folder / "a.bmp", folder / "b.png"]
    image(folder / "c.png")
    with pytest.raises(InputError, match="holds more than 2 images where Set has 2"):
        assets.images("Set")


def test_set_of_folders_is_whole_or_missing_and_leaves_out_what_the_catalogue_says(assets: Assets) -> None:
    for name in ("a/1.png", "a/2.png"):
        image(assets.mirror / "parts" / name)
    assert assets.find("Parts") is None
    last = image(assets.mirror / "parts/b/3.png")
    assert assets.images("Parts") == [last, assets.mirror / "parts/a/1.png"]


def test_set_of_files(assets: Assets) -> None:
    first = image(assets.root / "two/x.png")
    assert assets.find("Two") is None
    second = image(assets.root / "two/y.png")
    image(assets.root / "two/z.png")
    assert assets.images("Two") == [first, second]


def test_reasons_say_what_to_do(assets: Assets) -> None:
    assert "`sr assets fetch Set` (from example.org)" in assets.reason("Set")
    assert "the mirror's benchmark/Set/HR" in assets.reason("Set")
    assert f"sign, and put it into {assets.root / 'form'}." in assets.reason("Form")
    assert assets.reason("Never").endswith("can not be had: it was lost.")
    assert "pip install 'sr-replications[metrics]'" in assets.reason("Inside")
    for name in CATALOGUE.assets:
        with pytest.raises(InputError) as caught:
            assets.require(name)
        assert str(caught.value) == assets.reason(name)


@pytest.mark.parametrize("name", ["Form", "Never", "Inside"])
def test_what_no_program_can_fetch(assets: Assets, name: str) -> None:
    with pytest.raises(InputError) as caught:
        assets.fetch(name)
    assert str(caught.value) == assets.reason(name)


def test_what_is_there_is_not_fetched(assets: Assets) -> None:
    image(assets.mirror / "form/a.png")
    assert assets.fetch("Form") == assets.mirror / "form"


def test_weights_are_no_images(assets: Assets) -> None:
    with pytest.raises(InputError, match="no image set"):
        assets.images("net")


@pytest.mark.parametrize("call", ["find", "images", "require", "reason", "fetch", "packaged"])
def test_unknown_name(assets: Assets, call: str) -> None:
    with pytest.raises(InputError, match="did you mean 'Parts'"):
        getattr(assets, call)("Part")


def test_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    monkeypatch.delenv("SR_MIRROR", raising=False)
    assert Assets.from_environment().mirror is None
    assert Assets.from_environment().root.parts[-2:] == ("data", "assets")
    monkeypatch.setenv("SR_MIRROR", str(tmp_path / "one"))
    assert Assets.from_environment().mirror == tmp_path / "one"
    assert Assets.from_environment(tmp_path / "two").mirror == tmp_path / "two"
    monkeypatch.setenv("SR_MIRROR", str(tmp_path / "three"))
    with pytest.raises(InputError, match=r"three: no such folder; .*SR_MIRROR"):
        Assets.from_environment()


def test_only_what_pip_brings_is_packaged(tmp_path: Path) -> None:
    own = Assets(tmp_path, None)
    assert [
        name for name in ("vgg16", "alexnet", "dists", "vgg19", "inception", "Set5") if own.packaged(name)
    ] == [
        "vgg16",
        "alexnet",
        "dists",
    ]


def test_embedded_images_lie_in_the_installed_package(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    own = Assets(tmp_path, None)
    assert [path.name for path in own.images("embedded")] == ["astronaut.png", "chelsea.png", "coffee.png"]
    assert len(own.images("embedded_train")) == 10


@pytest.mark.parametrize(
    ("name", "count"), [("Set5", 5), ("Set14", 14), ("BSD100", 100), ("BSDS500_train_test", 399)]
)
def test_sets_of_the_mirror(mirror: Path, tmp_path: Path, name: str, count: int) -> None:
    assert len(Assets(tmp_path, mirror).images(name)) == count


def photograph(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path)


def test_a_set_made_of_others_is_there_when_all_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {
        "one": asset("images", "one"),
        "two": asset("images", "two"),
        "both": {"kind": "images", "title": "both", "parts": ["one", "two"], "licence": LICENCE},
    }
    made = Catalogue.model_validate({"assets": entries})
    monkeypatch.setattr(module, "catalogue", lambda: made)
    assets = Assets(tmp_path, None)
    photograph(tmp_path / "one" / "b.png")
    assert assets.find("both") is None
    assert "both is made of one and two: two (a thing) is not in" in assets.reason("both")
    photograph(tmp_path / "two" / "a.png")
    assert assets.find("both") == tmp_path
    assert [path.name for path in assets.images("both")] == ["b.png", "a.png"]


@pytest.mark.parametrize(
    "entry",
    [
        {"parts": ["one"], "path": "somewhere"},
        {"parts": ["no_such_set"]},
        {"parts": ["network"]},
        {"part_of": "one"},
        {"part_of": "no_such_set", "take": 3},
        {"part_of": "part", "take": 3},
        {"part_of": "one", "take": 3, "path": "somewhere"},
        {},
    ],
)
def test_parts_are_image_sets_and_replace_path_and_sources(entry: dict[str, object]) -> None:
    wrong = {"kind": "images", "title": "x", "licence": LICENCE, **entry}
    known = {"one": asset("images", "one"), "network": asset("weights", "network.pth"), "wrong": wrong}
    known["part"] = {"kind": "images", "title": "x", "licence": LICENCE, "part_of": "one", "take": 2}
    with pytest.raises(ValueError, match=r"parts|belong together|must be an image set"):
        Catalogue.model_validate({"assets": known})


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assets:
    """200 images in three folders, of which a set takes 50; beside it a set of a fixed number."""
    entries = {
        "All": asset("images", "all/train", deep=True),
        "Some": {"kind": "images", "title": "x", "licence": LICENCE, "part_of": "All", "take": 50, "seed": 3},
        "Fixed": asset("images", "fixed", count=200),
        "Both": {"kind": "images", "title": "x", "licence": LICENCE, "parts": ["Some", "Fixed"]},
    }
    made = Catalogue.model_validate({"assets": entries})
    monkeypatch.setattr(module, "catalogue", lambda: made)
    for number in range(200):
        image(tmp_path / f"all/train/{number % 3}/{number:03}.png")
        image(tmp_path / f"fixed/{number:03}.png")
    return Assets(tmp_path, None)


def test_a_part_is_drawn_by_its_seed_alone(collection: Assets) -> None:
    chosen = collection.chosen("Some")
    assert len(chosen.files) == 50
    assert (chosen.rule, chosen.at_least) == ("50 of 200, drawn by seed 3", 50)
    ranked = sorted(
        (
            hashlib.sha256(f"3/{number % 3}/{number:03}.png".encode()).hexdigest(),
            f"{number % 3}/{number:03}.png",
        )
        for number in range(200)
    )
    assert list(chosen.files) == sorted(name for _, name in ranked[:50])
    image(collection.root / "all/train/4/more.png")
    assert len(chosen.files.keys() & collection.chosen("Some").files.keys()) >= 49


def test_a_list_takes_the_place_of_the_draw(collection: Assets) -> None:
    own = collection.root / "all" / "Some.txt"
    own.write_text("\n".join([*(f"{number:03}.png" for number in range(49)), "1/100.png", ""]))
    chosen = collection.chosen("Some")
    assert {path.stem for path in chosen.files.values()} == {*(f"{n:03}" for n in range(49)), "100"}
    assert chosen.rule.startswith("50 of 200, listed in Some.txt, sha256 ")
    own.write_text("1/000.png\n")
    with pytest.raises(InputError, match=r"Some\.txt: '1/000\.png' is the name of no images"):
        collection.chosen("Some")
    own.write_text("000.png\n")
    with pytest.raises(InputError, match=r"Some: 1 of 200, listed in Some\.txt.*, where 50 are wanted"):
        collection.chosen("Some")


def test_a_training_set_may_lack_one_image_in_a_hundred_and_a_benchmark_none(collection: Assets) -> None:
    (collection.root / "fixed/000.png").unlink()
    chosen = collection.chosen("Fixed")
    assert (len(chosen.files), chosen.rule) == (199, "all 199")
    with pytest.raises(InputError, match="holds 199 images where Fixed has 200"):
        collection.images("Fixed")
    for number in range(1, 3):
        (collection.root / f"fixed/{number:03}.png").unlink()
    with pytest.raises(InputError, match="holds 197 images where Fixed has 200"):
        collection.chosen("Fixed")


def test_parts_are_told_apart_by_name(collection: Assets) -> None:
    chosen = collection.chosen("Both")
    assert len(chosen.files) == 250
    assert chosen.rule == "Some: 50 of 200, drawn by seed 3; Fixed: all 200"
    assert {name.partition("/")[0] for name in chosen.files} == {"Some", "Fixed"}
