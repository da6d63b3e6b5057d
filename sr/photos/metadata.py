"""What belongs to a photograph beside its pixels: EXIF, XMP, colour profile, density, texts.

None of it costs the picture: what can not be read, or can not be written again, is left out by name.
"""

import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngImageFile

# Height x width [x channels], uint8 or uint16.
Samples = NDArray[Any]
Value = TypeVar("Value")

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
# What has its own place: XMP, IPTC, Photoshop's blocks, the colour profile.
_ELSEWHERE = {700, 33723, 34377, 34675}
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
# Of the old image's size, and a directory inside a directory, which only says how names are chosen.
_NOT_KEPT = {ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight, ExifTags.IFD.Interop}
_EMPTY = len(Image.Exif().tobytes())

_CENTIMETRES, _INCHES = 3, 2
_XMP_TEXT = "XML:com.adobe.xmp"
_XMP_ORIENTATION = (rb'(tiff:Orientation=["\'])\d+', rb"(<tiff:Orientation>)\d+")


@dataclass(frozen=True)
class Metadata:
    r"""What is kept beside the pixels.

    exif: with orientation reset and without the old image's sizes, in JPEG's form (`Exif\0\0` and a TIFF
        header), or None.
    xmp: its packet. density: dots per inch, across and down. texts: of PNG, and JPEG's comment. colour: PNG's
        chunks about it, by name.
    left_out: names of what the file held and could not be kept.
    """

    exif: bytes | None = None
    icc_profile: bytes | None = None
    xmp: bytes | None = None
    density: tuple[float, float] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    colour: Mapping[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """The metadata of an open image, whose pixels have been read."""
        # Pixels of a PNG are not read by Pillow, which then knows nothing of what stands behind them.
        attempt(image.load)
        exif = attempt(image.getexif)
        found = cls.collect(
            exif,
            lambda: image.info.get("icc_profile"),
            lambda: image.info.get("xmp"),
            lambda: _texts(image),
            _density_of(image),
        )
        more = [("IPTC", "photoshop" in image.info), ("EXIF", exif is None)]
        return replace(found, left_out=(*found.left_out, *(name for name, lost in more if lost)))

    @classmethod
    def collect(
        cls,
        exif: Image.Exif | None,
        icc_profile: Callable[[], Any],
        xmp: Callable[[], Any],
        texts: Callable[[], dict[str, str]],
        density: tuple[float, float] | None,
    ) -> Self:
        """From what reads each of them; a reader that fails, or gives something else, costs only its own."""
        stored, left_out = _writable(exif) if exif is not None else (None, [])
        profile, packet = attempt(icc_profile), attempt(xmp)
        if isinstance(packet, str):
            packet = packet.encode()
        if packet is not None and not isinstance(packet, bytes):
            left_out.append("XMP")
        return cls(
            stored,
            profile if isinstance(profile, bytes) and profile else None,
            _upright_xmp(packet) if isinstance(packet, bytes) else None,
            density or (attempt(lambda: _density_in(exif)) if exif is not None else None),
            attempt(texts) or {},
            left_out=tuple(left_out),
        )


def attempt(read: Callable[[], Value]) -> Value | None:
    """What `read` gives, or None where it fails, in whatever way the bytes of a file bring that about."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except Exception:
        return None


def orientation(exif: Image.Exif | None) -> int:
    """EXIF orientation, 1 (upright) where there is none or none that means anything."""
    value = attempt(lambda: exif.get(ExifTags.Base.Orientation, 1)) if exif is not None else 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


def upright(samples: Samples, orientation: int) -> Samples:
    """Height x width [x channels] turned and flipped as the EXIF orientation asks."""
    turn = _UPRIGHT.get(orientation)
    return samples if turn is None else np.ascontiguousarray(turn(samples))


def exif_with_density(metadata: Metadata) -> bytes | None:
    """EXIF that also says the density, for formats without another place for it."""
    if metadata.density is None:
        return metadata.exif
    exif = Image.Exif()
    exif.load(metadata.exif or b"")
    exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution] = metadata.density
    exif[ExifTags.Base.ResolutionUnit] = _INCHES
    return exif.tobytes()


def tag_name(tag: int) -> str:
    """How EXIF calls a tag."""
    return ExifTags.TAGS.get(tag) or ExifTags.GPSTAGS.get(tag) or f"tag {tag}"


def _writable(source: Image.Exif) -> tuple[bytes | None, list[str]]:
    """EXIF of the tags that can be written, and the names of the others."""
    exif, lost = Image.Exif(), []
    for tag in attempt(lambda: list(source)) or []:
        if tag in (*_LAYOUT, *_ELSEWHERE, *_DIRECTORIES, ExifTags.IFD.Interop):
            continue
        value = 1 if tag == ExifTags.Base.Orientation else attempt(lambda tag=tag: source[tag])  # type: ignore[misc]
        if value is not None and attempt(lambda tag=tag, value=value: _alone(tag, value)):  # type: ignore[misc]
            exif[tag] = value
        else:
            lost.append(tag_name(tag))
    for directory in _DIRECTORIES:
        kept = {}
        for tag, value in (attempt(lambda d=directory: dict(source.get_ifd(d))) or {}).items():  # type: ignore[misc]
            if tag in _NOT_KEPT:
                continue
            if attempt(lambda d=directory, tag=tag, value=value: _alone(tag, value, d)):  # type: ignore[misc]
                kept[tag] = value
            else:
                lost.append(tag_name(tag))
        if kept:
            exif.get_ifd(directory).update(kept)
    stored = attempt(exif.tobytes)
    if stored is None:
        return None, ["EXIF"]
    return stored if len(stored) > _EMPTY else None, lost


def _alone(tag: int, value: Any, directory: int | None = None) -> bool:
    """Whether EXIF of this one tag can be written and read again."""
    one = Image.Exif()
    (one if directory is None else one.get_ifd(directory))[tag] = value
    again = Image.Exif()
    again.load(one.tobytes())
    return tag in (again if directory is None else again.get_ifd(directory))


def _texts(image: Image.Image) -> dict[str, str]:
    """Of PNG, without what is kept elsewhere; JPEG's comment under that name."""
    if isinstance(image, PngImageFile):
        names = {key: str(value) for key, value in image.text.items()}
        return {key: value for key, value in names.items() if key != _XMP_TEXT and "exif" not in key.lower()}
    comment = image.info.get("comment")
    return {"Comment": comment.decode("utf-8", "replace")} if isinstance(comment, bytes) else {}


def _density_of(image: Image.Image) -> tuple[float, float] | None:
    """What the file says outside of EXIF."""
    # Where a JPEG says nothing of inches or centimetres, Pillow has 72.
    if image.format in ("JPEG", "MPO") and image.info.get("jfif_unit") not in (1, 2):
        return None
    return attempt(lambda: _dots(*image.info["dpi"]))


def _density_in(exif: Image.Exif) -> tuple[float, float] | None:
    unit = exif.get(ExifTags.Base.ResolutionUnit, _INCHES)
    if unit not in (_INCHES, _CENTIMETRES):
        return None
    factor = 2.54 if unit == _CENTIMETRES else 1.0
    across, down = (float(exif[tag]) for tag in (ExifTags.Base.XResolution, ExifTags.Base.YResolution))
    return _dots(factor * across, factor * down)


def _dots(across: Any, down: Any) -> tuple[float, float] | None:
    """As numbers that formats can hold, else None."""
    found = float(across), float(down)
    return found if all(math.isfinite(one) and 1.0 <= one <= 60000.0 for one in found) else None


def _upright_xmp(packet: bytes) -> bytes:
    for pattern in _XMP_ORIENTATION:
        packet = re.sub(pattern, rb"\g<1>1", packet)
    return packet
