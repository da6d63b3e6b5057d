"""`sr upscale FOLDER`: what is enlarged, what goes on after a stop, and no image lost to another's fault."""

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from sr.networks.rrdb import RRDBSettings
from sr.photos import folder as folder_module
from sr.photos.folder import beside
from tests.cli.upscaling import GENERATOR, PHOTO, refused, upscale


def test_comparisons_in_a_folder_of_others_are_left_alone(run: Path, photos: Path, tmp_path: Path) -> None:
    picture = tmp_path / "photos_x4" / "a_compare.png"
    picture.parent.mkdir()
    picture.write_text("precious")
    compare = (photos, "--weights", run, "--compare")
    assert "of unknown weights or options" in refused(*compare)
    assert picture.read_text() == "precious"
    assert upscale(*compare, "--force").code == 0
    assert Image.open(picture).size[0] == 2 * 36 + 8
    # A job that was stopped between the comparison and the result goes on.
    (picture.parent / "a.png").unlink()
    outcome = upscale(*compare)
    assert (outcome.code, "1 written" in outcome.out) == (0, True), outcome
    assert Image.open(picture).size[0] == 2 * 36 + 8


def test_a_folder_keeps_formats_or_gets_one(run: Path, photos: Path, tmp_path: Path) -> None:
    outcome = upscale(photos, "--weights", run)
    assert outcome.code == 0, outcome.err
    assert "3 written" in outcome.out
    sizes = {
        path.name: Image.open(path).size
        for path in (tmp_path / "photos_x4").iterdir()
        if path.suffix != ".json"
    }
    assert sizes == {"a.png": (36, 24), "b.jpg": (36, 24), "c.webp": (4, 4)}
    assert Image.open(tmp_path / "photos_x4" / "b.jpg").mode == "L"
    assert upscale(photos, "--weights", run, "--format", "png", "--output", tmp_path / "png").code == 0
    assert sorted(p.name for p in (tmp_path / "png").glob("*.png")) == ["a.png", "b.png", "c.png"]


def test_a_stopped_folder_goes_on(
    run: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = folder_module._upscale_file

    def stops(path: Path, *rest: Any, **options: Any) -> None:
        if path.name == "b.jpg":
            raise KeyboardInterrupt
        whole(path, *rest, **options)

    monkeypatch.setattr(folder_module, "_upscale_file", stops)
    assert upscale(photos, "--weights", run).code != 0
    monkeypatch.setattr(folder_module, "_upscale_file", whole)
    first = (tmp_path / "photos_x4" / "a.png").stat().st_mtime_ns
    outcome = upscale(photos, "--weights", run)
    assert outcome.code == 0
    assert "2 written" in outcome.out
    assert "1 were there before" in outcome.out
    assert (tmp_path / "photos_x4" / "a.png").stat().st_mtime_ns == first
    assert sorted(p.name for p in (tmp_path / "photos_x4").iterdir()) == [
        "a.png",
        "b.jpg",
        "c.webp",
        "upscale.json",
    ]


def test_results_of_other_options_are_not_mixed(run: Path, photos: Path) -> None:
    assert upscale(photos, "--weights", run).code == 0
    assert "of other weights or options" in refused(photos, "--weights", run, "--ensemble")
    torch.manual_seed(5)
    save_file(RRDBSettings(**GENERATOR).build().state_dict(), run / "generator.safetensors")
    assert "of other weights or options" in refused(photos, "--weights", run)
    assert "3 written" in upscale(photos, "--weights", run, "--force").out
    assert "3 were there before" in upscale(photos, "--weights", run).out
    (photos.parent / "photos_x4" / "upscale.json").unlink()
    assert "of unknown weights or options" in refused(photos, "--weights", run)


def test_a_bad_file_is_named_and_the_others_go_on(run: Path, photos: Path, tmp_path: Path) -> None:
    (photos / "a.png").write_text("no image")
    Image.fromarray(PHOTO).convert("CMYK").save(photos / "d.jpg")
    outcome = upscale(photos, "--weights", run)
    assert outcome.code == 1
    assert "a.png: not an image file" in outcome.err
    assert "d.jpg: its colours are CMYK" in outcome.err
    assert "2 written" in outcome.out
    assert {p.name for p in (tmp_path / "photos_x4").iterdir()} == {"b.jpg", "c.webp", "upscale.json"}


def test_subfolders_are_kept_and_what_is_passed_over_is_counted(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a.bmp", "b.jfif", "sub/c.png", "sub/deeper/c.png", ".hidden/d.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(PHOTO).save(folder / name)
    for name in ("x.avif", "y.avif", "notes", "._a.png", ".DS_Store"):
        (folder / name).write_bytes(b"no image")
    (folder / "folder.png").mkdir()
    flat = upscale(folder, "--weights", run)
    assert flat.code == 0, flat.err
    assert "2 written" in flat.out
    assert "passed over: 2 .avif, 2 folders (see --recursive), 1 without an ending" in flat.out
    deep = upscale(folder, "--weights", run, "--recursive", "--output", folder / "large")
    assert deep.code == 0, deep.err
    assert "4 written" in deep.out
    found = {str(p.relative_to(folder / "large")) for p in (folder / "large").rglob("*") if p.is_file()}
    assert found == {"a.bmp", "b.jfif", "sub/c.png", "sub/deeper/c.png", "upscale.json"}
    # The output lies inside, and is not enlarged again.
    again = upscale(folder, "--weights", run, "--recursive", "--output", folder / "large")
    assert "0 written" in again.out
    assert "4 were there before" in again.out


FAILURES = [
    MemoryError(),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
    KeyError("x"),
    OSError(5, "Input/output error"),
    RecursionError("deep"),
    ZeroDivisionError(),
    torch.OutOfMemoryError("CUDA out of memory"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("where", ["read_photo", "upscale_photo", "write_photo"])
def test_no_image_is_lost_to_the_fault_of_another(
    where: str, failure: Exception, run: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails, wherever: one sentence with the file's name, the next image, exit code 1."""
    whole, calls = getattr(folder_module, where), []

    def fails(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 1:
            raise failure
        return whole(*arguments)

    monkeypatch.setattr(folder_module, where, fails)
    outcome = upscale(photos, "--weights", run)
    assert outcome.code == 1
    assert "2 written" in outcome.out
    assert "Traceback" not in outcome.err
    assert f"sr: {photos / 'a.png'}: " in outcome.err
    if "emory" in repr(failure):
        assert "give --tile 512" in outcome.err
    assert {p.name for p in (tmp_path / "photos_x4").iterdir()} == {"b.jpg", "c.webp", "upscale.json"}


def test_what_a_killed_job_left_is_removed(run: Path, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "photos_x4").mkdir()
    (tmp_path / "photos_x4" / ".part-0123abcd-x.png").write_bytes(b"half")
    assert upscale(photos, "--weights", run).code == 0
    assert not list((tmp_path / "photos_x4").glob(".part-*"))


@pytest.mark.parametrize("given", [".", "../photos", "inside/.."])
def test_a_folder_given_from_within_gets_its_results_beside_it(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos" / "inside").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "photos")
    assert beside(Path(given), 4).resolve() == tmp_path.resolve() / "photos_x4"
