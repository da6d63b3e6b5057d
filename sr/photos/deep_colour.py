"""PNG and TIFF with 16 bits a sample, of which Pillow reads colours with 8 bits only."""

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from sr.photos.metadata import Metadata, Samples

_SIGNATURE_AND_HEADER = 8 + 25  # PNG's signature and its IHDR chunk
_BITS_PER_SAMPLE = 258


def is_deep(path: Path, image: Image.Image) -> bool:
    """Whether an open PNG or TIFF stores 16 bits a sample."""
    if image.format == "PNG":
        with path.open("rb") as stream:
            return stream.read(25)[24] == 16
    if isinstance(image, TiffImageFile):
        return max(image.tag_v2.get(_BITS_PER_SAMPLE, (1,))) == 16
    return False


def read(path: Path, image: Image.Image) -> Samples:
    """uint16, height x width [x channels], of a file for which `is_deep` holds."""
    if image.format == "PNG":
        return _with_transparency(imagecodecs.png_decode(path.read_bytes()), image.info.get("transparency"))
    with tifffile.TiffFile(path) as stream:
        page = stream.pages.first
        samples = page.asarray()
        planes = samples.ndim == 3 and page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
        if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
            samples = ~samples
    if samples.dtype != np.uint16:
        raise ValueError(f"its samples are {samples.dtype}")
    return np.moveaxis(samples, 0, -1) if planes else samples


def write(path: Path, samples: Samples, metadata: Metadata, format: str) -> None:
    """Write height x width [x 3 or 4, in PNG also 2] uint16 samples as PNG or TIFF.

    Into TIFF go the profile and EXIF's texts (camera, author, time ...), not its sub-directories.
    """
    if format == "PNG":
        encoded = bytes(imagecodecs.png_encode(np.ascontiguousarray(samples), level=4))
        path.write_bytes(_with_chunks(encoded, metadata))
        return
    colour = samples.ndim == 3 and samples.shape[2] >= 3
    alpha = samples.ndim == 3 and samples.shape[2] in (2, 4)
    tifffile.imwrite(
        path,
        samples,
        photometric="rgb" if colour else "minisblack",
        planarconfig="contig" if samples.ndim == 3 else None,
        extrasamples=["unassalpha"] if alpha else None,
        compression="adobe_deflate",
        iccprofile=metadata.icc_profile,
        metadata=None,
        software=False,
        extratags=_texts(metadata.exif),
    )


def _with_transparency(samples: Samples, colour: object) -> Samples:
    """Samples with an alpha channel where a PNG names one grey value or RGB colour as transparent (tRNS)."""
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        return samples
    clear = None
    if samples.ndim == 2 and isinstance(colour, int):
        clear = samples == colour
    elif samples.ndim == 3 and isinstance(colour, tuple):
        clear = (samples == np.array(colour, samples.dtype)).all(axis=2)
    if clear is None:
        return samples
    return np.dstack([samples, np.where(clear, 0, np.iinfo(samples.dtype).max).astype(samples.dtype)])


def _texts(exif: bytes | None) -> list[tuple[int, str, int, str, bool]]:
    tags = Image.Exif()
    tags.load(exif or b"")
    return [(tag, "s", 0, value, True) for tag, value in tags.items() if isinstance(value, str)]


def _with_chunks(png: bytes, metadata: Metadata) -> bytes:
    """A PNG with profile and EXIF after its header (PNG specification, 11.3.2.3 and 11.3.4.5)."""
    chunks = b""
    if metadata.icc_profile:
        chunks += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc_profile))
    if metadata.exif:
        chunks += _chunk(b"eXIf", metadata.exif.removeprefix(b"Exif\0\0"))
    return png[:_SIGNATURE_AND_HEADER] + chunks + png[_SIGNATURE_AND_HEADER:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
