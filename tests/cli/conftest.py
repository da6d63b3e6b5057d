"""What tests of `sr upscale` begin with."""

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.upscaling import PHOTO, make_run


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
