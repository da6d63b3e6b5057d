"""TIFF: grey and RGB of up to 16 bits, with alpha of both kinds; Pillow takes some of them for others."""

import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from sr.errors import InputError
from sr.photos.metadata import Metadata, Samples, attempt, orientation, tag_name, upright
from sr.photos.sizes import require_plausible

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_GREY, _RGB = (tifffile.PHOTOMETRIC.MINISWHITE, tifffile.PHOTOMETRIC.MINISBLACK), tifffile.PHOTOMETRIC.RGB
# Whose 8 bits Pillow turns into RGB.
_PILLOWS = (tifffile.PHOTOMETRIC.PALETTE, tifffile.PHOTOMETRIC.YCBCR)
_MOST_BITS = 16
_PREMULTIPLIED = 1
_ALPHAS = (1, 2)
_HEADER = b"II*\0\x08\0\0\0"
_DIRECTORIES = (int(ExifTags.IFD.Exif), int(ExifTags.IFD.GPSInfo))


def is_tiff(path: Path) -> bool:
    """By its first bytes."""
    with path.open("rb") as stream:
        return stream.read(4) in _MAGIC


def read(path: Path) -> tuple[Samples, Metadata] | None:
    """Upright uint8 or uint16, height x width [x 2 to 4], and metadata; None for what Pillow reads.

    Samples of other depths are stretched to 8 or 16 bits; colours that were multiplied by alpha
    (ExtraSamples = 1) are divided by it. Raises InputError for samples that are no whole numbers, of more
    than 16 bits, of other colours, and for several pages.
    """
    with tifffile.TiffFile(path) as stream:
        if len(stream.pages) > 1:
            raise InputError(f"{path}: holds {len(stream.pages)} images (pages); save one of them.")
        page = stream.pages.first
        if page.photometric in _PILLOWS:
            return None
        require_plausible(path, int(page.imagelength) * int(page.imagewidth))
        bits = _bits(path, page)
        samples = page.asarray()
        if samples.ndim == 3 and page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
            samples = np.moveaxis(samples, 0, -1)
        samples, lost = _channels(path, page, _stretched(samples, bits))
        exif = _exif(path)
        found = Metadata.collect(
            exif, lambda: page.iccprofile, lambda: _bytes(page.tags.valueof(700)), dict, None
        )
    lost += [name for name, tag in (("IPTC", 33723), ("Photoshop's blocks", 34377)) if tag in page.tags]
    metadata = replace(found, texts={}, left_out=(*found.left_out, *lost))
    return upright(samples, orientation(exif)), metadata


def size(path: Path) -> tuple[int, int]:
    """Height and width from the file's header, as stored."""
    with tifffile.TiffFile(path) as stream:
        page = stream.pages.first
        return int(page.imagelength), int(page.imagewidth)


def write(path: Path, samples: Samples, metadata: Metadata) -> list[str]:
    """Write height x width [x 2 to 4] samples, losslessly compressed, with profile, density, XMP and EXIF.

    Returns the names of what could not be kept.
    """
    colour = samples.ndim == 3 and samples.shape[2] >= 3
    alpha = samples.ndim == 3 and samples.shape[2] in (2, 4)
    exif = Image.Exif()
    exif.load(metadata.exif or b"")
    tags, lost = _extra_tags(exif)
    directories = [d for d in _DIRECTORIES if exif.get_ifd(d)]
    if metadata.xmp:
        tags.append((700, "B", len(metadata.xmp), metadata.xmp, True))
    tifffile.imwrite(
        path,
        samples,
        byteorder="<",
        photometric="rgb" if colour else "minisblack",
        planarconfig="contig" if samples.ndim == 3 else None,
        extrasamples=["unassalpha"] if alpha else None,
        compression="adobe_deflate",
        resolution=metadata.density,
        resolutionunit="INCH" if metadata.density else None,
        iccprofile=metadata.icc_profile,
        metadata=None,
        software=False,
        extratags=[*tags, *((d - 1, "I", 1, 0, True) for d in directories)],
    )
    for directory in directories:
        if not _append(path, directory, dict(exif.get_ifd(directory))):
            lost.append("EXIF's directories")
    return [*lost, *(["texts"] if metadata.texts else [])]


def _bits(path: Path, page: Any) -> int:
    """Bits a sample, the same for all of them."""
    kinds = set(np.atleast_1d(page.tags.valueof(339, 1)).tolist())
    depths = set(np.atleast_1d(page.tags.valueof(258, 1)).tolist())
    if page.photometric not in (*_GREY, _RGB):
        name = getattr(page.photometric, "name", page.photometric)
        raise InputError(f"{path}: its colours are {name}; convert it to RGB first.")
    if kinds != {1} or len(depths) > 1 or not 1 <= max(depths) <= _MOST_BITS:
        raise InputError(
            f"{path}: its samples have {'/'.join(map(str, sorted(depths)))} bits"
            f"{'' if kinds == {1} else ' and are no unsigned whole numbers'}; save it with 8 or 16 bits."
        )
    return int(max(depths))


def _stretched(samples: Samples, bits: int) -> Samples:
    """To all of 8 or 16 bits: the largest value stays the largest."""
    if bits in (8, 16):
        return samples
    kind, white = (np.uint8, 255) if bits < 8 else (np.uint16, 65535)
    largest = 2**bits - 1
    return ((samples.astype(np.uint32) * white + largest // 2) // largest).astype(kind)


def _channels(path: Path, page: Any, samples: Samples) -> tuple[Samples, list[str]]:
    """Colours, and alpha where there is any, not multiplied; and what the further channels are."""
    colours = 3 if page.photometric == _RGB else 1
    if samples.ndim not in (2, 3) or samples.dtype not in (np.uint8, np.uint16):
        raise InputError(f"{path}: its pixels are {samples.dtype} {samples.shape}; save it as RGB.")
    planes = samples if samples.ndim == 3 else samples[..., None]
    if planes.shape[2] < colours:
        raise InputError(f"{path}: has {planes.shape[2]} channels where RGB has 3; copy it again.")
    white = int(np.iinfo(samples.dtype).max)
    pixels, extra = planes[..., :colours], planes[..., colours:]
    if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        pixels = white - pixels
    kinds = [int(kind) for kind in np.atleast_1d(page.tags.valueof(338, ()))]
    # Some programs write alpha and do not say so.
    kinds = kinds or [2] * min(extra.shape[2], 1)
    found = [index for index, kind in enumerate(kinds[: extra.shape[2]]) if kind in _ALPHAS]
    lost = ["channels that are no alpha"] if extra.shape[2] > len(found[:1]) else []
    if not found:
        return (pixels if colours == 3 else pixels[..., 0]), lost
    alpha = extra[..., found[0]]
    if kinds[found[0]] == _PREMULTIPLIED:
        pixels = _divided(pixels, alpha, white)
    return np.dstack([pixels, alpha]), lost


def _divided(pixels: Samples, alpha: Samples, white: int) -> Samples:
    """Colours as they were before they were multiplied by alpha; 0 where nothing of them is left."""
    by = np.maximum(alpha, 1).astype(np.uint64)[..., None]
    values = (pixels.astype(np.uint64) * white + by // 2) // by
    return np.minimum(values, white).astype(pixels.dtype) * (alpha > 0)[..., None]


def _exif(path: Path) -> Image.Exif | None:
    def load() -> Image.Exif:
        exif = Image.Exif()
        with path.open("rb") as stream:
            exif.load_from_fp(stream)
            for directory in _DIRECTORIES:
                attempt(lambda d=directory: exif.get_ifd(d))  # type: ignore[misc]
        return exif

    return attempt(load)


def _bytes(value: Any) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else bytes(value)


def _extra_tags(exif: Image.Exif) -> tuple[list[tuple[int, str, int, Any, bool]], list[str]]:
    """EXIF's texts as TIFF's own tags, and the names of what is no text and not kept in another place."""
    elsewhere = (*_DIRECTORIES, 274, 282, 283, 296, 531)
    tags, lost = [], []
    for tag, value in exif.items():
        if tag in elsewhere:
            continue
        if isinstance(value, str):
            text = value.encode()
            tags.append((int(tag), "s", 0, text, True))
        else:
            lost.append(tag_name(tag))
    return tags, lost


def _append(path: Path, tag: int, entries: dict[int, Any]) -> bool:
    """Put a directory at the file's end, and `tag` with its place where the tag before it holds one open.

    tifffile writes no such tags itself. False in files of 4 GB and more, whose directories are otherwise.
    """
    directory = ImageFileDirectory_v2(_HEADER)
    for key, value in entries.items():
        directory[key] = value
    with tifffile.TiffFile(path, mode="r+") as stream:
        if stream.is_bigtiff:
            return False
        handle, held_open = stream.filehandle, stream.pages.first.tags[tag - 1]
        end = handle.size + handle.size % 2
        handle.seek(end)
        handle.write(directory.tobytes(end))
        handle.seek(held_open.valueoffset)
        handle.write(struct.pack("<I", end))
        handle.seek(held_open.offset)
        handle.write(struct.pack("<H", tag))
    return True
