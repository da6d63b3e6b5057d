"""Batch normalisation over the global batch, on any device (torch's SyncBatchNorm refuses CPUs)."""

import torch
from torch import nn

from sr.distributed import global_sum, processes


class BatchNorm2d(nn.BatchNorm2d):
    """torch's batch normalisation; with several processes its statistics are those of all their images.

    The processes hold equal shares of the batch.
    """

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if processes() == 1 or not self.training:
            return super().forward(features)
        count = features.numel() // features.shape[1] * processes()
        values = features.to(torch.promote_types(features.dtype, torch.float32))
        mean = global_sum(values.sum(dim=(0, 2, 3))) / count
        centred = values - _by_channel(mean)
        variance = global_sum(centred.square().sum(dim=(0, 2, 3))) / count
        self._remember(mean.detach(), variance.detach() * count / (count - 1))
        normalised = centred * _by_channel(torch.rsqrt(variance + self.eps) * self.weight)
        return (normalised + _by_channel(self.bias)).to(features.dtype)

    def _remember(self, mean: torch.Tensor, variance: torch.Tensor) -> None:
        """Move the running statistics as torch does, the variance being the unbiased one."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)


def _by_channel(values: torch.Tensor) -> torch.Tensor:
    return values.view(1, -1, 1, 1)
