"""Training on several processes: each takes its share of one global batch.

A statistic over the batch (a relativistic mean, a batch normalisation) is taken over the whole global
batch, so that the number of processes does not change what is learned.
"""

import torch
from torch import distributed
from torch.distributed.nn.functional import all_reduce


def processes() -> int:
    """How many processes share a batch; 1 without a process group."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def global_mean(values: torch.Tensor) -> torch.Tensor:
    """Mean over all elements on all processes (equal shares), a scalar that passes gradients on.

    Averaging the processes' parameter gradients then gives the gradient of one process on the whole batch.
    """
    mean = values.mean()
    return mean if processes() == 1 else all_reduce(mean) / processes()
