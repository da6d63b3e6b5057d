"""The functions that Python programs call: `from sr import upscale, score, degrade`."""

from collections.abc import Sequence

import numpy as np

from sr.data.assets import Assets
from sr.degradation import downscale
from sr.errors import InputError
from sr.images import Pixels, crop_to_multiple
from sr.photos.upscale import upscale
from sr.scoring.protocol import load_protocol
from sr.scoring.scoring import score_image

__all__ = ["degrade", "score", "upscale"]


def degrade(image: Pixels, scale: int = 4) -> Pixels:
    """Reduce an image as the field's "MATLAB bicubic" does, bit for bit.

    image: uint8, height x width or height x width x 3; it is first cut, at the right and at the bottom, to
        multiples of `scale`, as every benchmark is.
    scale: how many times smaller.
    Raises InputError for an image smaller than `scale`, and for other arrays.
    """
    _require_pixels(image)
    cropped = crop_to_multiple(image, scale)
    if not cropped.size:
        raise InputError(
            f"an image of {image.shape[1]}x{image.shape[0]} is smaller than {scale}x{scale} pixels."
        )
    return downscale(cropped, scale)


def score(
    sr: Pixels,
    hr: Pixels,
    protocol: str,
    metrics: Sequence[str] = ("PSNR", "SSIM"),
    assets: Assets | None = None,
) -> dict[str, float]:
    """Measure one reconstruction against its original as a paper does.

    sr, hr: uint8, height x width or height x width x 3; `hr` is cropped to a multiple of 4.
    protocol: a paper's name, for instance ldl. metrics: printed names, such as LPIPS; see `sr protocols`.
    assets: where weights of metrics lie; by default the project's own.
    Raises InputError for images of different sizes, other arrays, or a metric whose weights or package are
    missing.
    """
    _require_pixels(sr)
    _require_pixels(hr)
    return score_image(sr, hr, load_protocol(protocol), assets or Assets.from_environment(), metrics)


def _require_pixels(image: Pixels) -> None:
    """Raise InputError for what would be taken for 0 to 255 and is not: floats in [0, 1], 16 bits, alpha."""
    if image.dtype != np.uint8 or image.shape[2:] not in ((), (3,)) or image.ndim < 2:
        raise InputError(
            f"an array of {image.dtype}, {' x '.join(map(str, image.shape))}: give uint8, height x width or"
            " height x width x 3."
        )
