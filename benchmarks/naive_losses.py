"""Straightforward best-buddy loss, region mask and artifact loss, unfolding every patch.

They are what the fast versions in `sr.losses` are measured against, for speed and memory (`bench_losses`)
and for values and gradients (tests/losses). Nothing here is slowed down on purpose: batched matrix
products, whole tensors, torch's own unfolding and variance.
"""

import torch
from torch.nn import functional

from sr.degradation import bicubic


def best_buddy(sr: torch.Tensor, hr: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
    """Beby-GAN, Eq. 1-3: 3x3 patches at a stride of 3, three levels, all distances at once."""
    estimates, truths = patches(sr), patches(hr)
    candidates = torch.cat([truths, patches(bicubic(hr, 1 / 2)), patches(bicubic(hr, 1 / 4))], dim=1)
    to_truth = squared_distances(truths, candidates)
    to_estimate = squared_distances(estimates, candidates)
    nearest = (alpha * to_truth + beta * to_estimate).argmin(dim=2)
    buddies = candidates.gather(1, nearest[..., None].expand(-1, -1, candidates.shape[2]))
    return functional.l1_loss(estimates, buddies)


def patches(images: torch.Tensor) -> torch.Tensor:
    """N x patches x 27."""
    return functional.unfold(images, 3, stride=3).transpose(1, 2).contiguous()


def squared_distances(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """|a|^2 + |b|^2 - 2 a.b for all pairs."""
    lengths = first.square().sum(dim=2)[:, :, None] + second.square().sum(dim=2)[:, None]
    return (lengths - 2 * first @ second.transpose(1, 2)).clamp(min=0)


def region_mask(hr: torch.Tensor, patch: int, threshold: float) -> torch.Tensor:
    """Beby-GAN, Eq. 5, on luma: the deviation of every unfolded patch."""
    luma = 0.2989 * hr[:, :1] + 0.587 * hr[:, 1:2] + 0.114 * hr[:, 2:]
    half = patch // 2
    unfolded = functional.unfold(functional.pad(luma, (half, half, half, half), mode="reflect"), patch)
    return (unfolded.std(dim=1).view(luma.shape) >= threshold).to(hr.dtype)


def artifact(sr: torch.Tensor, hr: torch.Tensor, sr_ema: torch.Tensor, *, signed: bool) -> torch.Tensor:
    """LDL, Eq. 2-7, refined map: the variance of every unfolded 7x7 window, with gradient through the map."""
    magnitude = (hr - sr).abs().sum(dim=1, keepdim=True)
    magnitude_ema = (hr - sr_ema).abs().sum(dim=1, keepdim=True)
    residual = hr - sr if signed else magnitude
    windows = functional.pad(residual, (3, 3, 3, 3), mode="reflect").unfold(2, 7, 1).unfold(3, 7, 1)
    local = windows.var(dim=(1, 4, 5))[:, None]
    sigma = residual.var(dim=(1, 2, 3), keepdim=True) ** (1 / 5)
    refined = torch.where(magnitude < magnitude_ema, 0.0, sigma * local)
    return (refined * (hr - sr)).abs().mean()
