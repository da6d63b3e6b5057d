"""A network's last layer, computed in float32 whatever precision the layers before it have.

Rounded to bfloat16, an image has some 200 levels between 0.5 and 1, and a logit two or three digits.
"""

import torch
from torch import nn


class OutputConv2d(nn.Conv2d):
    """A convolution whose input, product and output stay float32 under autocast."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if not torch.is_autocast_enabled(features.device.type):
            return super().forward(features)
        with torch.autocast(features.device.type, enabled=False):
            return super().forward(features.float())


class OutputLinear(nn.Linear):
    """A linear layer whose input, product and output stay float32 under autocast."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        if not torch.is_autocast_enabled(features.device.type):
            return super().forward(features)
        with torch.autocast(features.device.type, enabled=False):
            return super().forward(features.float())
