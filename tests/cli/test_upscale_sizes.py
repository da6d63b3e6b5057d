"""`sr upscale`: images, results and scales larger than most."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sr.images import read_image
from sr.photos import folder as folder_module
from tests.cli.upscaling import PHOTO, refused, upscale


def test_what_does_not_fit_into_memory_is_refused_with_a_way_out(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sr.inference.dense_body.available_memory", lambda: 2_500_000)
    Image.fromarray(PHOTO).resize((100, 100)).save(tmp_path / "large.png")
    assert "large.png: too large for this memory; give --tile" in refused(
        tmp_path / "large.png", "--weights", run
    )
    assert upscale(tmp_path / "large.png", "--weights", run, "--tile", 16).code == 0


def test_larger_than_most_is_enlarged_in_tiles_and_said(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow's limit, above which it refuses images, is set to 20 pixels; so is ours for tiles."""
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 20)
    monkeypatch.setattr(folder_module, "LARGE", 20)
    monkeypatch.setattr(folder_module, "TILE", 16)
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


@pytest.mark.parametrize(
    ("options", "size", "needed"),
    [
        # The image and, twice, the result: once for its file.
        ((), "36x24", 3 * (54 + 2 * 36 * 24)),
        # What the second pass makes, that with the result's rows, and the result.
        (("--scale", 5), "45x30", 3 * (54 + 48 * 32 + 48 * 30 + 45 * 30)),
        # Beside the result: two pictures, the same in one, and that in Pillow's four bytes a pixel.
        (("--compare",), "36x24", 3 * (54 + 36 * 24) + 20 * 36 * 24),
    ],
)
def test_all_that_lies_in_memory_at_once_is_counted(
    options: tuple[Any, ...],
    size: str,
    needed: int,
    run: Path,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 9 x 6 pixels with three bytes each: a byte less than that is refused."""
    for free, message in ((needed - 1, f"its result of {size} pixels"), (needed, "")):
        monkeypatch.setattr("sr.photos.sizes.available_memory", lambda free=free: free)
        outcome = upscale(photos / "a.png", "--weights", run, *options)
        assert (outcome.code, message in outcome.err) == (int(bool(message)), True), outcome.err


@pytest.mark.parametrize("scale", ["0.5", "17", "nan"])
def test_a_scale_that_no_network_reaches_is_refused(scale: str, run: Path, photos: Path) -> None:
    message = refused(photos / "a.png", "--weights", run, "--scale", scale)
    assert message == f"sr: a scale of {scale}: give one from 1 to 16.\n"
