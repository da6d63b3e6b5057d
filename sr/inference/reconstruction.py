"""From low-resolution pixels to reconstructed pixels, by a baseline or a generator."""

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from sr import degradation
from sr.device import exact_float32
from sr.errors import InputError
from sr.images import Pixels, to_pixels, to_tensor
from sr.inference.back_projection import back_project
from sr.inference.forward import forward
from sr.networks.luminance import LuminanceNetwork
from sr.reductions import LowResolution
from sr.weights.generators import device_of

# Baselines take 8-bit images, generators also such that were never rounded (`LowResolution`).
Reconstruction = Callable[[Any], Pixels]

SCALE = 4


def nearest(lr: Pixels) -> Pixels:
    """Every pixel repeated 4 x 4 times."""
    return lr.repeat(SCALE, axis=0).repeat(SCALE, axis=1)


def bicubic(lr: Pixels) -> Pixels:
    """MATLAB's bicubic enlargement by 4."""
    return degradation.upscale(lr, SCALE)


BASELINES: dict[str, Reconstruction] = {"nearest": nearest, "bicubic": bicubic}


def by_generator(generator: nn.Module, back_projection: int | None = None) -> Reconstruction:
    """Reconstruct with a generator in evaluation mode.

    back_projection: iterations that follow, on the image of 8 bits (ESRGAN, sec. 4.5).
    An image stored as grey stays grey: the generator sees three equal channels, and the mean of the
    three it returns is kept. A network of luminance alone sees the one channel. On a GPU, too, it computes
    in float32, never in TF32, which torch's convolutions take by default there.
    """
    channels = 1 if isinstance(generator, LuminanceNetwork) else 3

    @exact_float32()
    def reconstruct(lr: LowResolution) -> Pixels:
        image = (to_tensor(lr) if lr.ndim == 3 else to_tensor(lr)[:channels])[None]
        sr = forward(generator, image.to(device_of(generator)))[0]
        if not bool(sr.isfinite().all()):
            raise InputError("the network's values are not finite; train it again or take other weights.")
        pixels = to_pixels(sr.expand(3, -1, -1))
        if back_projection:
            pixels = to_pixels(back_project(to_tensor(pixels)[None], image, back_projection)[0])
        if lr.ndim == 3:
            return pixels
        return np.floor(pixels.mean(axis=2) + 0.5).astype(np.uint8)

    return reconstruct
