"""An exponential moving average of a network's weights."""

import copy

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class Average:
    """Psi_EMA of LDL, Eq. (5): W <- decay W + (1 - decay) w after every step, beginning with W = w.

    Batch normalisation's statistics and other buffers are copied, not averaged. torch's AveragedModel
    does the same, but asks its step counter on the device each time, which makes the host wait.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False).eval()
        self._blend = get_ema_multi_avg_fn(decay)

    def begin(self, network: nn.Module) -> None:
        """Be a copy of `network`."""
        self.network.load_state_dict(network.state_dict())

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move towards the present weights of `network`."""
        self._blend(list(self.network.parameters()), list(network.parameters()), 0)
        for ours, theirs in zip(self.network.buffers(), network.buffers(), strict=True):
            ours.copy_(theirs)
