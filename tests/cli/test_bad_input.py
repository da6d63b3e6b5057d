"""Bad input on the command line: one sentence that names the file or key, exit code 1, nothing written."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr.images import write_png
from tests.cli.in_process import sr

PHOTO = np.random.default_rng(0).integers(0, 256, (16, 20, 3), dtype=np.uint8)


def refused(*arguments: object) -> str:
    """The one line a refused command prints."""
    result = sr(*arguments)
    assert result.code == 1, result.out + result.err
    assert "Traceback" not in result.err
    lines = [line for line in result.err.splitlines() if line.startswith("sr: ")]
    assert len(lines) == 1, result.err
    return lines[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_png(tmp_path / "photos" / "good.png", PHOTO)
    return tmp_path / "photos"


def test_degrade_reduces_and_enlarges(folder: Path, tmp_path: Path) -> None:
    assert sr("degrade", folder, "--scale", 4, "--output", tmp_path / "down").code == 0
    assert Image.open(tmp_path / "down" / "good.png").size == (5, 4)
    up = sr("degrade", folder, "--scale", 2, "--direction", "up", "--output", tmp_path / "up")
    assert up.code == 0
    assert Image.open(tmp_path / "up" / "good.png").size == (40, 32)


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("alpha.png", Image.fromarray(PHOTO).convert("RGBA")),
        ("palette.png", Image.fromarray(PHOTO).convert("P")),
        ("deep.png", Image.fromarray(np.full((8, 8), 40000, np.uint16))),
        ("tiny.png", Image.fromarray(PHOTO[:3])),
    ],
)
def test_unreadable_images_are_named(folder: Path, tmp_path: Path, name: str, image: Image.Image) -> None:
    image.save(folder / name)
    assert name in refused("degrade", folder, "--output", tmp_path / "out")
    assert not (tmp_path / "out" / name).exists()


def test_broken_and_foreign_files_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "note.png").write_text("no image")
    assert "note.png: not an image file" in refused("degrade", folder, "--output", tmp_path / "out")
    whole = (folder / "good.png").read_bytes()
    (folder / "note.png").write_bytes(whole[: len(whole) // 2])
    assert "note.png: broken image" in refused("degrade", folder, "--output", tmp_path / "out")


def test_grey_images_stay_grey(tmp_path: Path) -> None:
    write_png(tmp_path / "grey" / "a.png", PHOTO[..., 0])
    assert sr("degrade", tmp_path / "grey", "--output", tmp_path / "out").code == 0
    assert Image.open(tmp_path / "out" / "a.png").mode == "L"


def test_missing_things_are_named(folder: Path, tmp_path: Path) -> None:
    assert "absent: no such folder" in refused("degrade", tmp_path / "absent", "--output", tmp_path / "out")
    assert "--output" in refused("degrade", folder, "--output", folder)
    mirror = refused("prepare", "Set5", "--output", tmp_path / "set5", "--mirror", tmp_path / "absent")
    assert "absent: no such folder" in mirror
    assert "did you mean 'Set5'" in refused("prepare", "Set6", "--output", tmp_path / "set6")
    assert not (tmp_path / "set5").exists()


def test_score_names_what_does_not_fit(folder: Path, tmp_path: Path) -> None:
    write_png(tmp_path / "sr" / "good.png", PHOTO[:12])
    sized = refused("score", "--sr", tmp_path / "sr", "--hr", folder, "--protocol", "srgan")
    assert "good.png" in sized
    assert "20x12" in sized
    assert "20x16" in sized
    assert "did you mean 'srgan'" in refused("score", "--sr", folder, "--hr", folder, "--protocol", "srgam")


def test_images_smaller_than_the_border_are_named(tmp_path: Path) -> None:
    for name in ("sr", "hr"):
        write_png(tmp_path / name / "small.png", PHOTO[:8, :8])
    message = refused("score", "--sr", tmp_path / "sr", "--hr", tmp_path / "hr", "--protocol", "srgan")
    assert "small" in message
    assert "border" in message


def test_train_names_what_is_wrong(tmp_path: Path) -> None:
    places = ("--training-set", tmp_path, "--benchmark", tmp_path, "--output", tmp_path / "run")
    assert "did you mean 'srresnet_mse'" in refused(
        "train", "srgan/srresnet_mes", *places, "--budget", "demo"
    )
    assert "did you mean 'demo'" in refused("train", "srgan/srresnet_mse", *places, "--budget", "demos")
    assert "holds no images" in refused("train", "srgan/srresnet_mse", *places)
    assert not (tmp_path / "run").exists()
