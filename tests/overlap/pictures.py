"""Pictures to compare, and the changes that copies of them undergo."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from sr.images import Pixels


def picture(seed: int, height: int = 120, width: int = 160) -> Pixels:
    """Smooth random blobs, as far from each other as photographs."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def jpeg(pixels: Pixels, quality: int = 50) -> Pixels:
    """Through a JPEG file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream))


def scaled(pixels: Pixels, factor: float) -> Pixels:
    """At another size."""
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def cut(pixels: Pixels, top: float, left: float, height: float, width: float) -> Pixels:
    """A window, in shares of the sides."""
    rows, columns = pixels.shape[:2]
    first, begin = int(top * rows), int(left * columns)
    return pixels[first : first + int(height * rows), begin : begin + int(width * columns)]


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "unchanged": lambda pixels: pixels,
    "jpeg": jpeg,
    "grey": lambda pixels: np.asarray(Image.fromarray(pixels).convert("L")),
    "cut to a multiple of 4": lambda pixels: pixels[: pixels.shape[0] // 4 * 4, : pixels.shape[1] // 4 * 4],
    "3 pixels cut all round": lambda pixels: pixels[3:-3, 3:-3],
    "smaller": lambda pixels: scaled(pixels, 2 / 3),
    "larger": lambda pixels: scaled(pixels, 1.4),
    "mirrored": lambda pixels: pixels[:, ::-1],
    "upside down": lambda pixels: pixels[::-1],
    "a corner of 0.7 of each side": lambda pixels: cut(pixels, 0.0, 0.3, 0.7, 0.7),
    "a strip": lambda pixels: cut(pixels, 0.2, 0.0, 0.65, 1.0),
    "a grey, mirrored, smaller JPEG of a corner": lambda pixels: np.asarray(
        Image.fromarray(jpeg(scaled(cut(pixels[:, ::-1], 0.25, 0.1, 0.7, 0.8), 0.7), 70)).convert("L")
    ),
}
