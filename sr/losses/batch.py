"""What every loss is called with, and the precision of what it computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch


class Loss(Protocol):
    """A loss term: one call, one unweighted scalar."""

    def __call__(self, batch: "Batch") -> torch.Tensor:
        """The term's value for a batch."""
        ...


@runtime_checkable
class Pretrained(Protocol):
    """A loss with a frozen network of its own, which goes where the trained ones are, in their precision."""

    network: torch.nn.Module


@dataclass(frozen=True)
class Batch:
    """One training batch. Images are N x 3 x H x W in [0, 1].

    lr: low-resolution input. hr: ground truth. sr: the generator's output for lr.
    discriminator: images to N x 1 logits; absent when the recipe has none.
    sr_ema: output of the generator's exponential moving average for lr, without gradient, where a loss asks.
    mixing: one uniform draw in [0, 1) an image, for the gradient penalty of a Wasserstein game.
    """

    lr: torch.Tensor
    hr: torch.Tensor
    sr: torch.Tensor
    discriminator: torch.nn.Module | None = None
    sr_ema: torch.Tensor | None = None
    mixing: torch.Tensor | None = None

    def detached(self) -> "Batch":
        """The same batch for the discriminator's step: no gradient flows back to the generator."""
        return replace(self, sr=self.sr.detach())

    def judge(self, images: torch.Tensor) -> torch.Tensor:
        """The discriminator's logits for `images`."""
        if self.discriminator is None:
            raise ValueError("an adversarial loss needs a discriminator, and this batch has none")
        return self.discriminator(images)


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """No autocast on `device` and no TF32 or bfloat16 inside float32 products, until the block ends."""
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        torch.set_float32_matmul_precision(precision)


def at_least_float32(images: torch.Tensor) -> torch.Tensor:
    """Half-precision images as float32; float32 and float64 as they are."""
    return images.to(torch.promote_types(images.dtype, torch.float32))
