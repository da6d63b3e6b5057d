"""Reading the images of large collections, of which a few are always odd: CMYK, wrongly named, broken."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from sr.errors import InputError
from sr.images import Pixels, as_rgb, image_size, open_image, read_image

# Pixel formats that Pillow turns into RGB without a choice to make; of transparency there is one.
_CONVERTED = {"CMYK": "CMYK", "P": "palette", "1": "one bit"}
_BEGINNINGS = {
    b"\x89PNG": (".png",),
    b"\xff\xd8\xff": (".jpg", ".jpeg"),
    b"BM": (".bmp",),
    b"II*\0": (".tif", ".tiff"),
    b"MM\0*": (".tif", ".tiff"),
    b"RIFF": (".webp",),
}


@dataclass(frozen=True)
class TrainingImage:
    """RGB pixels, height x width x 3. converted: what the file was instead, empty where it was just that."""

    pixels: Pixels
    converted: str = ""


def read_training_image(path: Path) -> TrainingImage:
    """An image as 8-bit RGB, whatever its name ends in; CMYK, palettes and single bits are converted.

    Raises InputError for what can not be read, and for 16-bit, transparent and moving images.
    """
    try:
        pixels, converted = read_image(path), ""
    except InputError as error:
        pixels, converted = _as_converted(path, error)
    if not converted and _is_named_wrongly(path):
        converted = "named wrongly"
    return TrainingImage(as_rgb(pixels), converted)


def bytes_as_rgb(path: Path) -> int:
    """What an image takes in memory as 8-bit RGB, by its header; 0 where that can not be read."""
    try:
        height, width = image_size(path)
    except InputError:
        return 0
    return 3 * height * width


def _as_converted(path: Path, refusal: InputError) -> tuple[Pixels, str]:
    """The pixels of an image in a convertible format; raises `refusal` for any other."""
    try:
        with open_image(path) as image:
            if image.mode not in _CONVERTED or "transparency" in image.info or _is_moving(image):
                raise refusal
            return np.asarray(image.convert("RGB")), _CONVERTED[image.mode]
    except InputError:
        raise
    except Exception:  # whatever Pillow raises on a broken file has been put into words already
        raise refusal from None


def _is_moving(image: Image.Image) -> bool:
    return getattr(image, "n_frames", 1) > 1 and image.format != "MPO"


def _is_named_wrongly(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(4)
    endings = next((names for begin, names in _BEGINNINGS.items() if head.startswith(begin)), ())
    return bool(endings) and path.suffix.lower() not in endings
