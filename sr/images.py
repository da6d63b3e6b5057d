"""Reading and writing images, and the luma that the papers measure on.

Arrays are uint8, height x width (stored as grey) or height x width x 3 (RGB).
Tensors are float32 in [0, 1], 3 x height x width.
"""

import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import BITSPERSAMPLE, TiffImageFile

from sr.errors import InputError
from sr.files import atomic_path
from sr.remembered import remembered

Pixels = NDArray[np.uint8]

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
_ENDINGS = frozenset(extension[1:] for extension in EXTENSIONS)

# What is opened, by content; an MPO, several views in one file, opens as JPEG.
_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP")
# What Pillow and imagecodecs raise on files that are damaged, or were made to be.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)

# MATLAB's rgb2ycbcr, ITU-R BT.601, for R, G, B in 0..255: Y in 16..235. It multiplies by the rounded 1/255.
_LUMA = np.array([65.481, 128.553, 24.966]) * (1.0 / 255.0)

_REMEDIES = {
    "P": "it has a palette; save it as RGB",
    "PA": "it has a palette; save it as RGB",
    "RGBA": "it has an alpha channel; save it without transparency",
    "LA": "it has an alpha channel; save it without transparency",
    "CMYK": "its colours are CMYK; save it as RGB",
    "1": "it has one bit per pixel; save it as 8-bit grey",
}


def open_image(path: Path) -> Image.Image:
    """An image file's header, by Pillow: of the named formats only, whatever the file's name ends in.

    Other formats would run other programs: PostScript starts Ghostscript.
    """
    return Image.open(path, formats=_FORMATS)


def read_image(path: Path) -> Pixels:
    """Read an 8-bit RGB or grey image exactly as stored.

    Returns uint8, height x width x 3, or height x width for an image stored as single-channel.
    Raises InputError for a missing, truncated, non-image, 16-bit, palette, alpha or CMYK file, an animation,
    and several pages.
    """
    try:
        with _no_warnings(), open_image(path) as image:
            _require_plain(path, image)
            return _png(path, image) if image.format == "PNG" else np.array(image)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: no such image.") from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: not an image file; remove it or replace it by an image.") from None
    except _BROKEN as error:
        raise InputError(f"{path}: broken image ({error}); fetch or copy it again.") from error


def _png(path: Path, image: Image.Image) -> Pixels:
    """A PNG's pixels. Pillow reads rows that end too early as black below, and so does not serve."""
    try:
        from imagecodecs import png_decode
    except ImportError:  # a machine that only trains, on images that this project made
        return np.array(image)
    return _rows_of(image, png_decode(path.read_bytes()))


def image_size(path: Path) -> tuple[int, int]:
    """Height and width from an image file's header."""
    try:
        with _no_warnings(), open_image(path) as image:
            return image.height, image.width
    except _BROKEN as error:
        raise InputError(f"{path}: not a readable image ({error}).") from error


def _require_plain(path: Path, image: Image.Image) -> None:
    only = f"{path}: only 8-bit RGB or grey images can be read, and"
    # An MPO is a JPEG with further views of the same scene; the first is the photograph.
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise InputError(f"{path}: holds {frames} images (an animation or pages); save one of them.")
    # Pillow reads 16-bit colours as 8-bit ones.
    if _depth(path, image) > 8:
        raise InputError(f"{only} its pixels have {_depth(path, image)} bits a sample; save it with 8.")
    if image.mode not in ("RGB", "L"):
        raise InputError(
            f"{only} {_REMEDIES.get(image.mode, f'its pixel format is {image.mode}; save it as 8-bit RGB')}."
        )
    if "transparency" in image.info:
        raise InputError(f"{only} {_REMEDIES['RGBA']}.")


def _depth(path: Path, image: Image.Image) -> int:
    """Bits a sample at most, from the header of a PNG or TIFF; 8 for other formats."""
    if isinstance(image, TiffImageFile):
        return max(image.tag_v2.get(BITSPERSAMPLE, (8,)))
    if image.format != "PNG":
        return 8
    with path.open("rb") as stream:
        return stream.read(25)[24]


def _rows_of(image: Image.Image, pixels: Pixels) -> Pixels:
    shape = (image.height, image.width) + ((3,) if image.mode == "RGB" else ())
    if pixels.shape != shape or pixels.dtype != np.uint8:
        raise ValueError(f"its pixels are {pixels.dtype} {pixels.shape} where its header says {shape}")
    return pixels


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Pillow's own, about sizes and odd metadata."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def write_png(path: Path, pixels: Pixels) -> None:
    """Write a uint8 image as PNG, atomically. Level 1: larger files, but written several times faster."""
    with atomic_path(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", compress_level=1)


def is_image(path: Path | os.DirEntry[str]) -> bool:
    """Whether a file counts as an image by its name: hidden ones and folders do not."""
    ending = path.name.rpartition(".")[2].lower()
    return ending in _ENDINGS and not path.name.startswith(".") and path.is_file()


def image_files(folder: Path) -> list[Path]:
    """Image files directly inside `folder`, sorted by name. Raises InputError when there are none."""
    return [folder / name for name in image_names(folder)]


def image_names(folder: Path) -> tuple[str, ...]:
    """Names of the same files: all there is to do for hundreds of thousands of them where names will do."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder.")
    return _listed(folder)


def image_tree(folder: Path) -> list[str]:
    """Paths of the image files at any depth below `folder`, relative to it and sorted.

    Raises InputError when there are none.
    """
    found = sorted(_tree(folder, "")) if folder.is_dir() else []
    if not found:
        raise InputError(f"{folder}: holds no images ({', '.join(EXTENSIONS)}).")
    return found


def count_images(folder: Path, enough: int, *, deep: bool = False) -> int:
    """How many image files are inside `folder`, at any depth where it is deep; `enough` at most."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder.")
    names = _tree(folder, "") if deep else (entry.name for entry in os.scandir(folder) if is_image(entry))
    return sum(1 for _ in islice(names, enough))


def _tree(folder: Path | str, below: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    yield from _tree(entry.path, f"{below}{entry.name}/")
            elif is_image(entry):
                yield below + entry.name


@remembered
def _listed(folder: Path) -> tuple[str, ...]:
    with os.scandir(folder) as entries:
        parts = [entry.name.rpartition(".") for entry in entries if is_image(entry)]
    stems = {f"{stem}.{ending}": stem for stem, _, ending in parts}
    names = tuple(sorted(stems))
    if not names:
        raise InputError(f"{folder}: holds no images ({', '.join(EXTENSIONS)}).")
    if len(set(stems.values())) < len(names):
        first: dict[str, str] = {}
        for name in names:
            if stems[name] in first:
                raise InputError(
                    f"{folder / name}: {first[stems[name]]} has the same name; remove one of the two."
                )
            first[stems[name]] = name
    return names


def as_rgb(pixels: NDArray[Any]) -> NDArray[Any]:
    """Height x width x 3: a grey image gets three equal channels."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)


def crop_to_multiple(pixels: Pixels, scale: int) -> Pixels:
    """Cut rows and columns at the bottom and right so that both sizes are multiples of `scale`."""
    height, width = pixels.shape[:2]
    return pixels[: height - height % scale, : width - width % scale]


def luma(pixels: Pixels, *, rounded: bool) -> NDArray[np.float64]:
    """Y of MATLAB's `rgb2ycbcr` (16..235) for a uint8 RGB image, height x width.

    rounded: round to whole numbers, as MATLAB does when it returns uint8. Sums are taken in MATLAB's order,
    ((red + green) + blue) + 16, in double precision: another order rounds some pixels the other way.
    """
    values: NDArray[np.float64] = pixels[..., 0] * _LUMA[0]
    values += pixels[..., 1] * _LUMA[1]
    values += pixels[..., 2] * _LUMA[2]
    values += 16.0
    # MATLAB rounds halves away from zero; values are positive.
    return np.floor(values + 0.5) if rounded else values


def to_tensor(pixels: NDArray[Any]) -> torch.Tensor:
    """uint8 image, or one of other values in 0..255, to float32 3 x height x width in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(as_rgb(pixels).transpose(2, 0, 1))).float().div_(255.0)


def to_pixels(image: torch.Tensor) -> Pixels:
    """Float 3 x height x width in [0, 1] to uint8 height x width x 3: clipped, rounded to nearest."""
    scaled = image.detach().float().clamp(0.0, 1.0).mul(255.0).round()
    return scaled.to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()
