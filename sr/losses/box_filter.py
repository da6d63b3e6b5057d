"""Local variance by separable box filters, for masks and maps of texture."""

from typing import Annotated, Any

import torch
from pydantic import AfterValidator, Field
from torch.nn import functional


def _odd(window: int) -> int:
    if window % 2 == 0:
        raise ValueError("a window around a pixel has an odd side")
    return window


# In settings: the side of a window around a pixel.
Window = Annotated[int, Field(ge=3), AfterValidator(_odd)]


def local_variance(images: torch.Tensor, window: int) -> torch.Tensor:
    """Unbiased variance of the window x window values around every pixel, those of all channels together.

    images: N x C x H x W of any range; the result is N x 1 x H x W. `window` is odd, at least 3.
    At the borders the image is mirrored without repeating the edge pixel, so H and W must exceed window // 2.

    Computed as a difference of two means, after the image's own mean is taken off: rounding is that of the
    given precision relative to the image's contrast. Pass float64 where a small variance must be exact.

    Raises ValueError when the image is too small for the window.
    """
    if min(images.shape[-2:]) <= window // 2:
        size = f"{images.shape[-1]}x{images.shape[-2]}"
        raise ValueError(f"an image of {size} is too small to be mirrored for a window of {window}x{window}")
    count = images.shape[1] * window**2
    centred = images - images.mean(dim=(1, 2, 3), keepdim=True)
    sums = _windows(centred.sum(dim=1, keepdim=True), window)
    squares = _windows(centred.square().sum(dim=1, keepdim=True), window)
    return ((squares - sums.square() / count) / (count - 1)).clamp(min=0.0)


def _windows(images: torch.Tensor, window: int) -> torch.Tensor:
    """Sum over the window around every pixel of the mirrored image."""
    half = window // 2
    return _BoxSum.apply(functional.pad(images, (half, half, half, half), mode="reflect"), window)


class _BoxSum(torch.autograd.Function):
    """Sum over every window x window square inside N x C x H x W images.

    Its adjoint is the same filter on the zero-padded gradient; autograd through the additions would take
    several times as long.
    """

    @staticmethod
    def forward(context: Any, images: torch.Tensor, window: int) -> torch.Tensor:
        context.window = window
        return _sliding_sum(_sliding_sum(images, window, axis=2), window, axis=3)

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        rim = context.window - 1
        return _BoxSum.apply(functional.pad(gradients[0], (rim, rim, rim, rim)), context.window), None


def _sliding_sum(values: torch.Tensor, window: int, axis: int) -> torch.Tensor:
    """Sum over every `window` consecutive values along an axis, in about 2 log2(window) additions.

    Sums over 1, 2, 4, ... values are made by doubling; the binary digits of `window` say which to add up.
    """
    size = values.shape[axis] - window + 1
    total = torch.zeros_like(values.narrow(axis, 0, size))
    start, width = 0, 1
    while True:
        if window & width:
            total += values.narrow(axis, start, size)
            start += width
        if 2 * width > window:
            return total
        remaining = values.shape[axis] - width
        values = values.narrow(axis, 0, remaining) + values.narrow(axis, width, remaining)
        width *= 2
