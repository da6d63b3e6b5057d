"""Iterative back-projection (Irani and Peleg 1991) with the filter of Yang et al. (2010), whose function
ESRGAN's authors post-process with (sec. 4.5).
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sr.degradation import bicubic
from sr.inference.forward import Method

_OFFSETS = np.arange(-2, 3)
# A 5x5 Gaussian of sigma 1, squared and normalised: what each enlarged residual is convolved with.
_SQUARED = np.exp(-(_OFFSETS[:, None] ** 2 + _OFFSETS**2) / 2.0) ** 2
_FILTER = torch.from_numpy(_SQUARED / _SQUARED.sum())


def back_project(sr: Tensor, lr: Tensor, iterations: int) -> Tensor:
    """Bring `sr` nearer to images that bicubic reduction turns into `lr`.

    Each iteration adds the enlarged and filtered residual: sr <- sr + p * up(lr - down(sr)), with MATLAB's
    bicubic both ways and zeros outside the image (`conv2`). sr: N x C x sH x sW, lr: N x C x H x W, both in
    [0, 1]; the result is not clipped. Differentiable.
    """
    scale = sr.shape[-1] // lr.shape[-1]
    channels = sr.shape[1]
    kernel = _FILTER.to(sr).expand(channels, 1, 5, 5)
    for _ in range(iterations):
        residual = bicubic(lr - bicubic(sr, 1.0 / scale), float(scale))
        sr = sr + functional.conv2d(residual, kernel, padding=2, groups=channels)
    return sr


def back_projected(method: Method, iterations: int) -> Method:
    """A method followed by back-projection onto its own input."""
    return lambda lr: back_project(method(lr), lr, iterations)
