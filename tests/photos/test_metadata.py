"""What belongs to a photograph: none of it costs the picture, and what can be kept is kept."""

import io
import itertools
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from sr.photos.metadata import Metadata
from sr.photos.photo import photo, read_photo, write_photo

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6" dc:title="Sea"/></x:xmpmeta>'
SUFFIXES = (".png", ".jpg", ".webp", ".tif", ".bmp")

# TIFF 6.0, sec. 2: number of a type, and bytes of one value; 13 and 99 are none of its twelve.
TYPES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 99: 1}
TAGS = (
    *(ExifTags.Base.Make, ExifTags.Base.Orientation, ExifTags.Base.XResolution, ExifTags.Base.ResolutionUnit),
    *(ExifTags.Base.DateTime, ExifTags.Base.Software, ExifTags.Base.Artist, ExifTags.Base.YCbCrPositioning),
    *(
        ExifTags.IFD.Exif,
        ExifTags.IFD.GPSInfo,
        ExifTags.Base.XPTitle,
        ExifTags.Base.Rating,
        700,
        33723,
        60000,
    ),
)
VALUES = (b"\0" * 16, b"\xff" * 16, b"x" * 16, struct.pack("<IIII", 1, 0, 72, 1))


def with_tag(tag: int, kind: int, count: int, value: bytes) -> bytes:
    """A JPEG whose EXIF has one tag, written byte by byte."""
    content = value * (1 + TYPES[kind] * count // len(value))
    content = content[: TYPES[kind] * count]
    inline = content.ljust(4, b"\0") if len(content) <= 4 else struct.pack("<I", 8 + 2 + 12 + 4)
    entry = struct.pack("<HHI", tag, kind, count) + inline
    directory = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + b"\0\0\0\0"
    exif = b"Exif\0\0" + directory + (content if len(content) > 4 else b"")
    stream = io.BytesIO()
    Image.fromarray(PIXELS).save(stream, "JPEG")
    jpeg = stream.getvalue()
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize("tag", TAGS)
def test_no_tag_of_any_type_and_value_costs_the_picture(tag: int, tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(with_tag(271, 2, 8, b"Camera\0\0"))
    expected = read_photo(source).pixels
    for number, (kind, count, value) in enumerate(itertools.product(TYPES, (1, 3), VALUES)):
        source.write_bytes(with_tag(tag, kind, count, value))
        image = read_photo(source)
        assert image.pixels.shape in (expected.shape, (9, 6, 3))
        target = tmp_path / f"b{SUFFIXES[number % 5]}"
        left_out = write_photo(target, image)
        again = read_photo(target)
        assert again.pixels.shape == image.pixels.shape
        assert all(left_out)


def test_a_tag_that_can_not_be_written_is_named_and_the_others_stay(tmp_path: Path) -> None:
    cases = Path(__file__).parent / "cases"
    for name, tag in (
        ("exif_xresolution_text", "XResolution"),
        ("exif_resolutionunit_byte", "ResolutionUnit"),
    ):
        image = read_photo(cases / f"{name}.jpg")
        assert image.metadata.left_out == (tag,)
        assert write_photo(tmp_path / "a.jpg", image) == [tag]


def everything() -> Metadata:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FNumber] = 2.8
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    return Metadata(exif.tobytes(), PROFILE, XMP, (300.0, 300.0), {"Title": "Sea \u6d77"})


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_a_format_can_hold_it_holds(suffix: str, kind: type, tmp_path: Path) -> None:
    """Twice through each format, so that reading it is seen as well; what is lost is named."""
    if kind is np.uint16 and suffix not in (".png", ".tif"):
        pytest.skip("holds 8 bits")
    samples = PIXELS.astype(kind) * (257 if kind is np.uint16 else 1)
    first = write_photo(tmp_path / f"a{suffix}", photo(samples, everything()))
    found = read_photo(tmp_path / f"a{suffix}").metadata
    write_photo(tmp_path / f"b{suffix}", read_photo(tmp_path / f"a{suffix}"))
    assert read_photo(tmp_path / f"b{suffix}").metadata == found
    lost = {".png": [], ".bmp": ["EXIF", "colour profile", "XMP", "texts"]}.get(suffix, ["texts"])
    assert first == lost
    assert found.density == pytest.approx((300, 300), rel=1e-3)
    assert (found.texts == {"Title": "Sea \u6d77"}) == (suffix == ".png")
    if suffix == ".bmp":
        return
    assert found.icc_profile == PROFILE
    assert found.xmp == XMP.replace(b'Orientation="6"', b'Orientation="1"')
    with Image.open(tmp_path / f"b{suffix}") as image:  # Pillow is the other program
        tags = image.getexif()
        assert tags[ExifTags.Base.Make] == "Camera"
        assert float(tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FNumber]) == pytest.approx(2.8)
        assert tags.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (52.0, 31.0, 12.0)


def test_density_and_comment_of_other_programs(tmp_path: Path) -> None:
    picture = Image.fromarray(PIXELS)
    picture.save(tmp_path / "a.jpg", dpi=(300, 200), comment=b"by the sea")
    picture.save(tmp_path / "plain.jpg")
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "somebody")
    picture.save(tmp_path / "a.png", dpi=(150, 150), pnginfo=info)
    for name, density, texts in (
        ("a.jpg", (300, 200), {"Comment": "by the sea"}),
        ("plain.jpg", None, {}),
        ("a.png", (150, 150), {"Author": "somebody"}),
    ):
        image = read_photo(tmp_path / name)
        write_photo(tmp_path / f"again{name}", image)
        with Image.open(tmp_path / f"again{name}") as again:
            found = again.info.get("dpi")
            if density:
                assert found == pytest.approx(density, abs=0.1)
            else:
                assert again.info.get("jfif_unit") == 0
        assert image.metadata.texts == texts


def test_a_density_in_exif_reaches_formats_with_a_place_for_it(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.XResolution] = exif[ExifTags.Base.YResolution] = 118.11
    exif[ExifTags.Base.ResolutionUnit] = 3  # centimetres
    Image.fromarray(PIXELS).save(tmp_path / "a.webp", exif=exif)
    write_photo(tmp_path / "a.png", read_photo(tmp_path / "a.webp"))
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
