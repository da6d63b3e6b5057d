"""When a loss and its equation written with loops agree."""

import torch

from sr.losses.batch import Batch


def agree(batch: Batch, ours: torch.Tensor, naive: torch.Tensor) -> None:
    assert abs((ours - naive).item()) < 1e-5 * max(1.0, abs(naive.item()))
    gradient = torch.autograd.grad(ours, batch.sr, retain_graph=True)[0]
    wanted = torch.autograd.grad(naive, batch.sr)[0]
    assert torch.allclose(gradient, wanted, atol=1e-7, rtol=1e-5)
