"""`sr upscale`: what it does to one photograph, by which network, and what it refuses."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from sr.data.assets import Assets
from sr.errors import InputError
from sr.images import read_image
from tests.cli.upscaling import PHOTO, make_run, refused, upscale


@pytest.mark.parametrize("scale", [4, 6, 2.5])
def test_a_photograph_with_everything(scale: float, run: Path, tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Camera"
    picture = Image.fromarray(data.astronaut()[:40, :60]).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(tmp_path / "a.png", exif=exif, icc_profile=b"a profile")
    outcome = upscale(
        tmp_path / "a.png",
        "--weights",
        run,
        "--back-projection",
        3,
        "--ensemble",
        "--tile",
        32,
        "--compare",
        "--scale",
        scale,
    )
    assert outcome.code == 0, outcome.err
    width, height = round(40 * scale), round(60 * scale)  # turned
    with Image.open(tmp_path / f"a_x{scale}.png") as result:
        assert (result.mode, result.size) == ("RGBA", (width, height))
        assert result.info["icc_profile"] == b"a profile"
        assert result.getexif()[ExifTags.Base.Make] == "Camera"
        assert result.getexif()[ExifTags.Base.Orientation] == 1
    assert Image.open(tmp_path / f"a_x{scale}_compare.png").size[0] == 2 * width + 8


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


@pytest.mark.parametrize("scale", [2, 6])
def test_sixteen_bits_stay_sixteen(scale: int, run: Path, tmp_path: Path) -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (6, 9), dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    outcome = upscale(tmp_path / "deep.png", "--weights", run, "--scale", scale)
    assert outcome.code == 0, outcome.err
    with Image.open(tmp_path / f"deep_x{scale}.png") as result:
        assert (result.mode, result.size) == ("I;16", (9 * scale, 6 * scale))
