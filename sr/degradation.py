"""MATLAB's `imresize(..., 'bicubic')`: the degradation behind every benchmark's low-resolution images.

A pixel of the result is a weighted mean of source pixels under Keys' cubic kernel (a = -0.5). For
downscaling MATLAB widens the kernel by the scale (antialiasing); at the borders the image is mirrored
with the edge pixel repeated. The resize is separable, rows first, then columns.

On uint8 images MATLAB rounds and clips to uint8 after each of the two passes. Without the rounding
between the passes about one pixel in ten differs by one grey level from the published LR images.
"""

from functools import cache
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from sr.errors import InputError
from sr.images import Pixels

# What lies beyond an image: `mirrored`, as MATLAB has it, or the edge pixel `repeated`, as an older
# `imresize` had it, with which SelfExSR's authors made the images that they put online.
Border = Literal["mirrored", "repeated"]


def downscale(pixels: Pixels, scale: int, border: Border = "mirrored") -> Pixels:
    """Reduce a uint8 image (height x width [x 3]) by an integer factor, bit for bit as MATLAB.

    Raises InputError when a side is not a multiple of `scale`; crop first (`images.crop_to_multiple`).
    """
    height, width = pixels.shape[:2]
    if height % scale or width % scale:
        raise InputError(
            f"an image of {width}x{height} can not be reduced by {scale}: crop it to a multiple of {scale}."
        )
    return _resize_uint8(pixels, height // scale, width // scale, border)


def upscale(pixels: Pixels, scale: int, border: Border = "mirrored") -> Pixels:
    """Enlarge a uint8 image (height x width [x 3]) by an integer factor, bit for bit as MATLAB."""
    height, width = pixels.shape[:2]
    return _resize_uint8(pixels, height * scale, width * scale, border)


def resize_float(image: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """MATLAB bicubic on doubles (height x width [x channels]): the same kernel, no rounding, no clipping."""
    rows = _apply(image, *taps(image.shape[0], height), axis=0)
    return _apply(rows, *taps(image.shape[1], width), axis=1)


def bicubic(images: torch.Tensor, factor: float, border: Border = "mirrored") -> torch.Tensor:
    """Differentiable MATLAB bicubic on N x C x H x W tensors of any range; no rounding, no clipping.

    factor: output size over input size, for instance 0.25 or 4. Sizes are rounded up as MATLAB does.
    """
    for axis in (2, 3):
        images = bicubic_along(images, axis, factor, border)
    return images


def bicubic_along(images: torch.Tensor, axis: int, factor: float, border: Border) -> torch.Tensor:
    """One pass of `bicubic`: along axis 2 (height) or 3 (width)."""
    size = images.shape[axis]
    matrix = _matrix(size, int(np.ceil(size * factor - 1e-9)), border, images)
    return torch.movedim(torch.movedim(images, axis, -1) @ matrix, -1, axis)


@cache
def taps(
    size: int, new_size: int, border: Border = "mirrored"
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Weights and source positions of each output pixel along one axis, both new_size x taps.

    Weights sum to one; positions already lie in 0..size-1. Taps that are zero for every output pixel are
    dropped, as MATLAB does.
    """
    factor = new_size / size
    stretch = min(factor, 1.0)
    width = 4.0 / stretch
    centre = (np.arange(new_size) + 1.0) / factor + 0.5 * (1.0 - 1.0 / factor)
    first = np.floor(centre - width / 2.0)
    positions = first[:, None] + np.arange(int(np.ceil(width)) + 2)
    weights = stretch * _cubic(stretch * (centre[:, None] - positions))
    weights /= weights.sum(axis=1, keepdims=True)
    sources = _BORDERS[border](positions.astype(np.int64) - 1, size)
    used = weights.any(axis=0)
    return weights[:, used], sources[:, used]


def _mirrored(positions: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    mirror = np.concatenate([np.arange(size), np.arange(size - 1, -1, -1)])
    return mirror[positions % (2 * size)]


def _repeated(positions: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    return positions.clip(0, size - 1)


_BORDERS = {"mirrored": _mirrored, "repeated": _repeated}


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' cubic convolution kernel with a = -0.5 (IEEE TASSP 29(6), 1981, Eq. 15)."""
    x = np.abs(x)
    inner = 1.5 * x**3 - 2.5 * x**2 + 1.0
    outer = -0.5 * x**3 + 2.5 * x**2 - 4.0 * x + 2.0
    return np.where(x <= 1.0, inner, np.where(x <= 2.0, outer, 0.0))


def _resize_uint8(pixels: Pixels, height: int, width: int, border: Border) -> Pixels:
    rows = _to_uint8(_apply(pixels.astype(np.float64), *taps(pixels.shape[0], height, border), axis=0))
    return _to_uint8(_apply(rows.astype(np.float64), *taps(pixels.shape[1], width, border), axis=1))


def _to_uint8(values: NDArray[np.float64]) -> Pixels:
    # MATLAB rounds halves away from zero; clipping comes first, so no value is negative.
    return np.floor(np.clip(values, 0.0, 255.0) + 0.5).astype(np.uint8)


def _apply(
    image: NDArray[np.float64], weights: NDArray[np.float64], sources: NDArray[np.int64], axis: int
) -> NDArray[np.float64]:
    shape = [1] * image.ndim
    shape[axis] = len(weights)
    result = weights[:, 0].reshape(shape) * image.take(sources[:, 0], axis=axis)
    for tap in range(1, weights.shape[1]):
        result += weights[:, tap].reshape(shape) * image.take(sources[:, tap], axis=axis)
    return result


def _matrix(size: int, new_size: int, border: Border, like: torch.Tensor) -> torch.Tensor:
    """The resize along one axis as a size x new_size matrix on the device and of the type of `like`."""
    return _matrix_on(size, new_size, border, like.device, like.dtype)


@cache
def _matrix_on(
    size: int, new_size: int, border: Border, device: torch.device, dtype: torch.dtype
) -> torch.Tensor:
    weights, sources = taps(size, new_size, border)
    matrix = np.zeros((new_size, size))
    np.add.at(matrix, (np.arange(new_size)[:, None], sources), weights)
    # Kept for training, too, which refuses tensors that were made under inference mode.
    with torch.inference_mode(False):
        return torch.from_numpy(matrix.T.copy()).to(device=device, dtype=dtype)
