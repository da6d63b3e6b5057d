"""Reading and writing images, and the luma that the papers measure on.

Arrays are uint8, height x width (stored as grey) or height x width x 3 (RGB).
Tensors are float32 in [0, 1], 3 x height x width.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sr.errors import InputError
from sr.files import atomic_path
from sr.remembered import remembered

Pixels = NDArray[np.uint8]

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
_ENDINGS = frozenset(extension[1:] for extension in EXTENSIONS)

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


def read_image(path: Path) -> Pixels:
    """Read an 8-bit RGB or grey image exactly as stored.

    Returns uint8, height x width x 3, or height x width for an image stored as single-channel.
    Raises InputError for a missing, truncated, non-image, 16-bit, palette, alpha or CMYK file.
    """
    try:
        with Image.open(path) as image:
            if image.mode not in ("RGB", "L"):
                reason = _REMEDIES.get(image.mode, f"its pixel format is {image.mode}; save it as 8-bit RGB")
                raise InputError(f"{path}: only 8-bit RGB or grey images can be read, and {reason}.")
            if "transparency" in image.info:
                raise InputError(
                    f"{path}: only 8-bit RGB or grey images can be read, and {_REMEDIES['RGBA']}."
                )
            image.load()
            return np.array(image)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: no such image.") from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: not an image file; remove it or replace it by an image.") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: broken image ({error}); fetch or copy it again.") from error


def image_size(path: Path) -> tuple[int, int]:
    """Height and width from an image file's header."""
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"{path}: not a readable image ({error}).") from error


def write_png(path: Path, pixels: Pixels) -> None:
    """Write a uint8 image as PNG, atomically. Level 1: larger files, but written several times faster."""
    with atomic_path(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", compress_level=1)


def image_files(folder: Path) -> list[Path]:
    """Image files directly inside `folder`, sorted by name. Raises InputError when there are none."""
    return [folder / name for name in image_names(folder)]


def image_names(folder: Path) -> tuple[str, ...]:
    """Names of the same files: all there is to do for hundreds of thousands of them where names will do."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder.")
    return _listed(folder)


@remembered
def _listed(folder: Path) -> tuple[str, ...]:
    with os.scandir(folder) as entries:
        parts = [entry.name.rpartition(".") for entry in entries]
    stems = {f"{stem}.{ending}": stem for stem, _, ending in parts if stem and ending.lower() in _ENDINGS}
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
    red, green, blue = (pixels[..., channel] * weight for channel, weight in enumerate(_LUMA))
    values: NDArray[np.float64] = ((red + green) + blue) + 16.0
    # MATLAB rounds halves away from zero; values are positive.
    return np.floor(values + 0.5) if rounded else values


def to_tensor(pixels: NDArray[Any]) -> torch.Tensor:
    """uint8 image, or one of other values in 0..255, to float32 3 x height x width in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(as_rgb(pixels).transpose(2, 0, 1))).float().div_(255.0)


def to_pixels(image: torch.Tensor) -> Pixels:
    """Float 3 x height x width in [0, 1] to uint8 height x width x 3: clipped, rounded to nearest."""
    scaled = image.detach().float().clamp(0.0, 1.0).mul(255.0).round()
    return scaled.to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()
