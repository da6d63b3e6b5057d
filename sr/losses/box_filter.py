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
    return _MirroredBoxSum.apply(images, window)


class _MirroredBoxSum(torch.autograd.Function):
    """Sum over the window x window square around every pixel of mirrored N x C x H x W images.

    Autograd through the additions would take several times as long, and torch's own adjoint of the mirroring
    adds in any order on a GPU.
    """

    @staticmethod
    def forward(context: Any, images: torch.Tensor, window: int) -> torch.Tensor:
        context.window = window
        half = window // 2
        mirrored = functional.pad(images, (half, half, half, half), mode="reflect")
        return _sliding_sum(_sliding_sum(mirrored, window, axis=2), window, axis=3)

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        return _Adjoint.apply(gradients[0], context.window), None


class _Adjoint(torch.autograd.Function):
    """The same filter on the zero-padded image, what falls beyond a border being added where it was mirrored
    from.
    """

    @staticmethod
    def forward(context: Any, images: torch.Tensor, window: int) -> torch.Tensor:
        context.window = window
        rim = window - 1
        sums = functional.pad(images, (rim, rim, rim, rim))
        for axis in (2, 3):
            sums = _folded(_sliding_sum(sums, window, axis), window // 2, axis)
        return sums

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        return _MirroredBoxSum.apply(gradients[0], context.window), None


def _folded(values: torch.Tensor, half: int, axis: int) -> torch.Tensor:
    """The adjoint of mirroring `half` values at both ends of an axis, without the end itself."""
    size = values.shape[axis] - 2 * half
    inner = values.narrow(axis, half, size).clone()
    inner.narrow(axis, 1, half).add_(values.narrow(axis, 0, half).flip(axis))
    inner.narrow(axis, size - 1 - half, half).add_(values.narrow(axis, half + size, half).flip(axis))
    return inner


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
