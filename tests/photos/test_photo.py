"""Photographs of every kind are read and written with all that belongs to them."""

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms

from sr.errors import InputError
from sr.photos.metadata import Metadata
from sr.photos.photo import Photo, check_format, photo, read_photo, write_photo

DEEP = np.random.default_rng(0).integers(0, 65536, (5, 7, 4), dtype=np.uint16)
SHALLOW = np.random.default_rng(1).integers(0, 256, (5, 7, 4), dtype=np.uint8)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Make] = "Camera"
    directory = tags.get_ifd(ExifTags.IFD.Exif)
    directory[ExifTags.Base.DateTimeOriginal] = "2020:01:02 03:04:05"
    directory[ExifTags.Base.ExifImageWidth] = 7
    return tags


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("samples", [DEEP, SHALLOW], ids=["16 bits", "8 bits"])
def test_lossless_formats_keep_every_sample(
    samples: np.ndarray, channels: int, suffix: str, tmp_path: Path
) -> None:
    if (suffix, channels, samples.dtype) == (".tif", 2, np.uint16):
        pytest.skip("refused, see below")
    image = photo(samples[..., 0] if channels == 1 else samples[..., :channels], Metadata())
    write_photo(tmp_path / f"image{suffix}", image)
    back = read_photo(tmp_path / f"image{suffix}")
    assert back.pixels.dtype == samples.dtype
    assert np.array_equal(back.pixels, image.pixels)
    assert (back.alpha is None) == (channels in (1, 3))
    assert image.alpha is None or np.array_equal(back.alpha, image.alpha)


def test_files_of_other_programs_with_16_bits(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(np.ascontiguousarray(DEEP[..., :3])))
    tifffile.imwrite(tmp_path / "b.tif", DEEP[..., :3], photometric="rgb", compression="lzw")
    planes = np.ascontiguousarray(DEEP[..., :3].transpose(2, 0, 1))
    tifffile.imwrite(tmp_path / "c.tif", planes, photometric="rgb", planarconfig="separate")
    for path in tmp_path.iterdir():
        assert np.array_equal(read_photo(path).pixels, DEEP[..., :3]), path.name


def test_ways_to_store_8_bits(tmp_path: Path) -> None:
    rgba = Image.fromarray(SHALLOW)
    rgba.convert("RGB").convert("P").save(tmp_path / "palette.png")
    Image.fromarray(SHALLOW[..., 0] > 127).save(tmp_path / "bits.png")
    rgba.convert("RGB").save(tmp_path / "key.png", transparency=tuple(SHALLOW[0, 0, :3].tolist()))
    rgba.save(tmp_path / "alpha.webp", lossless=True, exact=True)
    expected = np.asarray(rgba.convert("RGB").convert("P").convert("RGB"))
    assert np.array_equal(read_photo(tmp_path / "palette.png").pixels, expected)
    assert np.array_equal(read_photo(tmp_path / "bits.png").pixels, (SHALLOW[..., 0] > 127) * np.uint8(255))
    key = read_photo(tmp_path / "key.png")
    assert key.alpha is not None
    assert key.alpha[0, 0] == 0
    assert key.alpha[1:].min() == 255
    assert np.array_equal(read_photo(tmp_path / "alpha.webp").alpha, SHALLOW[..., 3])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_reset(orientation: int, tmp_path: Path) -> None:
    """Against Pillow's own way to turn pictures upright."""
    from PIL import ImageOps

    stored = Image.fromarray(SHALLOW[..., :3])
    stored.save(tmp_path / "a.png", exif=exif(orientation))
    image = read_photo(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as opened:
        assert np.array_equal(image.pixels, np.asarray(ImageOps.exif_transpose(opened)))
    write_photo(tmp_path / "b.png", image)
    with Image.open(tmp_path / "b.png") as again:
        assert again.getexif()[ExifTags.Base.Orientation] == 1


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_exif_and_profile_are_kept(suffix: str, tmp_path: Path) -> None:
    Image.fromarray(SHALLOW[..., :3]).save(tmp_path / "a.jpg", exif=exif(), icc_profile=PROFILE)
    write_photo(tmp_path / f"b{suffix}", read_photo(tmp_path / "a.jpg"))
    # Twice, so that reading from this format is seen as well.
    write_photo(tmp_path / f"c{suffix}", read_photo(tmp_path / f"b{suffix}"))
    with Image.open(tmp_path / f"c{suffix}") as image:
        assert image.info["icc_profile"] == PROFILE
        tags = image.getexif()
        assert tags[ExifTags.Base.Make] == "Camera"
        directory = tags.get_ifd(ExifTags.IFD.Exif)
    assert directory[ExifTags.Base.DateTimeOriginal] == "2020:01:02 03:04:05"
    assert ExifTags.Base.ExifImageWidth not in directory


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bit_files_keep_profile_and_camera(suffix: str, tmp_path: Path) -> None:
    write_photo(tmp_path / f"a{suffix}", photo(DEEP[..., :3], Metadata(exif().tobytes(), PROFILE)))
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert image.info["icc_profile"] == PROFILE
        assert image.getexif()[ExifTags.Base.Make] == "Camera"
    assert np.array_equal(read_photo(tmp_path / f"a{suffix}").pixels, DEEP[..., :3])


def test_what_can_not_be_read_is_refused(tmp_path: Path) -> None:
    still = Image.fromarray(SHALLOW[..., :3])
    still.convert("CMYK").save(tmp_path / "cmyk.jpg")
    still.save(tmp_path / "moving.webp", save_all=True, append_images=[still.rotate(90)])
    still.save(tmp_path / "moving.png", save_all=True, append_images=[still.rotate(180)])
    still.save(tmp_path / "still.gif")
    (tmp_path / "text.png").write_text("no image")
    still.save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:90])
    deep = imagecodecs.png_encode(np.repeat(DEEP, 20, axis=0))
    (tmp_path / "cut16.png").write_bytes(deep[: len(deep) // 2])
    for name, reason in {
        "cmyk.jpg": "CMYK; convert it to RGB",
        "moving.webp": "holds 2 images",
        "moving.png": "holds 2 images",
        "still.gif": "not an image file of PNG, JPEG, WebP, TIFF and BMP",
        "text.png": "not an image",
        "cut.png": "broken image",
        "cut16.png": "broken image",
        "none.png": "no such image",
    }.items():
        with pytest.raises(InputError, match=reason):
            read_photo(tmp_path / name)


def test_what_a_format_can_not_hold_is_refused_before_any_work() -> None:
    for path, image, reason in (
        (Path("a.jpg"), photo(SHALLOW, Metadata()), "no transparency"),
        (Path("a.jpg"), photo(DEEP[..., :3], Metadata()), "holds 8 bits"),
        (Path("a.tif"), photo(DEEP[..., :2], Metadata()), "grey TIFF"),
        (Path("a.webp"), Photo(np.zeros((5, 5000), np.uint8), None, Metadata()), "20000 pixels are too many"),
    ):
        with pytest.raises(InputError, match=reason):
            check_format(path, image, scale=4)


def write_one_row(path: Path, width: int, bits: int, kind: int, clear: bytes, row: bytes) -> None:
    """A PNG chunk by chunk, with a tRNS chunk."""
    header = struct.pack(">IIBBBBB", width, 1, bits, kind, 0, 0, 0)
    image = zlib.compress(b"\0" + row)
    chunks = ((b"IHDR", header), (b"tRNS", clear), (b"IDAT", image), (b"IEND", b""))
    parts = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize(("bits", "largest"), [(1, 1), (2, 3), (4, 15)])
def test_a_transparent_grey_of_few_bits_becomes_alpha(bits: int, largest: int, tmp_path: Path) -> None:
    """Every grey value in turn; a sample v of n bits is v / (2^n - 1) of white."""
    greys = list(range(largest + 1))
    packed = sum(grey << bits * place for place, grey in enumerate(reversed(greys)))
    padding = -len(greys) * bits % 8
    row = (packed << padding).to_bytes((len(greys) * bits + padding) // 8, "big")
    for clear in greys:
        write_one_row(tmp_path / "a.png", len(greys), bits, 0, struct.pack(">H", clear), row)
        found = read_photo(tmp_path / "a.png")
        assert found.pixels.tolist() == [[255 * grey / largest for grey in greys]]
        assert found.alpha is not None
        assert found.alpha.tolist() == [[0 if grey == clear else 255 for grey in greys]]


@pytest.mark.parametrize(
    ("kind", "values", "clear"),
    [(0, [[7, 9]], 7), (2, [[[1, 2, 3], [1, 2, 4]]], (1, 2, 3))],
    ids=["grey", "RGB"],
)
def test_one_transparent_colour_of_16_bits_becomes_alpha(
    tmp_path: Path, kind: int, values: list, clear: int | tuple
) -> None:
    samples = np.array(values, ">u2") * 257
    colour = (np.array(clear, ">u2") * 257).tobytes()
    write_one_row(tmp_path / "a.png", 2, 16, kind, colour, samples.tobytes())
    found = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(found.pixels, samples.astype(np.uint16))
    assert found.alpha is not None
    assert found.alpha.tolist() == [[0, 65535]]


def png_with(path: Path, chunks: bytes, after: bytes = b"") -> None:
    """A PNG of SHALLOW's colours with chunks before, and others behind, its pixels."""
    Image.fromarray(SHALLOW[..., :3]).save(path)
    content = path.read_bytes()
    pixels, end = content.index(b"IDAT") - 4, content.rindex(b"IEND") - 4
    path.write_bytes(content[:pixels] + chunks + content[pixels:end] + after + content[end:])


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


LINEAR = chunk(b"gAMA", struct.pack(">I", 100000))


def test_a_pngs_gamma_is_kept_or_named(tmp_path: Path) -> None:
    """Without it a picture of linear light would be shown far too dark, and nobody told."""
    png_with(tmp_path / "linear.png", LINEAR)
    image = read_photo(tmp_path / "linear.png")
    assert write_photo(tmp_path / "out.png", image) == []
    with Image.open(tmp_path / "out.png") as again:
        assert again.info["gamma"] == 1.0
    assert write_photo(tmp_path / "out.jpg", image) == ["gAMA"]
    # What only says what is assumed anyway is no loss.
    png_with(tmp_path / "usual.png", chunk(b"sRGB", b"\0") + chunk(b"gAMA", struct.pack(">I", 45455)))
    assert write_photo(tmp_path / "out.jpg", read_photo(tmp_path / "usual.png")) == []


def test_what_stands_behind_a_pngs_pixels_is_kept(tmp_path: Path) -> None:
    """Where ExifTool writes XMP, also when there is EXIF before them."""
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
    png_with(tmp_path / "a.png", chunk(b"eXIf", exif().tobytes().removeprefix(b"Exif\0\0")), text)
    image = read_photo(tmp_path / "a.png")
    assert image.metadata.xmp == packet
    assert image.metadata.exif is not None
