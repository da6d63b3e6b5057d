"""Photographs as users have them: any depth, alpha, palette, orientation, EXIF and colour profile.

Reading a benchmark's images stays strict (`sr.images`); here everything is carried along instead.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

from sr.errors import InputError
from sr.files import atomic_path
from sr.images import open_image
from sr.photos import deep_colour
from sr.photos.metadata import Metadata, Samples, orientation, upright

Format = Literal["PNG", "JPEG", "WEBP", "TIFF"]
SUFFIXES: dict[str, Format] = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}

_REFUSED = {
    "CMYK": "its colours are CMYK; convert it to RGB first",
    "YCbCr": "its colours are YCbCr; convert it to RGB first",
    "LAB": "its colours are CIELAB; convert it to RGB first",
    "HSV": "its colours are HSV; convert it to RGB first",
    "F": "its pixels are floating point; save it with 8 or 16 bits",
    "I": "its pixels have 32 bits; save it with 8 or 16 bits",
}
_LARGEST_SIDE = {"WEBP": 16383, "JPEG": 65500}


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
    """Read a PNG, JPEG, WebP or TIFF of 8 or 16 bits with everything that belongs to it.

    Raises InputError for a missing or broken file, another format, an animation, or CMYK.
    """
    try:
        with open_image(path) as image:
            _refuse(path, image)
            deep = deep_colour.is_deep(path, image)
            samples = deep_colour.read(path, image) if deep else _samples(image)
            return photo(upright(samples, orientation(image)), Metadata.of(image))
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: no such image.") from None
    except UnidentifiedImageError:
        raise InputError(
            f"{path}: not an image file of PNG, JPEG, WebP or TIFF; convert or remove it."
        ) from None
    except Image.DecompressionBombError:
        raise InputError(f"{path}: too large to be read safely; cut it into parts.") from None
    except (OSError, SyntaxError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: broken image ({error}); copy it again.") from error


def from_pillow(image: Image.Image) -> Photo:
    """A photo from an open Pillow image of 8 bits, as it is stored (not turned).

    Raises InputError for CMYK and other colours, and for 16 bits: give those as an array.
    """
    if image.mode.startswith("I;16"):
        raise InputError("a Pillow image of 16 bits: give it as a NumPy array of uint16.")
    if image.mode in _REFUSED:
        raise InputError(f"a Pillow image: {_REFUSED[image.mode]}.")
    return photo(_samples(image), Metadata())


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


def write_photo(path: Path, image: Photo) -> None:
    """Write a photo in the format of the path's suffix, atomically.

    JPEG and WebP get quality 95, PNG and TIFF lose nothing.
    Raises InputError when the format can not hold the image.
    """
    check_format(path, image)
    samples, format = samples_of(image), SUFFIXES[path.suffix.lower()]
    with atomic_path(path) as temporary:
        if samples.dtype == np.uint16:
            deep_colour.write(temporary, samples, image.metadata, format)
        else:
            _write_8_bit(temporary, samples, image.metadata, format)


def check_format(path: Path, image: Photo, scale: int = 1) -> None:
    """Raise InputError when the format of the path's suffix can not hold the image enlarged by `scale`."""
    format = SUFFIXES[path.suffix.lower()]
    if format == "JPEG" and image.alpha is not None:
        raise InputError(f"{path}: JPEG has no transparency; use --format png.")
    if format in ("JPEG", "WEBP") and image.pixels.dtype != np.uint8:
        raise InputError(f"{path}: {format} holds 8 bits, the image has 16; use --format png.")
    if (
        format == "TIFF"
        and image.pixels.dtype != np.uint8
        and image.pixels.ndim == 2
        and image.alpha is not None
    ):
        raise InputError(f"{path}: few programs read grey TIFF of 16 bits with alpha; use --format png.")
    side = scale * max(image.pixels.shape[:2])
    if side > _LARGEST_SIDE.get(format, side):
        raise InputError(f"{path}: {side} pixels are too many for {format}; use --format png.")


def _refuse(path: Path, image: Image.Image) -> None:
    if image.format not in (*SUFFIXES.values(), "MPO"):
        raise InputError(f"{path}: {image.format} is not among PNG, JPEG, WebP and TIFF; convert it first.")
    # An MPO is a JPEG with further views of the same scene; the first is the photograph.
    frames = getattr(image, "n_frames", 1)
    if image.format != "MPO" and frames > 1:
        raise InputError(f"{path}: holds {frames} images (an animation or pages); save one of them.")
    if image.mode in _REFUSED:
        raise InputError(f"{path}: {_REFUSED[image.mode]}.")


def _samples(image: Image.Image) -> Samples:
    """8-bit grey, grey and alpha, RGB or RGB and alpha, whatever way they are stored."""
    has_alpha = image.has_transparency_data
    grey = image.mode in ("1", "L", "LA", "La")
    return np.array(image.convert(("LA" if has_alpha else "L") if grey else ("RGBA" if has_alpha else "RGB")))


def _write_8_bit(path: Path, samples: Samples, metadata: Metadata, format: Format) -> None:
    options: dict[Format, dict[str, Any]] = {
        "PNG": {"compress_level": 4},
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"quality": 95},
        "TIFF": {},  # compressed, it could not hold EXIF's sub-directories
    }
    kept = {"exif": metadata.exif, "icc_profile": metadata.icc_profile}
    present = {key: value for key, value in kept.items() if value}
    Image.fromarray(samples).save(path, format, **options[format], **present)
