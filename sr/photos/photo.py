"""Photographs as users have them: any depth, alpha, palette, orientation, EXIF and colour profile.

Reading a benchmark's images stays strict (`sr.images`); here everything is carried along instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

from sr.errors import InputError
from sr.files import NO_ROOM, atomic_path
from sr.images import open_image
from sr.photos import png, tiff
from sr.photos.metadata import Metadata, Samples, attempt, exif_with_density, orientation, upright
from sr.photos.sizes import require_plausible

Format = Literal["PNG", "JPEG", "WEBP", "TIFF", "BMP"]
SUFFIXES: dict[str, Format] = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jfif": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
_NAMES = "PNG, JPEG, WebP, TIFF and BMP"

# Pillow's modes that are read, and what the others are called; a mode that is not known is not read.
_GREY = ("1", "L", "LA", "La")
_COLOUR = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX")
_REFUSED = {
    "CMYK": "its colours are CMYK; convert it to RGB first",
    "YCbCr": "its colours are YCbCr; convert it to RGB first",
    "LAB": "its colours are CIELAB; convert it to RGB first",
    "HSV": "its colours are HSV; convert it to RGB first",
    "F": "its pixels are floating point; save it with 8 or 16 bits",
    "I": "its pixels have 32 bits; save it with 8 or 16 bits",
}
_LARGEST_SIDE = {"WEBP": 16383, "JPEG": 65500, "BMP": 65500}
_LONGEST_IN_JPEG = 65500  # bytes of EXIF or XMP, which must go into one segment


@dataclass(frozen=True)
class Photo:
    """An upright image: orientation is already applied to the pixels.

    pixels: uint8 or uint16, height x width (grey) or height x width x 3.
    alpha: the same type, height x width, or None.
    """

    pixels: Samples
    alpha: Samples | None
    metadata: Metadata

    @property
    def white(self) -> int:
        """The largest value of the pixels' type."""
        return int(np.iinfo(self.pixels.dtype).max)


def read_photo(path: Path) -> Photo:
    """Read a PNG, JPEG, WebP, TIFF or BMP of up to 16 bits with everything that belongs to it.

    More than 8 bits become 16. Raises InputError for a missing or broken file, another format, an
    animation, CMYK, and samples that are no whole numbers.
    """
    with _failures_explained(path):
        found = tiff.read(path) if tiff.is_tiff(path) else None
        if found:
            return photo(*found)
        with _opened(path) as image:
            _refuse(path, image)
            samples = png.read(path, image) if image.format == "PNG" else None
            turned = upright(
                _samples(path, image) if samples is None else samples, orientation(attempt(image.getexif))
            )
            metadata = Metadata.of(image)
            if image.format == "PNG":
                metadata = replace(metadata, colour=png.colour_chunks(path))
            return photo(turned, metadata)


def photo_size(path: Path) -> tuple[int, int]:
    """Height and width from the file's header, as stored. Raises InputError as `read_photo` does."""
    with _failures_explained(path):
        if tiff.is_tiff(path):
            return tiff.size(path)
        with _opened(path) as image:
            return image.height, image.width


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image of any size: Pillow's own limit is for servers, which open files of strangers."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with open_image(path) as image:
            require_plausible(path, image.height * image.width)
            yield image
    finally:
        Image.MAX_IMAGE_PIXELS = limit


@contextmanager
def _failures_explained(path: Path) -> Iterator[None]:
    """Turn whatever a file's bytes bring about into one sentence."""
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: no such image.") from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: not an image file of {_NAMES}; convert or remove it.") from None
    except MemoryError:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise InputError(f"{path}: broken image ({error}); copy it again.") from error
    except Exception as error:
        raise InputError(f"{path}: broken image ({error}); copy it again.") from error


def from_pillow(image: Image.Image) -> Photo:
    """A photo from an open Pillow image of 8 bits, as it is stored (not turned).

    Raises InputError for CMYK and other colours, and for 16 bits: give those as an array.
    """
    if image.mode.startswith("I;16"):
        raise InputError("a Pillow image of 16 bits: give it as a NumPy array of uint16.")
    return photo(_samples("a Pillow image", image), Metadata())


def photo(samples: Samples, metadata: Metadata) -> Photo:
    """A photo from height x width [x 1 to 4] samples: grey, grey and alpha, RGB, or RGB and alpha."""
    if samples.ndim == 2:
        return Photo(samples, None, metadata)
    channels = samples.shape[2]
    pixels = samples[..., 0] if channels < 3 else samples[..., :3]
    alpha = samples[..., -1] if channels in (2, 4) else None
    return Photo(np.ascontiguousarray(pixels), alpha, metadata)


def samples_of(image: Photo) -> Samples:
    """Height x width [x 2 to 4]: the inverse of `photo`."""
    return image.pixels if image.alpha is None else np.dstack([image.pixels, image.alpha])


def write_photo(path: Path, image: Photo) -> list[str]:
    """Write a photo in the format of the path's suffix, atomically; returns what of it could not be kept.

    JPEG and WebP get quality 95, the others lose nothing of the pixels.
    Raises InputError when the format can not hold the image.
    """
    check_format(path, image)
    samples, metadata = samples_of(image), image.metadata
    with atomic_path(path) as temporary:
        match SUFFIXES[path.suffix.lower()]:
            case "PNG":
                lost = png.write(temporary, samples, metadata)
            case "TIFF":
                lost = [*tiff.write(temporary, samples, metadata), *png.unusual(metadata.colour)]
            case format:
                others = _write_8_bit(temporary, samples, metadata, format)
                lost = [*others, *png.unusual(metadata.colour)]
    return list(dict.fromkeys((*metadata.left_out, *lost)))


def check_format(path: Path, image: Photo, scale: float = 1) -> None:
    """Raise InputError when the format of the path's suffix can not hold the image enlarged by `scale`."""
    format = SUFFIXES[path.suffix.lower()]
    if format in ("JPEG", "BMP") and image.alpha is not None:
        raise InputError(f"{path}: {format} has no transparency; use --format png.")
    if format in ("JPEG", "WEBP", "BMP") and image.pixels.dtype != np.uint8:
        raise InputError(f"{path}: {format} holds 8 bits, the image has 16; use --format png.")
    if (
        format == "TIFF"
        and image.pixels.dtype != np.uint8
        and image.pixels.ndim == 2
        and image.alpha is not None
    ):
        raise InputError(f"{path}: few programs read grey TIFF of 16 bits with alpha; use --format png.")
    side = round(scale * max(image.pixels.shape[:2]))
    if side > _LARGEST_SIDE.get(format, side):
        raise InputError(f"{path}: {side} pixels are too many for {format}; use --format png.")


def _refuse(path: Path, image: Image.Image) -> None:
    # An MPO is a JPEG with further views of the same scene; the first is the photograph.
    frames = getattr(image, "n_frames", 1)
    if image.format != "MPO" and frames > 1:
        raise InputError(f"{path}: holds {frames} images (an animation or pages); save one of them.")


def _samples(name: Path | str, image: Image.Image) -> Samples:
    """8-bit grey, grey and alpha, RGB or RGB and alpha, whatever way they are stored."""
    if image.mode not in (*_GREY, *_COLOUR):
        refused = _REFUSED.get(image.mode, f"its pixel format is {image.mode}; save it as RGB of 8 bits")
        raise InputError(f"{name}: {refused}.")
    alpha = image.has_transparency_data
    if image.mode in _GREY:
        return np.array(image.convert("LA" if alpha else "L"))
    return np.array(image.convert("RGBA" if alpha else "RGB"))


def _write_8_bit(path: Path, samples: Samples, metadata: Metadata, format: Format) -> list[str]:
    """JPEG, WebP or BMP. Returns the names of what it can not hold."""
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"quality": 95},
        "BMP": {},
    }
    longest = _LONGEST_IN_JPEG if format == "JPEG" else None
    comment = metadata.texts.get("Comment") if format == "JPEG" else None
    dots = metadata.density and tuple(round(one) for one in metadata.density)
    # WebP has no other place for the density.
    exif = exif_with_density(metadata) if format == "WEBP" else metadata.exif
    has = {
        "exif": exif and exif[:longest] == exif and exif,
        "icc_profile": metadata.icc_profile,
        "xmp": metadata.xmp and metadata.xmp[:longest] == metadata.xmp and metadata.xmp,
        "dpi": dots,
        "comment": comment and comment.encode()[:_LONGEST_IN_JPEG],
    }
    holds = {
        "JPEG": {"exif", "icc_profile", "xmp", "dpi", "comment"},
        "WEBP": {"exif", "icc_profile", "xmp"},
        "BMP": {"dpi"},
    }[format]
    kept = {key: value for key, value in has.items() if value and key in holds}
    Image.fromarray(samples).save(path, format, **options[format], **kept)
    wanted = {
        "exif": ("EXIF", metadata.exif),
        "icc_profile": ("colour profile", metadata.icc_profile),
        "xmp": ("XMP", metadata.xmp),
        "dpi": ("density", format != "WEBP" and metadata.density),
    }
    lost = [name for key, (name, value) in wanted.items() if value and key not in kept]
    return lost + (["texts"] if len(metadata.texts) > bool(comment) else [])
