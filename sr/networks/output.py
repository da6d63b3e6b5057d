"""A network's last layer, computed in float32 whatever precision the layers before it have.

Rounded to bfloat16, an image has some 200 levels between 0.5 and 1, and a logit two or three digits.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class OutputConv2d(nn.Conv2d):
    """A convolution whose input, product and output stay float32 under autocast."""

    def forward(self, features: Tensor) -> Tensor:
        return _in_float32(super().forward, features)


class OutputLinear(nn.Linear):
    """A linear layer whose input, product and output stay float32 under autocast."""

    def forward(self, features: Tensor) -> Tensor:
        return _in_float32(super().forward, features)


def _in_float32(layer: Callable[[Tensor], Tensor], features: Tensor) -> Tensor:
    kind = features.device.type
    # Tensors without values, which count operations, are on a device that has no autocast.
    if not (torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)):
        return layer(features)
    with torch.autocast(kind, enabled=False):
        return layer(features.float())
