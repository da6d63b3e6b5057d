"""`sr upscale`: what it writes, what it leaves alone, what it refuses and how it says so."""

import io
import json
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image
from safetensors.torch import save_file

from sr.cli import main
from sr.data.assets import Assets
from sr.errors import InputError
from sr.images import read_image
from sr.networks.rrdb import RRDBSettings
from sr.photos import folder as folder_module
from tests.recipes.synthetic_record import make_record

PHOTO = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GENERATOR: dict[str, Any] = {
    "network": "rrdb",
    "blocks": 1,
    "channels": 8,
    "growth": 4,
    "residual_scaling": 0.2,
    "initialisation_scale": 1.0,
}


@dataclass
class Outcome:
    code: int
    out: str
    err: str


def upscale(*arguments: object) -> Outcome:
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["sr", "upscale", *map(str, arguments)]
    code = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = before
    return Outcome(code, out.getvalue(), err.getvalue())


def refused(*arguments: object) -> str:
    outcome = upscale(*arguments)
    assert outcome.code == 1, outcome
    assert "Traceback" not in outcome.err
    return outcome.err


def make_run(path: Path, budget: str, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    path.mkdir(parents=True)
    save_file(RRDBSettings(**GENERATOR).build().state_dict(), path / "generator.safetensors")
    recipe = {"title": "RRDB", "start": None, "generator": GENERATOR}
    made = make_record("esrgan/rrdb_psnr", budget=budget, training_set="photos", seed=seed, recipe=recipe)
    (path / "run.json").write_text(json.dumps(made))
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", "demo")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photographs, one of one pixel, and a file that is none."""
    path = tmp_path / "photos"
    path.mkdir()
    Image.fromarray(PHOTO).save(path / "a.png")
    Image.fromarray(PHOTO[..., 0]).save(path / "b.jpg")
    Image.fromarray(PHOTO[:1, :1]).save(path / "c.webp")
    (path / "notes.txt").write_text("no image")
    return path


def test_one_image_goes_beside_itself_or_where_asked(run: Path, photos: Path, tmp_path: Path) -> None:
    outcome = upscale(photos / "a.png", "--weights", run)
    assert outcome.code == 0, outcome.err
    assert read_image(photos / "a_x4.png").shape == (24, 36, 3)
    for output, expected in (("there.tif", "there.tif"), ("new", "new/a_x4.png")):
        assert upscale(photos / "a.png", "--weights", run, "--output", tmp_path / output).code == 0
        assert (read_image(tmp_path / expected) == read_image(photos / "a_x4.png")).all()


def test_nothing_is_overwritten_without_force(run: Path, photos: Path) -> None:
    (photos / "a_x4.png").write_text("precious")
    assert "a_x4.png: is there already" in refused(photos / "a.png", "--weights", run)
    assert (photos / "a_x4.png").read_text() == "precious"
    assert upscale(photos / "a.png", "--weights", run, "--force").code == 0
    assert read_image(photos / "a_x4.png").shape == (24, 36, 3)


def test_no_comparison_is_written_over_another_file(run: Path, photos: Path) -> None:
    compare = (photos / "a.png", "--weights", run, "--compare")
    (photos / "a_x4_compare.png").write_text("precious")
    assert "a_x4_compare.png: is there already" in refused(*compare)
    assert (photos / "a_x4_compare.png").read_text() == "precious"
    assert not (photos / "a_x4.png").exists(), "refused before any work"
    assert upscale(*compare, "--force").code == 0
    assert Image.open(photos / "a_x4_compare.png").size[0] == 2 * 36 + 8


def test_a_comparison_does_not_take_the_name_of_a_result(run: Path, tmp_path: Path) -> None:
    """Of a.png beside an a_compare.png, and of two images that only their formats tell apart."""
    for other in ("a_compare.png", "a.jpg"):
        folder = tmp_path / other.replace(".", "_")
        folder.mkdir()
        Image.fromarray(PHOTO).save(folder / "a.png")
        Image.fromarray(PHOTO[:3, :4]).save(folder / other)
        assert "a_compare.png; rename one, or no --compare" in refused(folder, "--weights", run, "--compare")
        assert upscale(folder, "--weights", run).code == 0
        assert Image.open(tmp_path / f"{folder.name}_x4" / other).size == (16, 12)


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


def test_a_photograph_with_everything(run: Path, tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Camera"
    picture = Image.fromarray(data.astronaut()[:40, :60]).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(tmp_path / "a.png", exif=exif, icc_profile=b"a profile")
    outcome = upscale(
        tmp_path / "a.png", "--weights", run, "--back-projection", 3, "--ensemble", "--tile", 32, "--compare"
    )
    assert outcome.code == 0, outcome.err
    with Image.open(tmp_path / "a_x4.png") as result:
        assert (result.mode, result.size) == ("RGBA", (160, 240))
        assert result.info["icc_profile"] == b"a profile"
        assert result.getexif()[ExifTags.Base.Make] == "Camera"
        assert result.getexif()[ExifTags.Base.Orientation] == 1
    assert Image.open(tmp_path / "a_x4_compare.png").size[0] == 2 * 160 + 8


def test_what_does_not_fit_into_memory_is_refused_with_a_way_out(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.inference.dense_body.available_memory", lambda: 2_500_000)
    Image.fromarray(PHOTO).resize((100, 100)).save(tmp_path / "large.png")
    assert "large.png: too large for this memory; give --tile" in refused(
        tmp_path / "large.png", "--weights", run
    )
    assert upscale(tmp_path / "large.png", "--weights", run, "--tile", 16).code == 0


def test_alpha_mixes_two_networks(run: Path, photos: Path, tmp_path: Path) -> None:
    other = make_run(tmp_path / "other", "demo", seed=1)
    both = ("--weights", run, "--weights", other)
    for alpha, same_as in ((0, run), (1, other)):
        mixed, alone = tmp_path / f"mixed{alpha}.png", tmp_path / f"alone{alpha}.png"
        assert upscale(photos / "a.png", *both, "--alpha", alpha, "--output", mixed).code == 0
        assert upscale(photos / "a.png", "--weights", same_as, "--output", alone).code == 0
        assert (read_image(mixed) == read_image(alone)).all()
    assert "--weights twice" in refused(photos / "a.png", *both)
    assert "--weights twice" in refused(photos / "a.png", "--weights", run, "--alpha", 0.5)


def test_a_recipe_stands_for_its_one_run(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    shutil.copytree(
        Path(__file__).parents[2] / "replications" / "esrgan", project / "replications" / "esrgan"
    )
    (project / "Snakefile").touch()
    monkeypatch.chdir(project)
    named = (photos / "a.png", "--force", "--weights", "esrgan/rrdb_psnr")
    assert "was not trained here yet" in refused(*named)
    runs = project / "results" / "runs"
    make_run(runs / "demo" / "p" / "r" / "seed0", "demo")
    assert upscale(*named).code == 0
    make_run(runs / "demo" / "p" / "r" / "seed1", "demo")
    assert "which of these runs? results/runs/demo/p/r/seed0 (budget demo)" in refused(*named)
    make_run(runs / "paper" / "p" / "r" / "seed0", "paper")
    assert upscale(*named).code == 0  # that of the whole budget


def test_without_weights_it_is_the_network_for_photographs(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetched where it is missing; here it can not be had, and nothing else is used."""
    fetched = []

    def none(_: Assets, name: str) -> None:
        fetched.append(name)
        raise InputError("no network.")

    monkeypatch.setattr(Assets, "find", lambda *_: None)
    monkeypatch.setattr(Assets, "fetch", none)
    assert "no network" in refused(photos / "a.png")
    assert "no network" in refused(photos / "a.png", "--weights", "srgan")
    assert fetched == ["realesrgan_x4plus", "krasserm_srgan"]
    assert not (photos / "a_x4.png").exists()


@pytest.mark.parametrize("name", ["a", "a" * 249 + "\u00e9", "\u6d77 $(x) '"])
def test_names_of_any_kind_and_length(name: str, run: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray(PHOTO).save(tmp_path / "in" / f"{name}.png")
    assert upscale(tmp_path / "in", "--weights", run, "--output", tmp_path / "out").code == 0
    assert read_image(tmp_path / "out" / f"{name}.png").shape == (24, 36, 3)


def test_a_name_that_would_become_too_long_is_refused_before_any_work(run: Path, tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / ("a" * 251 + ".png"))
    assert "name is longer than the 255 bytes" in refused(tmp_path / ("a" * 251 + ".png"), "--weights", run)


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


def test_a_path_that_ends_in_a_separator_is_a_folder(run: Path, photos: Path, tmp_path: Path) -> None:
    assert upscale(photos / "a.png", "--weights", run, "--output", f"{tmp_path}/new.v2/").code == 0
    assert (tmp_path / "new.v2" / "a_x4.png").is_file()


def test_a_place_that_can_not_be_written_is_refused_before_the_work(
    run: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        pytest.fail("the work was begun")

    monkeypatch.setattr(folder_module, "_upscale_file", never)
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path / "file" / "a.png", Path("/proc/1/a.png"), Path("/proc/none/a.png")):
        assert "can not be written" in refused(photos / "a.png", "--weights", run, "--output", place)


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


def test_larger_than_most_is_enlarged_in_tiles_and_said(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow's limit, above which it refuses images, is set to 20 pixels; so is ours for tiles."""
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 20)
    monkeypatch.setattr(folder_module, "LARGE", 20)
    monkeypatch.setattr(folder_module, "_TILE", 16)
    picture = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    for name in ("a.png", "b.tif", "c.webp", "d.bmp"):
        Image.fromarray(picture).save(tmp_path / name, **({"lossless": True} if name == "c.webp" else {}))
        outcome = upscale(tmp_path / name, "--weights", run, "--format", "png")
        assert outcome.code == 0, outcome.err
        assert "50x40 pixels, enlarged in tiles" in outcome.err
    assert (
        upscale(tmp_path / "a.png", "--weights", run, "--tile", 16, "--output", tmp_path / "t.png").code == 0
    )
    monkeypatch.undo()
    expected = read_image(tmp_path / "t.png")
    for name in ("a_x4.png", "b_x4.png", "c_x4.png", "d_x4.png"):
        assert (read_image(tmp_path / name) == expected).all()


def test_a_result_that_no_memory_holds_is_refused(
    run: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.photos.sizes.available_memory", lambda: 1000)
    assert "its result of 36x24 pixels needs" in refused(photos / "a.png", "--weights", run)


@pytest.mark.parametrize(("scale", "name"), [(2, "a_x2.png"), (2.5, "a_x2.5.png")])
def test_other_scales_are_named_in_the_result(scale: float, name: str, run: Path, photos: Path) -> None:
    assert upscale(photos / "a.png", "--weights", run, "--scale", scale, "--compare").code == 0
    assert read_image(photos / name).shape == (round(6 * scale), round(9 * scale), 3)


def test_what_can_not_be_done_is_said(run: Path, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "not among .png" in refused(photos / "a.png", "--weights", run, "--output", tmp_path / "a.gif")
    contradiction = ("--output", tmp_path / "a.tif", "--format", "png")
    assert "contradicts --format png" in refused(photos / "a.png", "--weights", run, *contradiction)
    assert "absent: no such file or folder" in refused(tmp_path / "absent", "--weights", run)
    assert "empty: holds no images" in refused(tmp_path / "empty", "--weights", run)
    assert "folder of the originals" in refused(photos, "--weights", run, "--output", photos)
    assert "holds no finished run" in refused(photos, "--weights", tmp_path / "empty")
    Image.fromarray(PHOTO).save(photos / "a.jpg")
    assert "rename one" in refused(photos, "--weights", run, "--format", "png")
