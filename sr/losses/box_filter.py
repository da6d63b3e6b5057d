"""Local variance by separable box filters, for masks and maps of texture."""

import torch
from torch.nn import functional


def local_variance(images: torch.Tensor, window: int) -> torch.Tensor:
    """Unbiased variance over the window x window pixels, all channels together, around every pixel.

    images: N x C x H x W of any range; the result is N x 1 x H x W. `window` is odd; at the borders the
    image is mirrored without repeating the edge pixel, so H and W must exceed window // 2.
    """
    count = images.shape[1] * window**2
    values = images.double()
    values = values - values.mean(dim=(1, 2, 3), keepdim=True)
    sums = _box_sum(values.sum(dim=1, keepdim=True), window)
    squares = _box_sum(values.square().sum(dim=1, keepdim=True), window)
    return ((squares - sums.square() / count) / (count - 1)).clamp(min=0.0).to(images.dtype)


def _box_sum(images: torch.Tensor, window: int) -> torch.Tensor:
    half = window // 2
    padded = functional.pad(images, (half, half, half, half), mode="reflect")
    rows = functional.avg_pool2d(padded, (window, 1), stride=1)
    return functional.avg_pool2d(rows, (1, window), stride=1) * window**2
