"""Full float32 where a reduced product would change the answer, whatever training does around it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


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
