"""Enlarging one image by 4: the function behind `sr upscale` and `from sr import upscale`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from sr import degradation
from sr.errors import InputError
from sr.inference.back_projection import back_projected
from sr.inference.ensemble import self_ensemble
from sr.inference.forward import SCALE, Method, forward
from sr.inference.quicker import quicker
from sr.inference.tiling import pixels_with_margins, tiled
from sr.photos.metadata import Metadata, Samples
from sr.photos.photo import Photo, from_pillow, photo, samples_of
from sr.weights.choice import generator_of
from sr.weights.generators import device_of

Picture = TypeVar("Picture", NDArray[Any], Image.Image)


@dataclass(frozen=True)
class Options:
    """How a network is applied.

    ensemble: mean over eight flipped and transposed inputs.
    back_projection: iterations that bring the result's bicubic reduction nearer to the input.
    tile: side of the tiles in LR pixels, or None for the whole image at once.
    """

    ensemble: bool = False
    back_projection: int = 0
    tile: int | None = None

    def method(self, network: nn.Module, work_done: Callable[[float], None] = lambda _: None) -> Method:
        """From LR to SR tensors with `network`; `work_done` is told of progress, see `forward`."""
        method: Method = partial(forward, network, work_done=work_done, dense_body=quicker)
        if self.tile:
            method = tiled(method, self.tile)
        if self.ensemble:
            method = self_ensemble(method)
        if self.back_projection:
            method = back_projected(method, self.back_projection)
        return method

    def work(self, height: int, width: int) -> int:
        """LR pixels that the network sees for one image."""
        once = pixels_with_margins(height, width, self.tile) if self.tile else height * width
        return 8 * once if self.ensemble else once


def upscale(
    image: Picture,
    weights: str | Path | nn.Module,
    *,
    ensemble: bool = False,
    back_projection: int = 0,
    tile: int | None = None,
) -> Picture:
    """Enlarge an image by 4.

    image: a NumPy array (uint8 or uint16; height x width, or with 3 channels RGB, 4 RGB and alpha, 2 grey
        and alpha) or a Pillow image of 8 bits. The result is of the same kind, type and channels;
        alpha is enlarged bicubically.
    weights: a run's folder, a weight file, the name of released weights, or a network; give a network
        (`generator_of(weights)` or `interpolate_networks(...)`) to load it only once.
    ensemble, back_projection, tile: see `Options`.
    Raises InputError for an image or weights that can not be used, and MemoryError for an image that is
    too large to be enlarged at once; give `tile` then.
    """
    network = weights if isinstance(weights, nn.Module) else generator_of(str(weights))
    method = Options(ensemble, back_projection, tile).method(network)
    if isinstance(image, Image.Image):
        return Image.fromarray(samples_of(upscale_photo(from_pillow(image), method, device_of(network))))
    if image.dtype not in (np.uint8, np.uint16) or image.ndim not in (2, 3) or image.shape[2:] > (4,):
        raise InputError(f"an image of {image.dtype} {image.shape}: give uint8 or uint16, H x W [x 1 to 4].")
    if not image.size:
        raise InputError(f"an image of {image.shape}: has no pixels.")
    enlarged = samples_of(upscale_photo(photo(image, Metadata()), method, device_of(network)))
    return enlarged[..., None] if image.shape[2:] == (1,) else enlarged


def upscale_photo(image: Photo, method: Method, device: torch.device) -> Photo:
    """A photo enlarged by `method`, its alpha bicubically; depth and metadata stay.

    A grey image stays grey: the network sees three equal channels, and the mean of its three is kept.
    """
    with torch.inference_mode():
        sr = method(_to_tensor(image).to(device))
        pixels = _to_samples(sr[0], image)
    alpha = None if image.alpha is None else _enlarge(image.alpha)
    return replace(image, pixels=pixels, alpha=alpha)


def enlarge_bicubic(image: Photo) -> Samples:
    """The photo's pixels under MATLAB's bicubic, for comparison."""
    return _enlarge(image.pixels)


def _to_tensor(image: Photo) -> Tensor:
    """1 x 3 x H x W in [0, 1]."""
    colours = image.pixels if image.pixels.ndim == 3 else image.pixels[..., None].repeat(3, axis=2)
    values = torch.from_numpy(colours.transpose(2, 0, 1).astype(np.float32))
    return values.div_(image.white)[None].contiguous()


def _to_samples(sr: Tensor, like: Photo) -> Samples:
    """3 x 4H x 4W in [0, 1] to the depth and number of channels of `like`; clipped, rounded."""
    values = sr.clamp(0.0, 1.0)
    if like.pixels.ndim == 2:
        return values.mean(0).mul_(like.white).round_().cpu().numpy().astype(like.pixels.dtype)
    rounded = values.mul_(like.white).round_().permute(1, 2, 0).cpu().numpy()
    return np.ascontiguousarray(rounded.astype(like.pixels.dtype))


def _enlarge(samples: Samples) -> Samples:
    """MATLAB's bicubic by 4, rounded to the samples' type after each pass as `sr.degradation` does."""
    if samples.dtype == np.uint8:
        return degradation.upscale(samples, SCALE)
    height, width = samples.shape[:2]
    for size in ((SCALE * height, width), (SCALE * height, SCALE * width)):
        values = degradation.resize_float(samples.astype(np.float64), *size)
        samples = np.floor(np.clip(values, 0.0, 65535.0) + 0.5).astype(np.uint16)
    return samples
