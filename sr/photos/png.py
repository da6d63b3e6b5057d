"""PNG: samples of 8 and 16 bits, of which Pillow reads colours with 8 bits only, and what goes with them."""

import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image

from sr.photos.metadata import Metadata, Samples

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIGNATURE_AND_HEADER = len(_SIGNATURE) + 25  # and the chunk IHDR
# Chunks about colour, each with what it holds where that is sRGB's (PNG, third edition, 11.3.2).
_COLOUR = {
    b"sRGB": (b"\0", b"\1", b"\2", b"\3"),
    b"gAMA": (struct.pack(">I", 45455),),
    b"cHRM": (struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),),
    b"cICP": (b"\1\x0d\0\1",),
}
_PLAIN = ("L", "LA", "RGB", "RGBA", "I;16", "I;16B", "I")
_INCH = 0.0254  # metres
_LONGEST_KEYWORD = 79


def read(path: Path, image: Image.Image) -> Samples | None:
    """uint8 or uint16, height x width [x 2 to 4], of an open PNG; None for palettes and single bits."""
    with path.open("rb") as stream:
        bits = stream.read(25)[24]
    if 1 < bits < 8 and image.mode == "L":
        return _with_transparency(np.array(image), _eight_bits(image.info.get("transparency"), bits))
    if bits < 8 or image.mode not in _PLAIN:
        return None
    samples = imagecodecs.png_decode(path.read_bytes())
    # Rows that end too early, Pillow reads as black.
    if samples.shape[:2] != (image.height, image.width):
        raise ValueError(f"its pixels are {samples.shape} where its header says {image.size}")
    return _with_transparency(samples, image.info.get("transparency"))


def write(path: Path, samples: Samples, metadata: Metadata) -> list[str]:
    """Write height x width [x 2 to 4] samples with all metadata. Returns what could not be kept: nothing."""
    encoded = bytes(imagecodecs.png_encode(np.ascontiguousarray(samples), level=4))
    with path.open("wb") as stream:
        stream.write(encoded[:_SIGNATURE_AND_HEADER])
        stream.write(_chunks(metadata))
        stream.write(memoryview(encoded)[_SIGNATURE_AND_HEADER:])
    return []


def colour_chunks(path: Path) -> dict[str, bytes]:
    """The chunks of a PNG that say how samples become colours, but for a profile, as they stand in it."""
    with path.open("rb") as stream:
        stream.seek(len(_SIGNATURE))
        found = {}
        while len(head := stream.read(8)) == 8 and head[4:] != b"IDAT":
            size = int.from_bytes(head[:4], "big")
            if head[4:] not in _COLOUR:
                stream.seek(size + 4, os.SEEK_CUR)
                continue
            found[head[4:].decode()] = head + stream.read(size + 4)
        return found


def unusual(chunks: Mapping[str, bytes]) -> list[str]:
    """Of those, the names that say something else than what every program assumes, sRGB."""
    return [name for name, chunk in chunks.items() if chunk[8:-4] not in _COLOUR[name.encode()]]


def _eight_bits(grey: object, bits: int) -> object:
    """A grey value of fewer bits as Pillow turns those of pixels into 8; it leaves that of tRNS as it is.

    Of tRNS's 16 bits only as many as a sample has count (PNG, third edition, tRNS).
    """
    most = 2**bits - 1
    return (grey & most) * (255 // most) if isinstance(grey, int) else grey


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


def _chunks(metadata: Metadata) -> bytes:
    """Colours, density, EXIF and texts, which may all stand after the header (PNG, third edition, 11.3)."""
    chunks = b"".join(metadata.colour.values())
    if metadata.icc_profile:
        chunks += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc_profile))
    if metadata.density:
        metres = [round(dots / _INCH) for dots in metadata.density]
        chunks += _chunk(b"pHYs", struct.pack(">IIB", *metres, 1))
    if metadata.exif:
        chunks += _chunk(b"eXIf", metadata.exif.removeprefix(b"Exif\0\0"))
    texts = dict(metadata.texts)
    for key, value in texts.items():
        chunks += _text(key, value.encode())
    if metadata.xmp:
        chunks += _text("XML:com.adobe.xmp", metadata.xmp)
    return chunks


def _text(key: str, value: bytes) -> bytes:
    """International text, not compressed; a keyword is Latin-1."""
    keyword = key.encode("latin-1", "replace").replace(b"\0", b"")[:_LONGEST_KEYWORD] or b"Comment"
    return _chunk(b"iTXt", keyword + b"\0\0\0\0\0" + value)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
