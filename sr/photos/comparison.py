"""A labelled picture of a result next to bicubic."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sr.images import write_png
from sr.photos.photo import Photo
from sr.photos.upscale import enlarge_bicubic

# Bytes that a pixel of the result takes here: two pictures, both side by side, and Pillow's copy with four.
BYTES = 2 * (3 + 3 + 4)


def write_comparison(path: Path, lr: Photo, sr: Photo, scale: float) -> None:
    """Bicubic to the left, the network's result to the right, 8-bit PNG without alpha."""
    halves = [_labelled("bicubic", enlarge_bicubic(lr, scale)), _labelled("network", sr.pixels)]
    gap = np.full((len(halves[0]), 8, 3), 255, np.uint8)
    write_png(path, np.hstack([halves[0], gap, halves[1]]))


def _labelled(label: str, pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """The picture under a strip with its name."""
    eight_bits = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    picture = Image.fromarray(eight_bits).convert("RGB")
    size = max(12, picture.height // 40)
    canvas = Image.new("RGB", (picture.width, picture.height + 2 * size), "white")
    canvas.paste(picture, (0, 2 * size))
    ImageDraw.Draw(canvas).text(
        (size // 2, size // 2), label, fill="black", font=ImageFont.load_default(size)
    )
    return np.asarray(canvas)
