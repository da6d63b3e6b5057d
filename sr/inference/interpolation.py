"""Between two methods: ESRGAN's network interpolation (sec. 3.4) and the image interpolation beside it."""

import copy

import numpy as np
from torch import nn

from sr.errors import InputError
from sr.images import Pixels


def interpolate_networks(psnr: nn.Module, gan: nn.Module, alpha: float) -> nn.Module:
    """A network whose every parameter is (1 - alpha) theta_PSNR + alpha theta_GAN (ESRGAN, sec. 3.4).

    Raises InputError when the two networks differ in shape or alpha is outside [0, 1].
    """
    _check(alpha)
    first, second = psnr.state_dict(), gan.state_dict()
    if {key: value.shape for key, value in first.items()} != {
        key: value.shape for key, value in second.items()
    }:
        raise InputError("the two networks differ in shape; interpolation needs the same network twice.")
    mixed = copy.deepcopy(psnr)
    mixed.load_state_dict(
        {
            key: value.lerp(second[key].to(value.device), alpha) if value.is_floating_point() else value
            for key, value in first.items()
        }
    )
    return mixed


def interpolate_images(psnr: Pixels, gan: Pixels, alpha: float) -> Pixels:
    """Two uint8 images of one size mixed pixel by pixel, (1 - alpha) psnr + alpha gan, rounded.

    Raises InputError when the sizes differ or alpha is outside [0, 1].
    """
    _check(alpha)
    if psnr.shape != gan.shape:
        raise InputError(f"the two images differ in shape: {psnr.shape} and {gan.shape}.")
    mixed = (1.0 - alpha) * psnr.astype(np.float64) + alpha * gan.astype(np.float64)
    return np.floor(mixed + 0.5).astype(np.uint8)


def _check(alpha: float) -> None:
    if not 0.0 <= alpha <= 1.0:
        raise InputError(f"alpha {alpha}: lies between 0 (the first) and 1 (the second).")
