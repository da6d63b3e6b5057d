"""Best-buddy loss: every patch is taught by the truth's patch that suits it best (Beby-GAN, Eq. 1-3)."""

from collections.abc import Iterator
from typing import Self

import torch
from pydantic import Field, model_validator
from torch.nn import functional

from sr.degradation import bicubic
from sr.losses.batch import Batch, at_least_float32, full_precision
from sr.losses.settings import LossSettings

# Distances held at once. On a CPU they should stay in the cache; a GPU wants few, large products.
_DISTANCES_ON_CPU = 2**20
_DISTANCES_ON_GPU = 2**26
_BLOCK = 64
# Points among which float64 decides on a GPU.
_FEW = 4


class BestBuddySettings(LossSettings):
    """alpha, beta: pull of the ground truth and of the estimate in Eq. 2.

    patch: side of a patch. stride: step between patches, in the estimate and in every level of the pyramid.
    levels: how many images the pyramid of candidates has, each half as large as the one before.
    antialias: reduce as MATLAB's imresize does (the paper's bicubic), or interpolate without antialiasing.
    """

    alpha: float = Field(ge=0)
    beta: float = Field(ge=0)
    patch: int = Field(ge=1)
    stride: int = Field(ge=1)
    levels: int = Field(ge=1)
    antialias: bool

    @model_validator(mode="after")
    def _something_pulls(self) -> Self:
        if self.alpha + self.beta == 0:
            raise ValueError("alpha and beta are both 0, so every candidate would be as good as any other")
        return self

    def build(self) -> "BestBuddy":
        """The loss."""
        return BestBuddy(self)


class BestBuddy:
    """Mean absolute difference between the patches of the output and their best buddies.

    The candidates of an image are the patches of its ground truth and of its reductions by 2, 4, ...
    No gradient flows through the search. Raises ValueError when a level is smaller than a patch.
    """

    def __init__(self, settings: BestBuddySettings) -> None:
        self.settings = settings

    def __call__(self, batch: Batch) -> torch.Tensor:
        sr, hr = at_least_float32(batch.sr), at_least_float32(batch.hr)
        estimates = self._patches(sr)
        with torch.no_grad(), full_precision(sr.device):
            levels = [self._patches(level) for level in self._pyramid(hr)]
            candidates = torch.cat(levels, dim=1)
            buddies = best_buddies(estimates, levels[0], candidates, self.settings.alpha, self.settings.beta)
        return functional.l1_loss(estimates, buddies)

    def _pyramid(self, hr: torch.Tensor) -> list[torch.Tensor]:
        """Eq. 1: the image and its reductions."""
        return [hr, *(self._reduce(hr, 2**level) for level in range(1, self.settings.levels))]

    def _reduce(self, images: torch.Tensor, factor: int) -> torch.Tensor:
        if self.settings.antialias:
            return bicubic(images, 1 / factor)
        return functional.interpolate(images, scale_factor=1 / factor, mode="bicubic", align_corners=False)

    def _patches(self, images: torch.Tensor) -> torch.Tensor:
        """N x patches x values."""
        patch = self.settings.patch
        if min(images.shape[-2:]) < patch:
            raise ValueError(
                f"an image of {images.shape[-1]}x{images.shape[-2]} in the best-buddy loss's pyramid has no"
                f" {patch}x{patch} patch; train on larger patches or with fewer levels"
            )
        return functional.unfold(images, patch, stride=self.settings.stride).transpose(1, 2)


def best_buddies(
    estimates: torch.Tensor, truths: torch.Tensor, candidates: torch.Tensor, alpha: float, beta: float
) -> torch.Tensor:
    """Eq. 2: of `candidates` g (N x C x values), the one with the least alpha |g - g_i|^2 + beta |g - p_i|^2
    for each estimate p_i and its truth g_i (both N x P x values); N x P x values, without gradient.
    """
    with torch.no_grad():
        chosen = [
            points[_search(points, truth, estimate, alpha, beta)]
            for estimate, truth, points in zip(estimates, truths, candidates, strict=True)
        ]
        return torch.stack(chosen)


def _search(
    points: torch.Tensor, truths: torch.Tensor, estimates: torch.Tensor, alpha: float, beta: float
) -> torch.Tensor:
    """Which of the points (C x values) is the buddy of each estimate (P x values).

    Where the best points are too close to tell apart in the given precision, float64 decides: on a CPU among
    all points for those estimates that need it, on a GPU, where looking which these are would make the host
    wait, among the nearest few for every estimate.
    """
    centre = points.mean(dim=0)  # the answer does not depend on the origin, rounding does
    targets = alpha * (truths - centre) + beta * (estimates - centre)
    if points.device.type != "cpu":
        few = _nearest_few(points - centre, targets, alpha + beta)
        exact = alpha * truths.double() + beta * estimates.double()
        return _decided(points.double(), few, exact, alpha + beta)
    nearest, doubtful = _nearest(points - centre, targets, alpha + beta)
    if doubtful.any():
        exact = alpha * truths[doubtful].double() + beta * estimates[doubtful].double()
        nearest[doubtful] = _nearest(points.double(), exact, alpha + beta)[0]
    return nearest


def _nearest(points: torch.Tensor, targets: torch.Tensor, total: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Which of the points g has the least total |g|^2 - 2 g.target, for each target, and whether rounding
    may have decided. That expression is Eq. 2 without the part that is the same for all candidates.
    """
    nearest, least, second = [], [], []
    for distances in _distances(points, targets, total, _DISTANCES_ON_CPU):
        best, index = _row_minimum(distances)
        nearest.append(index[:, 0])
        least.append(best[:, 0])
        second.append(distances.scatter_(1, index, torch.inf).amin(dim=1))
    best = torch.cat(least)
    doubtful = torch.cat(second) - best <= _rounding(best, targets, total)
    # An estimate that is not finite has no nearest point, and may have got one of those added.
    return torch.cat(nearest).clamp(max=len(points) - 1), doubtful


def _nearest_few(points: torch.Tensor, targets: torch.Tensor, total: float) -> torch.Tensor:
    """The nearest points of each target, P x at most 4, by the same expression."""
    nearest = []
    for distances in _distances(points, targets, total, _DISTANCES_ON_GPU):
        chosen = []
        for _ in range(min(_FEW, len(points))):
            chosen.append(distances.argmin(dim=1, keepdim=True))
            distances.scatter_(1, chosen[-1], torch.inf)
        nearest.append(torch.cat(chosen, dim=1))
    return torch.cat(nearest).clamp(max=len(points) - 1)


def _decided(points: torch.Tensor, few: torch.Tensor, targets: torch.Tensor, total: float) -> torch.Tensor:
    """Which of a few points each (P x few) is nearest to its target, in the points' precision."""
    candidates = points[few]
    distances = total * candidates.square().sum(dim=2) - 2 * (candidates * targets[:, None]).sum(dim=2)
    return few.gather(1, distances.argmin(dim=1, keepdim=True))[:, 0]


def _distances(
    points: torch.Tensor, targets: torch.Tensor, total: float, limit: int
) -> Iterator[torch.Tensor]:
    """total |g|^2 - 2 g.target of all points g, for some targets at a time: rows, at most `limit` values in
    the same memory each time, with infinities added up to a multiple of the block.
    """
    missing = -len(points) % _BLOCK
    squares = functional.pad(total * points.square().sum(dim=1), (0, missing), value=torch.inf)
    columns = functional.pad(points, (0, 0, 0, missing)).T
    rows = min(len(targets), max(1, limit // len(squares)))
    buffer = points.new_empty(rows, len(squares))
    for chunk in targets.split(rows):
        yield torch.addmm(squares, chunk, columns, alpha=-2.0, out=buffer[: len(chunk)])


def _row_minimum(distances: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`distances.min(dim=1, keepdim=True)` at a quarter of the time: on a CPU only minima without indices are
    vectorised, so the index is looked for in the best block of each row alone.
    """
    blocks = distances.view(len(distances), -1, _BLOCK)
    best, block = blocks.amin(dim=2).min(dim=1, keepdim=True)
    inside = blocks.gather(1, block[:, :, None].expand(-1, -1, _BLOCK))[:, 0].argmin(dim=1, keepdim=True)
    return best, block * _BLOCK + inside


def _rounding(least: torch.Tensor, targets: torch.Tensor, total: float) -> torch.Tensor:
    """How far apart rounding may put two equal distances: the usual bound for a sum of products, for points
    that are as near to target / total as the best one.
    """
    lengths = targets.norm(dim=1) / total
    reach = lengths + (least / total + lengths.square()).clamp(min=0.0).sqrt()
    terms = targets.shape[1] + 8
    return terms * torch.finfo(targets.dtype).eps * total * reach * (reach + 2 * lengths)
