"""A small batch for loss tests."""

import pytest
import torch

from sr.losses.batch import Batch


@pytest.fixture
def batch() -> Batch:
    random = torch.Generator().manual_seed(0)
    sr = torch.rand(2, 3, 8, 12, generator=random, dtype=torch.float64).requires_grad_()
    hr = torch.rand(2, 3, 8, 12, generator=random, dtype=torch.float64)
    lr = torch.rand(2, 3, 2, 3, generator=random, dtype=torch.float64)
    return Batch(lr, hr, sr)
