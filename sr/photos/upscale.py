"""Enlarging one image: the function behind `sr upscale` and `from sr import upscale`."""

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
from sr.inference.tiling import pieces, pixels_with_margins
from sr.photos.metadata import Metadata, Samples
from sr.photos.photo import Photo, from_pillow, photo, samples_of
from sr.photos.transparency import with_visible_colours
from sr.weights.choice import generator_of
from sr.weights.generators import device_of

Picture = TypeVar("Picture", NDArray[Any], Image.Image)


@dataclass(frozen=True)
class Options:
    """How a network is applied.

    ensemble: mean over eight flipped and transposed inputs.
    back_projection: iterations that bring the result's bicubic reduction nearer to the input.
    tile: side of the tiles in LR pixels, or None for the whole image at once.
    scale: how many times larger; below 4 the network's result is reduced by MATLAB's bicubic.
    """

    ensemble: bool = False
    back_projection: int = 0
    tile: int | None = None
    scale: float = SCALE

    def method(self, network: nn.Module, work_done: Callable[[float], None] = lambda _: None) -> Method:
        """From LR to SR tensors with `network`; `work_done` is told of progress, see `forward`."""
        method: Method = partial(forward, network, work_done=work_done, dense_body=quicker)
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
    scale: float = SCALE,
) -> Picture:
    """Enlarge an image by 4, or by less.

    image: a NumPy array (uint8 or uint16; height x width, or with 3 channels RGB, 4 RGB and alpha, 2 grey
        and alpha) or a Pillow image of 8 bits. The result is of the same kind, type and channels;
        alpha is enlarged bicubically.
    weights: a run's folder, a weight file, the name of released weights, or a network; give a network
        (`generator_of(weights)` or `interpolate_networks(...)`) to load it only once.
    ensemble, back_projection, tile, scale: see `Options`.
    Raises InputError for an image or weights that can not be used, and MemoryError for an image that is
    too large to be enlarged at once; give `tile` then.
    """
    network = weights if isinstance(weights, nn.Module) else generator_of(str(weights))
    options = Options(ensemble, back_projection, tile, scale)
    if not 1.0 <= scale <= SCALE:
        raise InputError(f"a scale of {scale:g}: give one from 1 to {SCALE}.")

    def enlarged(one: Photo) -> Samples:
        return samples_of(upscale_photo(one, options.method(network), device_of(network), options))

    if isinstance(image, Image.Image):
        return Image.fromarray(enlarged(from_pillow(image)))
    if image.dtype not in (np.uint8, np.uint16) or image.ndim not in (2, 3) or image.shape[2:] > (4,):
        raise InputError(f"an image of {image.dtype} {image.shape}: give uint8 or uint16, H x W [x 1 to 4].")
    if not image.size:
        raise InputError(f"an image of {image.shape}: has no pixels.")
    samples = enlarged(photo(image, Metadata()))
    return samples[..., None] if image.shape[2:] == (1,) else samples


def upscale_photo(image: Photo, method: Method, device: torch.device, options: Options) -> Photo:
    """A photo enlarged by `method`, its alpha bicubically; depth and metadata stay.

    A grey image stays grey: the network sees three equal channels, and the mean of its three is kept.
    Raises InputError where the network's values are not finite.
    """
    shown = with_visible_colours(image)
    pixels = resized(_by_tiles(shown, method, device, options.tile), *target_size(image, options.scale))
    alpha = None if image.alpha is None else resized(image.alpha, *target_size(image, options.scale))
    return replace(image, pixels=pixels, alpha=alpha)


def target_size(image: Photo, scale: float) -> tuple[int, int]:
    """Height and width of the result: the nearest whole numbers."""
    height, width = image.pixels.shape[:2]
    return max(1, round(scale * height)), max(1, round(scale * width))


def resized(samples: Samples, height: int, width: int) -> Samples:
    """MATLAB's bicubic, rounded to the samples' type after each pass as `sr.degradation` does."""
    white = float(np.iinfo(samples.dtype).max)
    for size in ((height, samples.shape[1]), (height, width)):
        if samples.shape[:2] != size:
            values = degradation.resize_float(samples.astype(np.float64), *size)
            samples = np.floor(np.clip(values, 0.0, white) + 0.5).astype(samples.dtype)
    return samples


def _by_tiles(image: Photo, method: Method, device: torch.device, tile: int | None) -> Samples:
    """The photo's pixels 4 times larger; of the network's float values only a tile's are kept at a time."""
    height, width = image.pixels.shape[:2]
    side = tile or max(height, width)
    result = np.empty((SCALE * height, SCALE * width, *image.pixels.shape[2:]), image.pixels.dtype)
    for rows, near_rows, inner_rows in pieces(height, side):
        for columns, near_columns, inner_columns in pieces(width, side):
            near = image.pixels[near_rows, near_columns]
            with torch.inference_mode():
                values = method(_to_tensor(near).to(device))[0]
                if not bool(values.isfinite().all()):
                    raise InputError("the network's values are not finite; try other weights.")
                result[rows, columns] = _to_samples(values[:, inner_rows, inner_columns], near)
    return result


def enlarge_bicubic(image: Photo, scale: float = SCALE) -> Samples:
    """The photo's pixels under MATLAB's bicubic, for comparison."""
    return resized(image.pixels, *target_size(image, scale))


def _to_tensor(pixels: Samples) -> Tensor:
    """1 x 3 x H x W in [0, 1]."""
    colours = pixels if pixels.ndim == 3 else pixels[..., None].repeat(3, axis=2)
    values = torch.from_numpy(colours.transpose(2, 0, 1).astype(np.float32))
    return values.div_(np.iinfo(pixels.dtype).max)[None].contiguous()


def _to_samples(sr: Tensor, like: Samples) -> Samples:
    """3 x 4H x 4W in [0, 1] to the depth and number of channels of `like`; clipped, rounded."""
    values, white = sr.clamp(0.0, 1.0), int(np.iinfo(like.dtype).max)
    if like.ndim == 2:
        return values.mean(0).mul_(white).round_().cpu().numpy().astype(like.dtype)
    rounded = values.mul_(white).round_().permute(1, 2, 0).cpu().numpy()
    return np.ascontiguousarray(rounded.astype(like.dtype))
