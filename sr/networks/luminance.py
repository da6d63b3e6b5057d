"""What networks of luminance alone share: MATLAB's YCbCr on tensors, and how colour comes back.

Such networks enlarge Y; Cb and Cr are interpolated beside it. An image stored as grey is all luminance.
"""

import torch
from torch import Tensor, nn

# MATLAB's rgb2ycbcr (ITU-R BT.601) for values in 0..1: a matrix over RGB, and what is added.
_MATRIX = torch.tensor(
    [[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]], dtype=torch.float64
)
_OFFSET = torch.tensor([16.0, 128.0, 128.0], dtype=torch.float64)


class LuminanceNetwork(nn.Module):
    """x4 generator for N x 3 x H x W (RGB) and N x 1 x H x W (grey as stored, all luminance), in [0, 1]."""


def to_ycbcr(rgb: Tensor) -> Tensor:
    """N x 3 x H x W in [0, 1] to Y, Cb, Cr of the same shape in [0, 1], as MATLAB on doubles; float64."""
    return (_mixed(_MATRIX, rgb.double()) + _column(_OFFSET, rgb)) / 255.0


def to_rgb(ycbcr: Tensor) -> Tensor:
    """The inverse of `to_ycbcr`, float64; what lies outside the colours of RGB is not clipped."""
    return _mixed(torch.linalg.inv(_MATRIX), 255.0 * ycbcr.double() - _column(_OFFSET, ycbcr))


def whole(values: Tensor) -> Tensor:
    """To the values of an 8-bit image, 0..255, as MATLAB rounds: halves away from zero."""
    return torch.floor(values.clamp(0.0, 255.0) + 0.5)


def _mixed(matrix: Tensor, image: Tensor) -> Tensor:
    return torch.einsum("ij,njhw->nihw", matrix.to(image.device), image)


def _column(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like.device)[:, None, None]
