"""Total variation against its definition, pixel by pixel, gradients included."""

import torch

from sr.losses.batch import Batch
from sr.losses.total_variation import TotalVariationSettings
from tests.losses.agreement import agree


def total_variation_naive(batch: Batch, low: float, high: float) -> torch.Tensor:
    images = low + (high - low) * batch.sr
    count, channels, height, width = images.shape
    total = torch.zeros((), dtype=torch.float64)
    for n in range(count):
        for c in range(channels):
            for y in range(height):
                for x in range(width):
                    if y + 1 < height:
                        total = total + (images[n, c, y + 1, x] - images[n, c, y, x]).abs()
                    if x + 1 < width:
                        total = total + (images[n, c, y, x + 1] - images[n, c, y, x]).abs()
    return total / count


def test_total_variation(batch: Batch) -> None:
    loss = TotalVariationSettings(weight=2e-8, intensity_range=(-1, 1)).build()
    agree(batch, loss(batch), total_variation_naive(batch, -1, 1))


def test_flat_images_have_no_variation() -> None:
    flat = torch.full((1, 3, 5, 5), 0.3)
    loss = TotalVariationSettings(weight=1.0, intensity_range=(0, 1)).build()
    assert loss(Batch(flat, flat, flat)) == 0
