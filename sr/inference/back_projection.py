"""Iterative back-projection (Irani and Peleg 1991), the post-processing of ESRGAN's sec. 4.5."""

from torch import Tensor

from sr.degradation import bicubic
from sr.inference.forward import Method


def back_project(sr: Tensor, lr: Tensor, iterations: int) -> Tensor:
    """Bring `sr` nearer to images that bicubic reduction turns into `lr`.

    Each iteration adds the enlarged residual: sr <- sr + up(lr - down(sr)), with MATLAB's bicubic both ways.
    sr: N x C x sH x sW, lr: N x C x H x W, both in [0, 1]; the result is not clipped. Differentiable.
    """
    scale = sr.shape[-1] // lr.shape[-1]
    for _ in range(iterations):
        sr = sr + bicubic(lr - bicubic(sr, 1.0 / scale), float(scale))
    return sr


def back_projected(method: Method, iterations: int) -> Method:
    """A method followed by back-projection onto its own input."""
    return lambda lr: back_project(method(lr), lr, iterations)
