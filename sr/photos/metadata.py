"""EXIF, colour profile and orientation of a photograph."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

# Height x width [x channels], uint8 or uint16.
Samples = NDArray[Any]

# EXIF orientation -> what brings the pixels upright (EXIF 2.32, tag 0x0112).
_UPRIGHT = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}

# Tags that say how a file stores its pixels (TIFF 6.0, sec. 8, and tiles), not what the photograph is.
_LAYOUT = {
    *(254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277, 278, 279, 280, 281, 284, 288, 289, 290, 291),
    *(292, 293, 317, 318, 319, 320, 322, 323, 324, 325, 330, 338, 339, 347, 513, 514, 529, 530, 531, 532),
}
_COLOUR_PROFILE = 34675
_EMPTY = len(Image.Exif().tobytes())


@dataclass(frozen=True)
class Metadata:
    r"""What is kept beside the pixels.

    exif: with orientation reset and without the old image's sizes, in JPEG's form (`Exif\0\0` and a TIFF
        header), or None.
    """

    exif: bytes | None = None
    icc_profile: bytes | None = None

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """The metadata of an open image."""
        return cls(_exif(image), image.info.get("icc_profile"))


def orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 (upright) where there is none."""
    return int(image.getexif().get(ExifTags.Base.Orientation, 1))


def upright(samples: Samples, orientation: int) -> Samples:
    """Height x width [x channels] turned and flipped as the EXIF orientation asks."""
    turn = _UPRIGHT.get(orientation)
    return samples if turn is None else np.ascontiguousarray(turn(samples))


def _exif(image: Image.Image) -> bytes | None:
    source, exif = image.getexif(), Image.Exif()
    directories = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
    for tag, value in source.items():
        if tag not in (*_LAYOUT, _COLOUR_PROFILE, *directories, ExifTags.IFD.Interop):
            exif[tag] = value
    if ExifTags.Base.Orientation in exif:
        exif[ExifTags.Base.Orientation] = 1
    for directory in directories:
        entries = dict(source.get_ifd(directory))
        entries.pop(ExifTags.Base.ExifImageWidth, None)
        entries.pop(ExifTags.Base.ExifImageHeight, None)
        if entries:
            exif.get_ifd(directory).update(entries)
    stored = exif.tobytes()
    return stored if len(stored) > _EMPTY else None
