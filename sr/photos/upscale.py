"""Enlarging one image: the function behind `sr upscale` and `from sr import upscale`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from sr import degradation
from sr.device import exact_float32
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

LARGEST_SCALE = SCALE * SCALE
# Side of the tiles that very large images are cut into unasked.
TILE = 512
# Columns that are reduced at a time.
_BAND = 16

Picture = TypeVar("Picture", NDArray[Any], Image.Image)


@dataclass(frozen=True)
class Options:
    """How a network is applied.

    ensemble: mean over eight flipped and transposed inputs.
    back_projection: iterations that bring the bicubic reduction of what the network makes nearer to what it
        sees: to the image, and in a second pass to the first one's result.
    tile: side of the tiles in LR pixels, or None for the whole image at once.
    scale: how many times larger, from 1 to 16. Above 4 the network is applied twice. What it makes larger
        than wanted is reduced by MATLAB's bicubic.

    Raises InputError for another scale.
    """

    ensemble: bool = False
    back_projection: int = 0
    tile: int | None = None
    scale: float = SCALE

    def __post_init__(self) -> None:
        if not 1 <= self.scale <= LARGEST_SCALE:
            raise InputError(f"a scale of {self.scale:g}: give one from 1 to {LARGEST_SCALE}.")

    def method(self, network: nn.Module, work_done: Callable[[float], None] = lambda _: None) -> Method:
        """From LR to SR tensors with `network`; `work_done` is told of progress, see `forward`."""
        method: Method = partial(forward, network, work_done=work_done, dense_body=quicker)
        if self.ensemble:
            method = self_ensemble(method)
        if self.back_projection:
            method = back_projected(method, self.back_projection)
        return method

    def work(self, height: int, width: int) -> int:
        """Pixels that the network sees of one image, in one pass or two."""
        seen = sum(
            pixels_with_margins(*size, one.tile) if one.tile else size[0] * size[1]
            for size, one in self.passes(height, width)
        )
        return 8 * seen if self.ensemble else seen

    def passes(self, height: int, width: int) -> list[tuple[tuple[int, int], "Options"]]:
        """The sizes of what the network sees of an image, one after the other, and how each is cut.

        Above a scale of 4 its first result is reduced to a quarter of what is wanted, rounded up, so that
        the second is larger by 3 pixels at most. That second pass is always by tiles: what it sees is up to
        16 times as large as the image.
        """
        first = ((height, width), self)
        if self.scale <= SCALE:
            return [first]
        wanted = target_size(height, width, self.scale)
        between = (ceil(wanted[0] / SCALE), ceil(wanted[1] / SCALE))
        return [first, (between, replace(self, tile=self.tile or TILE))]


def upscale(
    image: Picture,
    weights: str | Path | nn.Module,
    *,
    ensemble: bool = False,
    back_projection: int = 0,
    tile: int | None = None,
    scale: float = SCALE,
) -> Picture:
    """Enlarge an image by 4, or by any factor from 1 to 16.

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


@exact_float32()
def upscale_photo(image: Photo, method: Method, device: torch.device, options: Options) -> Photo:
    """A photo enlarged by `method`, its alpha bicubically; depth and metadata stay.

    A grey image stays grey: the network sees three equal channels, and the mean of its three is kept. On a
    GPU without TF32, as images that are scored are made.
    Raises InputError where the network's values are not finite.
    """
    height, width = image.pixels.shape[:2]
    wanted = target_size(height, width, options.scale)
    shown = with_visible_colours(image)
    for size, one in options.passes(height, width):
        seen = replace(shown, pixels=resized(shown.pixels, *size))
        shown = replace(shown, pixels=_by_tiles(seen, method, device, one.tile))
    alpha = None if image.alpha is None else resized(image.alpha, *wanted)
    return replace(image, pixels=resized(shown.pixels, *wanted), alpha=alpha)


def target_size(height: int, width: int, scale: float) -> tuple[int, int]:
    """Height and width of the result: the nearest whole numbers."""
    return max(1, round(scale * height)), max(1, round(scale * width))


def bytes_needed(image: Photo, options: Options, beside: int = 0) -> int:
    """Memory that an image and its result take until it is written, without what the network itself needs.

    While the network's last image is reduced there are that image, it with fewer rows, and the result;
    afterwards the result, the same with alpha among its channels if it has one, and the file made of it.
    beside: bytes a pixel of the result that are needed beside it before it is written.
    """
    height, width = image.pixels.shape[:2]
    wanted = target_size(height, width, options.scale)
    rows, columns = (SCALE * side for side in options.passes(height, width)[-1][0])
    reduced = wanted[0] * (columns + wanted[1]) if (rows, columns) != wanted else 0
    channels = (image.pixels.shape[2] if image.pixels.ndim == 3 else 1) + (image.alpha is not None)
    pixel, result = channels * image.pixels.itemsize, wanted[0] * wanted[1]
    written = result * max(pixel * (2 if image.alpha is None else 3), pixel + beside)
    return pixel * height * width + max(pixel * (rows * columns + reduced), written)


def resized(samples: Samples, height: int, width: int) -> Samples:
    """MATLAB's bicubic, rounded to the samples' type after each pass as `sr.degradation` does."""
    if len(samples) != height:
        rows = np.empty((height, *samples.shape[1:]), samples.dtype)
        _resize_rows(samples, rows)
        samples = rows
    if samples.shape[1] == width:
        return np.ascontiguousarray(samples)
    result = np.empty((height, width, *samples.shape[2:]), samples.dtype)
    _resize_rows(samples.swapaxes(0, 1), result.swapaxes(0, 1))
    return result


def _resize_rows(samples: Samples, result: Samples) -> None:
    """One pass, some columns at a time: as doubles a whole image would take eight times its memory."""
    white = float(np.iinfo(samples.dtype).max)
    for begin in range(0, samples.shape[1], _BAND):
        band = np.s_[:, begin : begin + _BAND]
        values = degradation.resize_float(
            samples[band].astype(np.float64), len(result), len(samples[0, band[1]])
        )
        result[band] = np.floor(np.clip(values, 0.0, white) + 0.5)


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
    height, width = image.pixels.shape[:2]
    return resized(image.pixels, *target_size(height, width, scale))


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
