"""SwinIR as one graph for images of any size: the network's own layers, without a decision in Python.

`SwinIR.forward` decides by the image's size whether to pad, which a recorded graph can not repeat. Here
that, the shift and its mask are arithmetic on sizes. The results are equal (tests/inference/test_export.py).
"""

from math import sqrt
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from sr.networks.swinir import Group, SwinIR, SwinLayer, WindowAttention

_FORBIDDEN = -100.0


class SwinIRGraph(nn.Module):
    """N x 3 x H x W in [0, 1] to N x 3 x 4H x 4W, as `network` computes it."""

    def __init__(self, network: SwinIR) -> None:
        super().__init__()
        self.network = network

    def forward(self, lr: Tensor) -> Tensor:
        network, window = self.network, self.network.window
        height, width = lr.shape[-2:]
        grid = (height + window - 1) // window, (width + window - 1) // window
        padded = _mirrored(_mirrored(lr, 2, grid[0] * window), 3, grid[1] * window)
        features = network.conv_first(padded - network.mean)
        tokens = network.patch_embed.norm(features.permute(0, 2, 3, 1))
        for group in groups(network):
            deep = tokens
            for layer in layers(group):
                deep = _layer(layer, deep, grid)
            tokens = tokens + group.conv(deep.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        deep = features + network.conv_after_body(network.norm(tokens).permute(0, 3, 1, 2))
        return network.reconstruct(deep)[:, :, : 4 * height, : 4 * width]


def groups(network: SwinIR) -> list[Group]:
    """The network's groups, as what they are."""
    return cast(list[Group], list(network.layers))


def layers(group: Group) -> list[SwinLayer]:
    """A group's Swin layers, as what they are."""
    return cast(list[SwinLayer], list(group.residual_group.blocks))


def _mirrored(images: Tensor, dimension: int, wanted: int) -> Tensor:
    """Mirrored at the last row or column, as often as it takes to reach `wanted` pixels."""
    period = torch.clamp(2 * _length(images.shape[dimension], images.device) - 2, min=1)
    place = torch.arange(wanted, device=images.device) % period
    return images.index_select(dimension, torch.minimum(place, period - place))


def _length(size: int, device: torch.device) -> Tensor:
    """A size as a tensor: graphs compute remainders and comparisons of tensors only."""
    return torch.ones(1, dtype=torch.int64, device=device) * size


def _layer(layer: SwinLayer, tokens: Tensor, grid: tuple[int, int]) -> Tensor:
    normed = layer.norm1(tokens)
    if layer.shift:
        shift = _length(layer.shift, tokens.device)
        rolled = _rolled(_rolled(normed, 1, grid[0] * layer.window, shift), 2, grid[1] * layer.window, shift)
        attended = _attended(layer.attn, rolled, grid, window_mask(grid, layer.window, shift))
        attended = _rolled(attended, 1, grid[0] * layer.window, -shift)
        attended = _rolled(attended, 2, grid[1] * layer.window, -shift)
    else:
        attended = _attended(layer.attn, normed, grid, None)
    tokens = tokens + attended
    return tokens + layer.mlp(layer.norm2(tokens))


def _rolled(tokens: Tensor, dimension: int, size: int, shift: Tensor) -> Tensor:
    length = _length(size, tokens.device)
    place = torch.arange(size, device=tokens.device)
    return tokens.index_select(dimension, (place + shift + length) % length)


def _attended(
    attention: WindowAttention, tokens: Tensor, grid: tuple[int, int], mask: Tensor | None
) -> Tensor:
    images, channels, heads = tokens.shape[0], tokens.shape[-1], attention.heads
    area, count = attention.window**2, images * grid[0] * grid[1]
    windows = _to_windows(tokens, attention.window, grid)
    parts = attention.qkv(windows).view(count, area, 3, heads, channels // heads).permute(2, 0, 3, 1, 4)
    bias = attention.relative_position_bias_table[attention.relative_position_index.flatten()]
    bias = bias.view(area, area, heads).permute(2, 0, 1)[None]
    if mask is not None:
        bias = (bias + mask).repeat(images, 1, 1, 1)
    similarity = parts[0] @ parts[1].transpose(2, 3) / sqrt(channels // heads) + bias
    attended = functional.softmax(similarity, dim=-1) @ parts[2]
    projected = attention.proj(attended.transpose(1, 2).reshape(count, area, channels))
    return _from_windows(projected, attention.window, grid)


def window_mask(grid: tuple[int, int], window: int, shift: Tensor) -> Tensor:
    """windows x 1 x area x area: what only the roll brought together must not be attended to."""
    rows, columns = (_region(length * window, window, shift) for length in grid)
    regions = (3 * rows[:, None] + columns[None])[None, :, :, None]
    of_windows = _to_windows(regions, window, grid)[:, :, 0]
    apart = of_windows[:, :, None] != of_windows[:, None]
    return torch.where(apart, _FORBIDDEN, 0.0)[:, None]


def _region(size: int, window: int, shift: Tensor) -> Tensor:
    length = _length(size, shift.device)
    place = torch.arange(size, device=shift.device)
    return (place >= length - window).long() + (place >= length - shift).long()


def _to_windows(tokens: Tensor, window: int, grid: tuple[int, int]) -> Tensor:
    images, channels = tokens.shape[0], tokens.shape[-1]
    parts = tokens.view(images, grid[0], window, grid[1], window, channels)
    return parts.transpose(2, 3).reshape(images * grid[0] * grid[1], window**2, channels)


def _from_windows(windows: Tensor, window: int, grid: tuple[int, int]) -> Tensor:
    channels = windows.shape[-1]
    parts = windows.view(-1, grid[0], grid[1], window, window, channels)
    return parts.transpose(2, 3).reshape(-1, grid[0] * window, grid[1] * window, channels)
