"""TIFF of every depth and kind of alpha, as tifffile and Pillow write it."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from sr.errors import InputError
from sr.photos.photo import read_photo

CASES = Path(__file__).parent / "cases"
RANDOM = np.random.default_rng(0)


def packed(samples: np.ndarray, bits: int) -> bytes:
    """Rows of samples of any number of bits, each row filled up to whole bytes (TIFF 6.0, sec. 3)."""
    rows = []
    for row in samples.reshape(len(samples), -1):
        text = "".join(f"{int(value):0{bits}b}" for value in row)
        text += "0" * (-len(text) % 8)
        rows.append(int(text, 2).to_bytes(len(text) // 8, "big"))
    return b"".join(rows)


def handmade(path: Path, samples: np.ndarray, bits: int, photometric: int, extra: int | None = None) -> None:
    """A TIFF in big-endian order of one strip, written byte by byte."""
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    data = packed(samples, bits)
    entries = [(256, 3, [width]), (257, 3, [height]), (258, 3, [bits] * channels), (259, 3, [1])]
    entries += [(262, 3, [photometric]), (273, 4, [0]), (277, 3, [channels]), (278, 3, [height])]
    entries += [(279, 4, [len(data)])]
    entries += [] if extra is None else [(338, 3, [extra])]
    place = 8 + 2 + 12 * len(entries) + 4
    directory, behind = len(entries).to_bytes(2, "big"), b""
    strip = place + sum(2 * len(v) for _, k, v in entries if k == 3 and len(v) > 2)
    for tag, kind, values in entries:
        numbers = [strip] if tag == 273 else values
        content = b"".join(int(n).to_bytes(2 if kind == 3 else 4, "big") for n in numbers)
        if len(content) > 4:
            content, behind = (place + len(behind)).to_bytes(4, "big"), behind + content
        directory += tag.to_bytes(2, "big") + kind.to_bytes(2, "big") + len(numbers).to_bytes(4, "big")
        directory += content.ljust(4, b"\0")
    path.write_bytes(b"MM\0*\0\0\0\x08" + directory + b"\0\0\0\0" + behind + data)


@pytest.mark.parametrize("bits", range(1, 17))
@pytest.mark.parametrize(("photometric", "channels"), [(0, 1), (1, 1), (2, 3)])
def test_every_depth_fills_eight_or_sixteen_bits(
    bits: int, photometric: int, channels: int, tmp_path: Path
) -> None:
    shape = (5, 7) if channels == 1 else (5, 7, channels)
    samples = RANDOM.integers(0, 2**bits, shape)
    samples.flat[:2] = 0, 2**bits - 1
    handmade(tmp_path / "a.tif", samples, bits, photometric)
    image = read_photo(tmp_path / "a.tif")
    white = 255 if bits <= 8 else 65535
    assert image.white == white
    shown = samples if photometric else 2**bits - 1 - samples
    assert np.abs(image.pixels - shown * (white / (2**bits - 1))).max() <= 0.5


def test_twelve_bits_of_the_case() -> None:
    image = read_photo(CASES / "g12.tif")
    assert image.pixels.dtype == np.uint16
    assert (image.pixels.min(), image.pixels.max()) == (0, 65535)


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("colours", [1, 3])
def test_colours_multiplied_by_alpha_are_divided(bits: int, colours: int, tmp_path: Path) -> None:
    largest = 2**bits - 1
    alpha = RANDOM.integers(largest // 4, largest + 1, (5, 7, 1))
    straight = RANDOM.integers(0, largest + 1, (5, 7, colours))
    stored = np.round(straight * alpha / largest)
    handmade(tmp_path / "a.tif", np.dstack([stored, alpha]), bits, 2 if colours == 3 else 1, extra=1)
    image = read_photo(tmp_path / "a.tif")
    assert image.alpha is not None
    found = image.pixels if colours == 3 else image.pixels[..., None]
    # Rounding before the division grows by at most 4.
    assert np.abs(found / image.white - straight / largest).max() * largest <= 2.6
    handmade(tmp_path / "b.tif", np.dstack([straight, alpha]), bits, 2 if colours == 3 else 1, extra=2)
    plain = read_photo(tmp_path / "b.tif").pixels.reshape(5, 7, colours)
    assert np.abs(plain / image.white - straight / largest).max() * largest <= 0.51


def test_the_cases_of_both_depths_agree() -> None:
    deep, shallow = read_photo(CASES / "rgba16_assoc.tif"), read_photo(CASES / "rgba_assoc.tif")
    assert deep.alpha is not None
    assert shallow.alpha is not None
    assert np.abs(deep.pixels / 257.0 - shallow.pixels).max() < 2
    assert np.abs(deep.alpha / 257.0 - shallow.alpha).max() < 1


def test_channels_that_are_no_alpha_are_left_out_by_name(tmp_path: Path) -> None:
    samples = RANDOM.integers(0, 256, (5, 7, 4), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="rgb", extrasamples=["unspecified"])
    image = read_photo(tmp_path / "a.tif")
    assert image.alpha is None
    assert np.array_equal(image.pixels, samples[..., :3])
    assert "channels that are no alpha" in image.metadata.left_out


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_what_pillow_writes_is_read_as_pillow_reads_it(
    mode: str, compression: str | None, tmp_path: Path
) -> None:
    picture = (
        Image.fromarray(RANDOM.integers(0, 256, (12, 16, 4), dtype=np.uint8)).convert("RGB").convert(mode)
    )
    picture.save(tmp_path / "a.tif", compression=compression)
    with Image.open(tmp_path / "a.tif") as image:
        expected = np.array(image.convert({"P": "RGB", "1": "L"}.get(mode, mode)))
    found = read_photo(tmp_path / "a.tif")
    samples = found.pixels if found.alpha is None else np.dstack([found.pixels, found.alpha])
    assert np.array_equal(samples, expected)


@pytest.mark.parametrize(
    ("samples", "options", "reason"),
    [
        (np.zeros((4, 4), np.float32), {}, "no unsigned whole numbers"),
        (np.zeros((4, 4), np.int16), {}, "no unsigned whole numbers"),
        (np.zeros((4, 4), np.uint32), {}, "32 bits"),
        (np.zeros((4, 4, 4), np.uint16), {"photometric": "separated"}, "SEPARATED"),
        (np.zeros((4, 4, 3), np.uint16), {"photometric": "cielab"}, "CIELAB"),
        (np.zeros((2, 4, 4), np.uint8), {}, "holds 2 images"),
    ],
)
def test_other_samples_are_refused(samples: np.ndarray, options: dict, reason: str, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", samples, **({"photometric": "minisblack"} | options))
    with pytest.raises(InputError, match=reason):
        read_photo(tmp_path / "a.tif")
