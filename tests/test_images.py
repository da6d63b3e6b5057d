"""Reading refuses what it can not read, and luma is MATLAB's."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from sr.errors import InputError
from sr.images import (
    as_rgb,
    crop_to_multiple,
    image_files,
    luma,
    read_image,
    to_pixels,
    to_tensor,
    write_png,
)


@pytest.fixture
def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(12, 16, 3), (12, 16)])
def test_png_round_trip(tmp_path: Path, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    write_png(tmp_path / "a.png", pixels)
    assert np.array_equal(read_image(tmp_path / "a.png"), pixels)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("RGBA", "alpha channel"),
        ("LA", "alpha channel"),
        ("P", "palette"),
        ("CMYK", "CMYK"),
        ("1", "one bit"),
    ],
)
def test_refuses_other_pixel_formats(tmp_path: Path, photo: np.ndarray, mode: str, reason: str) -> None:
    path = tmp_path / "odd.tif"
    Image.fromarray(photo).convert("L" if mode == "LA" else "RGB").convert(mode).save(path)
    with pytest.raises(InputError, match=f"odd.tif: .*{reason}"):
        read_image(path)


def test_refuses_16_bit(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((8, 8), 40000, np.uint16)).save(path)
    with pytest.raises(InputError, match=r"deep.png: only 8-bit"):
        read_image(path)


def test_refuses_transparent_colour(tmp_path: Path, photo: np.ndarray) -> None:
    Image.fromarray(photo).save(tmp_path / "clear.png", transparency=(1, 2, 3))
    with pytest.raises(InputError, match="alpha"):
        read_image(tmp_path / "clear.png")


@pytest.mark.parametrize("name", ["cut.png", "cut.jpg"])
def test_refuses_truncated_files(tmp_path: Path, photo: np.ndarray, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(np.tile(photo, (8, 8, 1))).save(path)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(InputError, match=f"{name}: broken image"):
        read_image(path)


def test_refuses_what_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    path.write_text("not pixels")
    with pytest.raises(InputError, match=r"note.png: not an image file"):
        read_image(path)
    with pytest.raises(InputError, match="no such image"):
        read_image(tmp_path / "absent.png")


def test_folder_errors(tmp_path: Path, photo: np.ndarray) -> None:
    with pytest.raises(InputError, match="no such folder"):
        image_files(tmp_path / "absent")
    with pytest.raises(InputError, match="holds no images"):
        image_files(tmp_path)
    write_png(tmp_path / "a.png", photo)
    Image.fromarray(photo).save(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="has the same name"):
        image_files(tmp_path)


def test_luma_of_known_colours() -> None:
    """MATLAB documents rgb2ycbcr's Y: black 16, white 235; primaries by BT.601."""
    colours = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert np.allclose(luma(colours, rounded=False), [[16, 235, 81.481, 144.553, 40.966]])
    assert luma(colours, rounded=True).tolist() == [[16, 235, 81, 145, 41]]


def test_luma_is_added_in_matlabs_order() -> None:
    """The exact Y of these colours is a half, which the order of the sum rounds up or down: MATLAB multiplies
    with the rounded 1/255, adds red, green, blue and 16 in this order, and stays below.
    """
    weights = [weight * (1 / 255) for weight in (65.481, 128.553, 24.966)]
    for red, green, blue in ((39, 37, 80), (43, 27, 121), (50, 38, 46), (61, 39, 12), (65, 29, 53)):
        matlab = ((weights[0] * red + weights[1] * green) + weights[2] * blue) + 16
        assert 52 < matlab < 52.5
        assert luma(np.array([[[red, green, blue]]], np.uint8), rounded=False) == matlab
        assert luma(np.array([[[red, green, blue]]], np.uint8), rounded=True) == 52


def test_crop_keeps_top_left(photo: np.ndarray) -> None:
    assert np.array_equal(crop_to_multiple(photo[:11, :15], 4), photo[:8, :12])


def test_tensor_round_trip(photo: np.ndarray) -> None:
    tensor = to_tensor(photo)
    assert tensor.shape == (3, 12, 16)
    assert float(tensor.max()) <= 1.0
    assert np.array_equal(to_pixels(tensor), photo)
    assert to_pixels(torch.full((3, 1, 1), 1.7)).max() == 255
    assert np.array_equal(to_pixels(to_tensor(photo[..., 0])), as_rgb(photo[..., 0]))


@pytest.mark.parametrize("channels", [(), (3,)])
def test_refuses_16_bit_tiff(tmp_path: Path, channels: tuple[int, ...]) -> None:
    """Pillow gives colours of 16 bits as 8, rounded down."""
    path = tmp_path / "deep.tif"
    tifffile.imwrite(path, np.full((8, 8, *channels), 0x12FF, np.uint16))
    with pytest.raises(InputError, match=r"deep.tif: only 8-bit"):
        read_image(path)
    tifffile.imwrite(path, np.full((8, 8, *channels), 0x12, np.uint8))
    assert np.array_equal(read_image(path), np.full((8, 8, *channels), 0x12))
