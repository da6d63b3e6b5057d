"""Images that are something else than one whole picture of a named format."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr.errors import InputError
from sr.images import image_files, image_size, read_image
from sr.photos.photo import read_photo

PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (12, 10, 3), dtype=np.uint8))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.bmp"])
def test_postscript_starts_no_other_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Pillow reads PostScript by Ghostscript, whatever a file's name ends in."""

    def started(*_: object, **__: object) -> None:
        pytest.fail("a program was started")

    monkeypatch.setattr("subprocess.Popen", started)
    monkeypatch.setattr("PIL.EpsImagePlugin.has_ghostscript", lambda: True)
    stream = io.BytesIO()
    PICTURE.save(stream, "EPS")
    (tmp_path / name).write_bytes(stream.getvalue())
    for read in (read_image, image_size, read_photo):
        with pytest.raises(InputError, match=name):
            read(tmp_path / name)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_several_frames_are_refused(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"a.{format.lower()}"
    PICTURE.save(path, format, save_all=True, append_images=[PICTURE.rotate(180)], lossless=True)
    with pytest.raises(InputError, match="holds 2 images"):
        read_image(path)


def test_a_png_whose_rows_end_early_is_refused(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + b"\xc8" * 30 for _ in range(3))
    header = struct.pack(">IIBBBBB", 10, 9000, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    with pytest.raises(InputError, match="broken image"):
        read_image(tmp_path / "a.png")


def test_colours_of_16_bits_are_refused(tmp_path: Path) -> None:
    """Pillow reads them as 8 bits, and drops what they say of transparency."""
    rows = b"\0" + b"\x12\x34" * 3
    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"tRNS", b"\x12\x34" * 3), chunk(b"IDAT", zlib.compress(rows))]
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join([*parts, chunk(b"IEND", b"")]))
    with pytest.raises(InputError, match="16 bits"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_every_format_is_read_as_pillow_reads_it(tmp_path: Path, format: str) -> None:
    for picture in (PICTURE, PICTURE.convert("L")):
        path = tmp_path / f"a.{format.lower()}"
        picture.save(path, format)
        with Image.open(path) as image:
            expected = np.array(image)
        if format == "WEBP" and picture.mode == "L":
            continue  # WebP has no grey
        np.testing.assert_array_equal(read_image(path), expected)


def test_hidden_files_and_folders_are_no_images(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png")
    for name in ("._a.png", ".DS_Store", ".part-12345678-x.png"):
        (tmp_path / name).write_bytes(b"no image")
    (tmp_path / "folder.png").mkdir()
    assert image_files(tmp_path) == [tmp_path / "a.png"]


def test_random_damage_never_ends_in_a_traceback(tmp_path: Path) -> None:
    """Two hundred files of every format with a few bytes changed (seed 0)."""
    random = np.random.default_rng(0)
    for format in ("PNG", "JPEG", "BMP", "TIFF", "WEBP"):
        stream = io.BytesIO()
        PICTURE.save(stream, format)
        whole = np.frombuffer(stream.getvalue(), np.uint8)
        path = tmp_path / "a.png"
        for _ in range(40):
            damaged = whole.copy()
            damaged[random.integers(0, len(whole), 4)] = random.integers(0, 256, 4)
            path.write_bytes(damaged.tobytes())
            try:
                read_image(path)
            except InputError as error:
                assert "a.png" in str(error)  # noqa: PT017
