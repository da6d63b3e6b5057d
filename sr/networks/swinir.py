"""SwinIR for classical super-resolution (Liang et al. 2021), with the key names of its public weights.

Without drop path: LDL does not state it, and a training step has to be a pure function of seed and step.
"""

from typing import Literal

import torch
from pydantic import model_validator
from torch import nn
from torch.nn import functional

from sr.config import Strict
from sr.networks.enlargement import (
    IDENTITY,
    add_nothing,
    double,
    give_colours,
    pass_on,
    slope_of,
    take_colours,
)
from sr.networks.output import OutputConv2d

_MEAN = (0.4488, 0.4371, 0.4040)  # of DIV2K, taken off the input and put back


class SwinIRSettings(Strict):
    """Shape of the network: groups of Swin layers, layers a group, embedding width, attention heads,
    side of the windows, the factor between embedding and hidden width of the perceptrons, and the width of
    the upsampling tail.
    """

    network: Literal["swinir"]
    groups: int
    blocks: int
    channels: int
    heads: int
    window: int
    mlp_ratio: int
    tail_channels: int

    @model_validator(mode="after")
    def _divisible(self) -> "SwinIRSettings":
        if self.channels % self.heads:
            raise ValueError(f"channels ({self.channels}) must be a multiple of heads ({self.heads})")
        return self

    def build(self) -> "SwinIR":
        """The network with the initialisation of its paper's code (normal, deviation 0.02, cut at 2)."""
        return SwinIR(self)


class SwinIR(nn.Module):
    """x4 generator: N x 3 x H x W in [0, 1] to N x 3 x 4H x 4W, nominally in [0, 1].

    The input is mirrored to a multiple of the window, and the output is cut back. 6 groups of 6 layers,
    180 channels, 6 heads, windows of 8 and 64 channels in the tail have 11.9 million parameters.
    """

    reconstruction_margin = 3
    """How many rows of features beyond its own a row of the reconstruction depends on."""

    mean: torch.Tensor

    def __init__(self, settings: SwinIRSettings) -> None:
        super().__init__()
        channels, tail = settings.channels, settings.tail_channels
        self.window = settings.window
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.conv_first = nn.Conv2d(3, channels, 3, padding=1)
        self.patch_embed = PatchEmbedding(channels)
        self.layers = nn.ModuleList(Group(settings) for _ in range(settings.groups))
        self.norm = nn.LayerNorm(channels)
        self.conv_after_body = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_before_upsample = nn.Sequential(nn.Conv2d(channels, tail, 3, padding=1), nn.LeakyReLU())
        self.upsample = nn.Sequential(
            nn.Conv2d(tail, 4 * tail, 3, padding=1),
            nn.PixelShuffle(2),
            nn.Conv2d(tail, 4 * tail, 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.conv_last = OutputConv2d(tail, 3, 3, padding=1)
        self.apply(_initialise)

    def begin_as_enlargement(self) -> None:
        """Set those initial weights that let the colours pass."""
        before, rectifier = self.conv_before_upsample
        first, _, second, _ = self.upsample
        take_colours(self.conv_first, middle=0.0)  # the mean has been taken off
        add_nothing(self.conv_after_body)
        pass_on(before, IDENTITY)
        double(first, slope_of(rectifier))
        double(second, IDENTITY)
        give_colours(self.conv_last, IDENTITY, middle=0.0)

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        height, width = lr.shape[-2:]
        sr = self.reconstruct(self.deep_features(lr))
        return sr[:, :, : 4 * height, : 4 * width]

    def deep_features(self, lr: torch.Tensor) -> torch.Tensor:
        """Everything at the (padded) size of the input: N x channels x height x width."""
        features = self.conv_first(_padded(lr, self.window) - self.mean)
        tokens = self.patch_embed.norm(features.permute(0, 2, 3, 1))
        mask = shift_mask(tokens.shape[1], tokens.shape[2], self.window, tokens.device)
        for group in self.layers:
            tokens = group(tokens, mask)
        return features + self.conv_after_body(self.norm(tokens).permute(0, 3, 1, 2))

    def reconstruct(self, features: torch.Tensor) -> torch.Tensor:
        """The upsampling tail."""
        return self.conv_last(self.upsample(self.conv_before_upsample(features))) + self.mean


class PatchEmbedding(nn.Module):
    """Holds the normalisation of the tokens, under the name that public weights give it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)


class Group(nn.Module):
    """Residual Swin Transformer block: Swin layers, every second one shifted, a convolution, the identity.

    Tokens are N x height x width x channels.
    """

    def __init__(self, settings: SwinIRSettings) -> None:
        super().__init__()
        self.residual_group = Layers(settings)
        self.conv = nn.Conv2d(settings.channels, settings.channels, 3, padding=1)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """mask: of the shifted windows."""
        deep = tokens
        for layer in self.residual_group.blocks:
            deep = layer(deep, mask)
        return tokens + self.conv(deep.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Layers(nn.Module):
    """Holds the layers of a group, under the name that public weights give them."""

    def __init__(self, settings: SwinIRSettings) -> None:
        super().__init__()
        shifts = (settings.window // 2 if number % 2 else 0 for number in range(settings.blocks))
        self.blocks = nn.ModuleList(SwinLayer(settings, shift) for shift in shifts)


class SwinLayer(nn.Module):
    """Attention within windows, shifted by `shift` pixels, and a perceptron, each with a residual."""

    def __init__(self, settings: SwinIRSettings, shift: int) -> None:
        super().__init__()
        self.shift = shift
        self.window = settings.window
        self.norm1 = nn.LayerNorm(settings.channels)
        self.attn = WindowAttention(settings)
        self.norm2 = nn.LayerNorm(settings.channels)
        self.mlp = Perceptron(settings.channels, settings.channels * settings.mlp_ratio)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """mask: of the shifted windows."""
        # Images of a single window are shifted too, as by the public networks, built for larger ones.
        shifted = self.norm1(tokens).roll((-self.shift, -self.shift), dims=(1, 2))
        attended = self.attn(shifted, mask if self.shift else None)
        tokens = tokens + attended.roll((self.shift, self.shift), dims=(1, 2))
        return tokens + self.mlp(self.norm2(tokens))


class WindowAttention(nn.Module):
    """Multi-head self-attention within windows, with a learned bias for each relative position."""

    relative_position_index: torch.Tensor

    def __init__(self, settings: SwinIRSettings) -> None:
        super().__init__()
        self.heads, self.window = settings.heads, settings.window
        table = (2 * settings.window - 1) ** 2
        self.relative_position_bias_table = nn.Parameter(torch.zeros(table, settings.heads))
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        self.register_buffer("relative_position_index", relative_positions(self.window), persistent=False)
        self.qkv = nn.Linear(settings.channels, 3 * settings.channels)
        self.proj = nn.Linear(settings.channels, settings.channels)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """mask: windows x 1 x area x area, or None where no window mixes parts that do not touch."""
        images, height, width, channels = tokens.shape
        windows = _to_windows(tokens, self.window)
        area = self.window**2
        parts = self.qkv(windows).view(len(windows), area, 3, self.heads, channels // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        bias = self._bias() if mask is None else (self._bias() + mask).repeat(images, 1, 1, 1)
        attended = functional.scaled_dot_product_attention(query, key, value, bias.to(query.dtype))
        projected = self.proj(attended.transpose(1, 2).reshape(len(windows), area, channels))
        return _from_windows(projected, self.window, height, width)

    def _bias(self) -> torch.Tensor:
        """1 x heads x area x area."""
        area = self.window**2
        bias = self.relative_position_bias_table[self.relative_position_index.flatten()]
        return bias.view(area, area, self.heads).permute(2, 0, 1)[None]


class Perceptron(nn.Module):
    """Two linear layers with a GELU between them."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.fc2(functional.gelu(self.fc1(tokens)))


def _padded(images: torch.Tensor, window: int) -> torch.Tensor:
    """Mirror at the last row and column, as often as it takes to reach a multiple of `window`.

    torch's own reflection refuses images smaller than what is to be added.
    """
    for dimension in (2, 3):
        size = images.shape[dimension]
        if size % window:
            period = max(2 * (size - 1), 1)
            place = torch.arange(size + -size % window, device=images.device) % period
            images = images.index_select(dimension, torch.minimum(place, period - place))
    return images


def _to_windows(tokens: torch.Tensor, window: int) -> torch.Tensor:
    """N x H x W x C to (N * windows) x area x C."""
    images, height, width, channels = tokens.shape
    grid = tokens.view(images, height // window, window, width // window, window, channels)
    return grid.transpose(2, 3).reshape(-1, window**2, channels)


def _from_windows(windows: torch.Tensor, window: int, height: int, width: int) -> torch.Tensor:
    """The inverse of `_to_windows`."""
    grid = windows.view(-1, height // window, width // window, window, window, windows.shape[-1])
    return grid.transpose(2, 3).reshape(-1, height, width, windows.shape[-1])


def relative_positions(window: int) -> torch.Tensor:
    """area x area: the row of the bias table that belongs to each pair of positions."""
    rows, columns = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
    rows, columns = rows.flatten(), columns.flatten()
    vertical = rows[:, None] - rows[None] + window - 1
    horizontal = columns[:, None] - columns[None] + window - 1
    return vertical * (2 * window - 1) + horizontal


def shift_mask(height: int, width: int, window: int, device: torch.device) -> torch.Tensor:
    """windows x 1 x area x area: -100 between pixels that only the cyclic shift brought together."""

    def region(size: int) -> torch.Tensor:
        position = torch.arange(size, device=device)
        return (position >= size - window).long() + (position >= size - window // 2).long()

    regions = (3 * region(height)[:, None] + region(width)[None]).view(1, height, width, 1)
    of_windows = _to_windows(regions, window).squeeze(-1)
    apart = of_windows[:, :, None] != of_windows[:, None]
    return torch.where(apart, -100.0, 0.0)[:, None]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
